"""One file on its way through the workers: its page ranges, and the document they make."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from agentflow_desktop.adapters.readers.assembly import JobOutcome, assemble
from agentflow_desktop.adapters.readers.wire import FailedReply, ReadReply, WorkerReply

PAGES_PER_PART = 48


@dataclass(frozen=True, slots=True)
class Part:
    """Pages [first, last) of a file; for files without pages the one part is everything."""

    job: "FileJob"
    first: int
    last: int


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
            came = len(reply.content.pages or ())
            if part.first == 0 and reply.content.page_count > max(part.last, came):
                starts = range(part.last, reply.content.page_count, PAGES_PER_PART)
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
        return assemble(self.name, [self._parts[first] for first in sorted(self._parts)])
