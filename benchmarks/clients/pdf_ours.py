"""Pages per second of our reader: two worker processes, text with positions and its size."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader, reader_version
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.file_index import SqliteFileIndex
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import Selection


async def main(folder: Path, home: Path) -> None:
    database = Database(home / "bench.db", clock=SystemClock())
    await asyncio.to_thread(database.open)
    workflow, performance = WorkflowSettings(), PerformanceSettings(reader_processes=2)
    version = reader_version(workflow, performance, has_ocr=False)
    reader = DirectoryReader(
        workflow=workflow,
        performance=performance,
        index=SqliteFileIndex(database, version),
        version=version,
    )
    files = await reader.survey(Selection(directories=(folder,)))
    warm_up = [reading async for reading in reader.read(files[:1] * 2)]
    assert all(reading.document for reading in warm_up), warm_up
    started = time.perf_counter()
    pages = characters = 0
    async for reading in reader.read(files[1:]):
        assert reading.document is not None, reading
        pages += len(reading.document.pages)
        characters += len(reading.document.text)
    took_s = time.perf_counter() - started
    await reader.close()
    await asyncio.to_thread(database.close)
    print(json.dumps({"pages_per_s": pages / took_s, "characters": characters}))


with tempfile.TemporaryDirectory() as name:
    asyncio.run(main(Path(sys.argv[1]), Path(name)))
