"""One file on its way through the workers: its page ranges, and the document they make."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from agentflow_desktop.adapters.readers.wire import FailedReply, ReadReply, WorkerReply
from agentflow_desktop.documents.document import Document, Page
from agentflow_desktop.documents.tokens import raw_tokens

PAGES_PER_PART = 48
_PAGE_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Part:
    """Pages [first, last) of a file; for files without pages the one part is everything."""

    job: "FileJob"
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A document with its token estimate, or why there is none; see ``FileReading``."""

    document: Document | None
    reason: str = ""
    raw_tokens: int = 0
    is_passing: bool = False


class FileJob:
    """Collects the parts of one file, which come from several threads in any order."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.done: Future[JobOutcome] = Future()
        self.done.set_running_or_notify_cancel()  # a cancelled reader must not cancel our end
        self.is_abandoned = False
        self._lock = threading.Lock()
        self._parts: dict[int, ReadReply] = {}
        self._awaited = 1

    def first_part(self) -> Part:
        return Part(self, 0, PAGES_PER_PART)

    def receive(self, part: Part, reply: WorkerReply) -> list[Part]:
        """Take a part's reply; gives the parts that must still be asked for."""
        with self._lock:
            if self.done.done():
                return []
            if isinstance(reply, FailedReply):
                self.done.set_result(JobOutcome(None, reply.reason, is_passing=reply.is_passing))
                return []
            further: list[Part] = []
            if part.first == 0 and reply.page_count > part.last:
                starts = range(part.last, reply.page_count, PAGES_PER_PART)
                further = [Part(self, first, first + PAGES_PER_PART) for first in starts]
                self._awaited += len(further)
            self._parts[part.first] = reply
            is_complete = len(self._parts) == self._awaited
        if is_complete:
            self.done.set_result(self._assembled())
        return further

    def fail(self, reason: str) -> None:
        """End the job without a document; too late if it has ended."""
        with self._lock:
            if not self.done.done():
                self.done.set_result(JobOutcome(None, reason, is_passing=True))

    def _assembled(self) -> JobOutcome:
        replies = [self._parts[first] for first in sorted(self._parts)]
        first = replies[0]
        if any(reply.digest != first.digest for reply in replies):
            return JobOutcome(None, "It was changed while it was being read.", is_passing=True)
        if first.pages is None:
            document = Document(
                name=self.name,
                digest=first.digest,
                media=first.media,
                text=first.text,
                source_lines=first.source_lines,
                notes=first.notes,
            )
            return JobOutcome(document, raw_tokens=raw_tokens(document.text))
        return self._assembled_pages(replies)

    def _assembled_pages(self, replies: list[ReadReply]) -> JobOutcome:
        texts = [text for reply in replies for text in reply.pages or ()]
        empty = [number for reply in replies for number in reply.empty_pages]
        if len(texts) != replies[0].page_count:
            return JobOutcome(None, "Some of its pages could not be read.")
        if len(empty) == len(texts):
            reason = "Its pages have no text layer: they are pictures, or empty."
            return JobOutcome(None, reason)
        pages: list[Page] = []
        at = 0
        for number, text in enumerate(texts, start=1):
            pages.append(Page(number, at, at + len(text)))
            at += len(text) + len(_PAGE_BREAK)
        document = Document(
            name=self.name,
            digest=replies[0].digest,
            media=replies[0].media,
            text=_PAGE_BREAK.join(texts),
            pages=tuple(pages),
            notes=_empty_page_notes(empty),
        )
        return JobOutcome(document, raw_tokens=raw_tokens(document.text))


def _empty_page_notes(numbers: list[int]) -> tuple[str, ...]:
    if not numbers:
        return ()
    if len(numbers) == 1:
        return (f"Page {numbers[0]} has no text layer.",)
    return (f"Pages {_ranges(numbers)} have no text layer.",)


def _ranges(numbers: list[int]) -> str:
    """``3, 5-7`` for 3, 5, 6, 7."""
    parts: list[str] = []
    first = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        parts.append(f"{first}" if first == last else f"{first}-{last}")
        first = last = number
    return ", ".join(parts)
