"""What keeps and reads: database, ledger, history, cache, reader, opened once for the program."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from agentflow_desktop.adapters.configuration import (
    Configuration,
)
from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader, reader_version
from agentflow_desktop.adapters.readers.page_drawer import ProcessPageDrawer
from agentflow_desktop.adapters.readers.picture_reader import ocr_command
from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.file_index import SqliteFileIndex
from agentflow_desktop.adapters.sqlite.history import SqliteHistory
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.app.jobs import event_codec, run_facts
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.events import EventCodec
from agentflow_desktop.llm.budget import BudgetCalendar


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that holds a file or a child process open."""

    database: Database
    runs: SqliteRunStore
    history: SqliteHistory
    cache: SqliteCacheStore
    ledger: SqliteLedger
    calendar: BudgetCalendar
    reader: DirectoryReader
    drawer: ProcessPageDrawer
    codec: EventCodec


async def open_stores(stack: AsyncExitStack, configuration: Configuration, clock: Clock) -> Stores:
    """Open all of it; the stack closes it. Raises StorageError."""
    settings = configuration.settings
    database = Database(configuration.database_path, clock=clock)
    stack.push_async_callback(asyncio.to_thread, database.close)
    await asyncio.to_thread(database.open)
    codec = event_codec()
    # The stores learn whose process they work in, which is read from the system's files.
    runs = await asyncio.to_thread(SqliteRunStore, database, codec, clock, run_facts)
    history = SqliteHistory(database, codec, clock)
    # It reads zone files.
    calendar = await asyncio.to_thread(BudgetCalendar, settings.budget.timezone)
    cache = SqliteCacheStore(
        database, configuration.cache_directory, settings.production.caching, calendar, clock
    )
    stack.push_async_callback(asyncio.to_thread, cache.close)
    ledger = await asyncio.to_thread(
        SqliteLedger,
        database,
        settings.production.cost_tracking,
        calendar,
        clock,
        cache.saved_usd,
    )
    await ledger.sweep()
    await runs.mark_interrupted()
    await history.purge()
    ocr = await asyncio.to_thread(ocr_command)
    version = await asyncio.to_thread(
        reader_version, settings.workflow, settings.performance, has_ocr=ocr is not None
    )
    reader = DirectoryReader(
        workflow=settings.workflow,
        performance=settings.performance,
        index=SqliteFileIndex(database, version),
        version=version,
        ocr=ocr,
    )
    stack.push_async_callback(reader.close)
    drawer = ProcessPageDrawer(workflow=settings.workflow, performance=settings.performance)
    stack.push_async_callback(drawer.close)
    return Stores(database, runs, history, cache, ledger, calendar, reader, drawer, codec)
