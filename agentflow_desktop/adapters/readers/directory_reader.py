"""Files and folders to documents: the one implementation of ``DocumentReader``."""

import asyncio
import hashlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from agentflow_desktop.adapters.readers.assembly import JobOutcome, PartOutcome, assemble
from agentflow_desktop.adapters.readers.content import HEAD_BYTES, ContentKind, sniff
from agentflow_desktop.adapters.readers.file_index import FileIndex, FileStamp, IndexedFile
from agentflow_desktop.adapters.readers.file_job import FileJob
from agentflow_desktop.adapters.readers.picture_reader import (
    PictureReader,
    installed_version,
    ocr_versions,
)
from agentflow_desktop.adapters.readers.survey import FoundFile, Survey
from agentflow_desktop.adapters.readers.worker_pool import WorkerPool
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import (
    FileReading,
    FileState,
    Selection,
    SurveyedFile,
)

READER_VERSION = "3"
_LIBRARIES = ("charset-normalizer", "openpyxl", "pypdfium2", "python-docx")

# A file changed this recently may change again within the same tick of the file system's clock.
_SETTLED_NS = 2_000_000_000
_CHUNK_BYTES = 1 << 20


class DirectoryReader:
    """Surveys folders in a thread and parses files in child processes that live until ``close``."""

    def __init__(
        self,
        *,
        workflow: WorkflowSettings,
        performance: PerformanceSettings,
        index: FileIndex,
        version: str,
        ocr: Sequence[str] | None = None,
    ) -> None:
        """``version`` is what ``reader_version`` gives; ``ocr`` is the command of the process that
        reads pictures, None without one."""
        self._workflow = workflow
        self.version = version
        self._index = index
        self._pool = WorkerPool(performance, workflow, reads_pictures=ocr is not None)
        self._pictures = (
            PictureReader(ocr, workflow=workflow, performance=performance) if ocr else None
        )

    async def survey(self, selection: Selection) -> tuple[SurveyedFile, ...]:
        """Every file of the selection, digested where it can be read; none is parsed."""
        survey = Survey(self._workflow.max_files, self._workflow.max_file_mb * 1_000_000)
        try:
            found, stamps = await asyncio.to_thread(_walked, survey, selection)
            known = dict(await self._index.find(list(stamps)))
            fresh = [file for stamp, file in stamps.items() if stamp not in known]
            looked = await asyncio.to_thread(
                _look_at, fresh, survey.stop.is_set, reads_pictures=self._pictures is not None
            )
        except asyncio.CancelledError:
            survey.stop.set()
            raise
        indexed = {_stamp(file): entry for file, entry in looked if isinstance(entry, IndexedFile)}
        await self._keep_settled(indexed)
        failures = {file.path: entry for file, entry in looked if isinstance(entry, str)}
        tokens = await self._index.find_tokens([entry.digest for entry in indexed.values()])
        for stamp, entry in indexed.items():
            known[stamp] = replace(entry, raw_tokens=tokens.get(entry.digest))
        return await asyncio.to_thread(_all_surveyed, found, known, failures)

    async def read(
        self,
        files: tuple[SurveyedFile, ...],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[FileReading]:
        """One reading per file, in the order given, then those of the documents within it; a
        file that was not surveyed as READ is passed on as it is."""
        jobs = {
            at: FileJob(file.path, file.name)
            for at, file in enumerate(files)
            if file.state is FileState.READ
        }
        waiting = deque(jobs)
        ahead = self._pool.size * 4  # bounds how many documents wait for their turn in memory
        tokens: dict[str, int] = {}
        try:
            for at, file in enumerate(files):
                while waiting and waiting[0] < at + ahead:
                    self._pool.submit(jobs[waiting.popleft()])
                job = jobs.get(at)
                if job is None:
                    readings = (FileReading(file, file.state, None, file.reason),)
                else:
                    outcome = await self._with_pictures(job, await asyncio.wrap_future(job.done))
                    del jobs[at]
                    readings = _readings(file, outcome)
                    known = readings[0].file
                    if known.raw_tokens is not None:
                        tokens[known.digest] = known.raw_tokens
                if on_progress is not None:
                    on_progress(at + 1, len(files))
                for reading in readings:
                    yield reading
            await self._index.keep_tokens(tokens)
        finally:
            for job in jobs.values():
                self._pool.abandon(job)

    async def close(self) -> None:
        """End the child processes."""
        await asyncio.to_thread(self._pool.close)
        if self._pictures is not None:
            await self._pictures.close()

    async def _with_pictures(self, job: FileJob, outcome: JobOutcome) -> JobOutcome:
        """The outcome with the text of pages that are pictures, where OCR can read it."""
        if self._pictures is None or not outcome.pictures:
            return outcome
        read = await self._pictures.read(job.path, job.name, outcome.pictures)
        return await asyncio.to_thread(assemble, job.name, outcome.replies, read)

    async def _keep_settled(self, indexed: dict[FileStamp, IndexedFile]) -> None:
        before_ns = time.time_ns() - _SETTLED_NS  # the file system's own clock is the wall clock
        settled = {
            stamp: entry
            for stamp, entry in indexed.items()
            if max(stamp.modified_ns, stamp.changed_ns) < before_ns
        }
        if settled:
            await self._index.keep(settled)


def reader_version(
    workflow: WorkflowSettings, performance: PerformanceSettings, *, has_ocr: bool
) -> str:
    """What names everything that another text of the same bytes could come from. Reads files.

    The limit of memory is part of it: a file that needs more has none, and that is kept.
    """
    parts = [READER_VERSION, *(f"{name} {installed_version(name)}" for name in _LIBRARIES)]
    parts.append(f"{performance.reader_memory_mb} MB")
    if has_ocr:
        limits = f"{workflow.max_ocr_pages} pages in {performance.ocr_memory_mb} MB"
        parts += [ocr_versions(), limits]
    return "; ".join(parts)


def _walked(
    survey: Survey, selection: Selection
) -> tuple[list[FoundFile], dict[FileStamp, FoundFile]]:
    found = survey.files(selection)
    return found, {_stamp(file): file for file in found if file.state is FileState.READ}


def _all_surveyed(
    found: Sequence[FoundFile], known: dict[FileStamp, IndexedFile], failures: dict[Path, str]
) -> tuple[SurveyedFile, ...]:
    return tuple(_surveyed(file, known, failures) for file in found)


def _stamp(file: FoundFile) -> FileStamp:
    status = file.status
    if status is None:
        raise ValueError(f"{file.name} was not looked at")
    return FileStamp(
        str(file.path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
    )


def _look_at(
    files: Sequence[FoundFile], is_stopped: Callable[[], bool], *, reads_pictures: bool
) -> list[tuple[FoundFile, IndexedFile | str]]:
    """Each file's finding, or the sentence that says why it can't be read."""
    looked: list[tuple[FoundFile, IndexedFile | str]] = []
    for file in files:
        if is_stopped():
            break
        try:
            looked.append((file, _digested(file.path, file.name, reads_pictures=reads_pictures)))
        except OSError as error:
            looked.append((file, f"It can't be read: {(error.strerror or str(error)).lower()}."))
    return looked


def _digested(path: Path, name: str, *, reads_pictures: bool) -> IndexedFile:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    digest = hashlib.sha256()
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - it takes a descriptor
        chunk = file.read(_CHUNK_BYTES)
        content = sniff(chunk[:HEAD_BYTES], name)
        is_unread_picture = content.kind is ContentKind.PICTURE and not reads_pictures
        if content.kind is ContentKind.BINARY or is_unread_picture:
            return IndexedFile("", f"It is {content.label}.")
        while chunk:
            digest.update(chunk)
            chunk = file.read(_CHUNK_BYTES)
    return IndexedFile(digest.hexdigest())


def _surveyed(
    file: FoundFile, known: dict[FileStamp, IndexedFile], failures: dict[Path, str]
) -> SurveyedFile:
    byte_count = file.status.st_size if file.status is not None else 0
    if file.state is not FileState.READ:
        return SurveyedFile(file.path, file.name, file.state, byte_count, "", file.reason)
    if file.path in failures:
        reason = failures[file.path]
        return SurveyedFile(file.path, file.name, FileState.FAILED, byte_count, "", reason)
    entry = known[_stamp(file)]
    if entry.reason:
        return SurveyedFile(file.path, file.name, FileState.SKIPPED, byte_count, "", entry.reason)
    return SurveyedFile(
        file.path, file.name, FileState.READ, byte_count, entry.digest, "", entry.raw_tokens
    )


def _readings(file: SurveyedFile, outcome: JobOutcome) -> tuple[FileReading, ...]:
    document = outcome.document
    if document is None:
        failed = FileReading(
            file, FileState.FAILED, None, outcome.reason, is_passing=outcome.is_passing
        )
        return (failed,)
    if file.digest and document.digest != file.digest:
        reason = "It was changed after the list of files was made."
        return (FileReading(file, FileState.FAILED, None, reason, is_passing=True),)
    known = replace(file, digest=document.digest, raw_tokens=outcome.total_tokens)
    own = FileReading(
        known,
        FileState.READ,
        document,
        raw_tokens=outcome.raw_tokens,
        is_passing=outcome.is_passing,
    )
    return (own, *(_reading_within(file, part) for part in outcome.inside))


def _reading_within(file: SurveyedFile, part: PartOutcome) -> FileReading:
    tokens = part.raw_tokens if part.document is not None else None
    within = SurveyedFile(
        file.path, part.name, part.state, part.byte_count, part.digest, part.reason, tokens
    )
    return FileReading(within, part.state, part.document, part.reason, tokens)
