"""A real reader over a real index, for tests that need documents from files."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader, reader_version
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.file_index import SqliteFileIndex
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import FileReading, Selection


@asynccontextmanager
async def open_reader(
    directory: Path,
    *,
    workflow: WorkflowSettings | None = None,
    performance: PerformanceSettings | None = None,
    ocr: Sequence[str] | None = None,
) -> AsyncIterator[DirectoryReader]:
    """A reader whose index lies in ``directory``; its processes end with the block."""
    workflow = workflow or WorkflowSettings()
    performance = performance or PerformanceSettings()
    version = await asyncio.to_thread(
        reader_version, workflow, performance, has_ocr=ocr is not None
    )
    database = Database(directory / "index.sqlite3")
    reader = DirectoryReader(
        workflow=workflow,
        performance=performance,
        index=SqliteFileIndex(database, version),
        version=version,
        ocr=ocr,
    )
    try:
        yield reader
    finally:
        await reader.close()
        database.close()


async def read_all(reader: DirectoryReader, folder: Path) -> dict[str, FileReading]:
    """Every file below a folder by its name."""
    files = await reader.survey(Selection(directories=(folder,)))
    return {reading.file.name: reading async for reading in reader.read(files)}
