"""From a worker's replies to documents: page ranges joined, names and places given."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.adapters.readers.file_names import shown_name
from agentflow_desktop.adapters.readers.wire import ContentReply, EnclosedReply, ReadReply
from agentflow_desktop.documents.document import Document, FileState, Page
from agentflow_desktop.documents.tokens import raw_tokens

_PAGE_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """A document within a file with its token estimate, or why there is none."""

    name: str
    digest: str
    byte_count: int
    state: FileState
    document: Document | None
    reason: str = ""
    raw_tokens: int = 0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A file's document with its token estimate, or why there is none, and what lies within.

    ``is_passing`` as in ``FileReading``.
    """

    document: Document | None
    reason: str = ""
    raw_tokens: int = 0
    inside: tuple[PartOutcome, ...] = ()
    is_passing: bool = False

    @property
    def total_tokens(self) -> int:
        return self.raw_tokens + sum(part.raw_tokens for part in self.inside)


def assemble(name: str, replies: Sequence[ReadReply]) -> JobOutcome:
    """The outcome of a file from the replies to its page ranges, in order."""
    first = replies[0]
    if any(reply.digest != first.digest for reply in replies):
        return JobOutcome(None, "It was changed while it was being read.", is_passing=True)
    made = _document(name, first.digest, [reply.content for reply in replies])
    if isinstance(made, str):
        return JobOutcome(None, made)
    inside = tuple(_part(name, reply) for reply in first.inside)
    return JobOutcome(made, raw_tokens=raw_tokens(made.text), inside=inside)


def _part(file_name: str, reply: EnclosedReply) -> PartOutcome:
    name = f"{file_name}/{shown_name(reply.name)}"
    reason, document = reply.reason, None
    if reply.content is not None:
        made = _document(name, reply.digest, [reply.content])
        document, reason = (None, made) if isinstance(made, str) else (made, "")
    if document is not None:
        state = FileState.READ
    else:
        state = FileState.SKIPPED if reply.is_skipped else FileState.FAILED
    tokens = raw_tokens(document.text) if document is not None else 0
    return PartOutcome(name, reply.digest, reply.byte_count, state, document, reason, tokens)


def _document(name: str, digest: str, contents: Sequence[ContentReply]) -> Document | str:
    """The document, or the sentence that says why there is none."""
    first = contents[0]
    if first.pages is not None:
        return _paged_document(name, digest, contents)
    return Document(
        name=name,
        digest=digest,
        media=first.media,
        text=first.text,
        source_lines=first.source_lines,
        notes=first.notes,
    )


def _paged_document(name: str, digest: str, contents: Sequence[ContentReply]) -> Document | str:
    texts = [text for content in contents for text in content.pages or ()]
    names = [shown_name(name) for content in contents for name in content.page_names]
    empty = [number for content in contents for number in content.empty_pages]
    if len(texts) != contents[0].page_count:
        return "Some of its pages could not be read."
    if len(empty) == len(texts):
        return "Its pages have no text layer: they are pictures, or empty."
    pages: list[Page] = []
    at = 0
    for number, text in enumerate(texts, start=1):
        page_name = names[number - 1] if names else ""
        pages.append(Page(number, at, at + len(text), page_name))
        at += len(text) + len(_PAGE_BREAK)
    notes = dict.fromkeys(note for content in contents for note in content.notes)
    return Document(
        name=name,
        digest=digest,
        media=contents[0].media,
        text=_PAGE_BREAK.join(texts),
        pages=tuple(pages),
        source_lines=_source_lines(contents),
        notes=(*_empty_page_notes(empty), *notes),
    )


def _source_lines(contents: Sequence[ContentReply]) -> tuple[int, ...] | None:
    """The line numbers of all pages, with one more for the blank line between two of them."""
    numbers: list[int] = []
    for content in contents:
        if content.page_lines is None:
            return None
        for lines in content.page_lines:
            if numbers:
                numbers.append(numbers[-1])
            numbers += lines
    return tuple(numbers)


def _empty_page_notes(numbers: list[int]) -> tuple[str, ...]:
    if not numbers:
        return ()
    if len(numbers) == 1:
        return (f"Page {numbers[0]} has no text layer.",)
    return (f"Pages {page_ranges(numbers)} have no text layer.",)


def page_ranges(numbers: Sequence[int]) -> str:
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
