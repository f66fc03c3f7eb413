"""Builds the program from its parts, once, and takes it down in the reverse order.

The only module beside ``tools`` that knows the adapters.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from agentflow_desktop.adapters.builtin_engine import BuiltInEngine
from agentflow_desktop.adapters.configuration import (
    ConfigPaths,
    Configuration,
    find_config_paths,
    load_configuration,
)
from agentflow_desktop.adapters.google_genai import GoogleGenaiProvider
from agentflow_desktop.adapters.keyring_store import KeyringStore
from agentflow_desktop.adapters.openai_compatible import OpenAICompatibleProvider
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.program_session import ProgramSession, open_session
from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.sqlite.backups import list_backups, restore_backup, set_aside
from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.calibration import CalibrationTable
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.file_index import SqliteFileIndex
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.app.machine import ProgramMachine, bound_profiles
from agentflow_desktop.app.queries import Queries
from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.core.clock import Clock, SystemClock
from agentflow_desktop.core.events import EventCodec
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.settings import ModelSettings, Overrides, Settings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.orchestrator import Orchestrator
from agentflow_desktop.llm.provider import Billing, ModelProfile, ModelProvider, ProviderKind
from agentflow_desktop.llm.roles import Roles, bind_profiles
from agentflow_desktop.llm.route_planner import RoutePlanner
from agentflow_desktop.llm.windows import Windows
from agentflow_desktop.workflows.ask.job import AskJob
from agentflow_desktop.workflows.ask.model import AskRequest
from agentflow_desktop.workflows.ask.planning import AskPreparation

__all__ = [
    "Application",
    "ConfigPaths",
    "Configuration",
    "ProgramSession",
    "find_config_paths",
    "list_backups",
    "load_configuration",
    "open_application",
    "open_session",
    "restore_backup",
    "set_aside",
]
"""With what a face needs of the adapters before or without an application."""


@dataclass(frozen=True, slots=True)
class Application:
    """A running program behind its doors."""

    runs: RunManager
    queries: Queries
    codec: EventCodec
    settings: Settings


@dataclass(frozen=True, slots=True)
class _Stores:
    database: Database
    runs: SqliteRunStore
    cache: SqliteCacheStore
    ledger: SqliteLedger
    reader: DirectoryReader
    codec: EventCodec


@dataclass(frozen=True, slots=True)
class _Models:
    keys: KeyringStore
    seats: "_Seats"
    planner: ModelProfile
    heavy: ModelProfile
    roles: Roles
    prices: OfflinePriceBook


class _Seats:
    """Opens each model once: its key is looked up off the loop, its connection is kept."""

    def __init__(self, keys: KeyringStore, settings: ModelSettings) -> None:
        self._keys = keys
        self._settings = settings
        self._open: dict[ModelProfile, Seat] = {}

    async def open(self, profile: ModelProfile) -> Seat:
        if profile not in self._open:
            key = None
            if profile.key_name:
                found = await asyncio.to_thread(self._keys.find, profile.key_name, profile.key_env)
                key = found.value
            self._open[profile] = Seat(profile, self._provider(profile, key))
        return self._open[profile]

    def _provider(self, profile: ModelProfile, key: SecretStr | None) -> ModelProvider:
        match profile.provider:
            case ProviderKind.BUILT_IN:
                return BuiltInEngine()
            case ProviderKind.OPENAI_COMPATIBLE:
                return OpenAICompatibleProvider(profile, key, self._settings)
            case ProviderKind.GOOGLE_GENAI:
                return GoogleGenaiProvider(profile, key, self._settings)

    async def close(self) -> None:
        for seat in self._open.values():
            await seat.provider.close()


@asynccontextmanager
async def open_application(
    overrides: Overrides,
    *,
    redactor: Redactor | None = None,
    environ: Mapping[str, str] = os.environ,
    configuration: Configuration | None = None,
) -> AsyncGenerator[Application]:
    """The program, ready to use. On leaving, runs are cancelled and every store is closed.

    ``redactor`` is told every key that is found; ``configuration`` is what ``overrides`` gave if
    it was read before. Raises ConfigurationError or StorageError.
    """
    if configuration is None:
        configuration = await asyncio.to_thread(load_configuration, environ, overrides)
    settings = configuration.settings
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stores = await _open_stores(stack, configuration, clock)
        keys = KeyringStore(environ, (redactor or Redactor()).add)
        models = await _open_models(stack, configuration, keys)
        table = CalibrationTable(stores.database)
        calibration = await table.load()
        stack.push_async_callback(table.keep, calibration)
        preparation, ask = _ask_workflow(configuration, stores, models, calibration, clock)
        runs = RunManager(
            {AskRequest: ask},
            stores.runs,
            stores.ledger,
            clock,
            settings.performance.max_concurrent_tasks,
        )
        stack.push_async_callback(runs.close)
        queries = _queries(configuration, stores, models, preparation, clock)
        yield Application(runs, queries, stores.codec, settings)


async def _open_stores(
    stack: AsyncExitStack, configuration: Configuration, clock: Clock
) -> _Stores:
    settings = configuration.settings
    database = Database(configuration.database_path, clock=clock)
    stack.push_async_callback(asyncio.to_thread, database.close)
    await asyncio.to_thread(database.open)
    codec = event_codec()
    # The stores learn whose process they work in, which is read from the system's files.
    runs = await asyncio.to_thread(SqliteRunStore, database, codec, clock)
    cache = SqliteCacheStore(
        database, configuration.cache_directory, settings.production.caching, clock
    )
    stack.push_async_callback(asyncio.to_thread, cache.close)
    ledger = await asyncio.to_thread(
        SqliteLedger,
        database,
        settings.production.cost_tracking,
        await asyncio.to_thread(BudgetCalendar, settings.budget.timezone),  # reads zone files
        clock,
        cache.saved_usd,
    )
    await ledger.sweep()
    await runs.mark_interrupted()
    reader = DirectoryReader(
        workflow=settings.workflow,
        performance=settings.performance,
        index=SqliteFileIndex(database, DirectoryReader.version),
    )
    stack.push_async_callback(reader.close)
    return _Stores(database, runs, cache, ledger, reader, codec)


async def _open_models(
    stack: AsyncExitStack, configuration: Configuration, keys: KeyringStore
) -> _Models:
    settings = configuration.settings.models
    seats = _Seats(keys, settings)
    stack.push_async_callback(seats.close)
    planner, heavy = bind_profiles(configuration.profiles, settings.planner, settings.heavy)
    roles = Roles(await seats.open(planner), await seats.open(heavy))
    prices = OfflinePriceBook()
    if Billing.METERED in (planner.billing, heavy.billing):
        await asyncio.to_thread(prices.load)
    return _Models(keys, seats, planner, heavy, roles, prices)


def _ask_workflow(
    configuration: Configuration,
    stores: _Stores,
    models: _Models,
    calibration: Calibration,
    clock: Clock,
) -> tuple[AskPreparation, AskJob]:
    settings = configuration.settings
    caller = ModelCaller(
        ledger=stores.ledger,
        prices=models.prices,
        settings=settings.models,
        prompts=configuration.prompts,
        calibration=calibration,
        clock=clock,
    )
    parts = TierParts(
        roles=models.roles,
        caller=caller,
        prompts=configuration.prompts,
        settings=settings.verification,
        windows=Windows(calibration, settings.context_routing, settings.verification),
        clock=clock,
        concurrent_packs=settings.performance.max_concurrent_tasks,
    )
    routes = RoutePlanner(parts, models.prices)
    preparation = AskPreparation(
        reader=stores.reader,
        routes=routes,
        roles=models.roles,
        prompts=configuration.prompts,
        cache=stores.cache,
        verification=settings.verification,
        routing=settings.context_routing,
        workflow=settings.workflow,
    )
    orchestrator = Orchestrator(parts)
    ask = AskJob(
        preparation=preparation,
        orchestrator=orchestrator,
        cache=stores.cache,
        caching=settings.production.caching,
        clock=clock,
    )
    return preparation, ask


def _queries(
    configuration: Configuration,
    stores: _Stores,
    models: _Models,
    preparation: AskPreparation,
    clock: Clock,
) -> Queries:
    machine = ProgramMachine(
        profiles=configuration.profiles,
        bound=bound_profiles(models.planner, models.heavy),
        open_seat=models.seats.open,
        keys=models.keys,
        prices=models.prices,
        clock=clock,
        ledger=stores.ledger,
        cache=stores.cache,
        runs=stores.runs,
        storage=stores.database,
        reader=stores.reader,
        probe_file=shipped_path("config/settings.yaml"),
        log_directory=configuration.log_directory,
    )
    return Queries(
        runs=stores.runs,
        ledger=stores.ledger,
        cache=stores.cache,
        planner=preparation,
        machine=machine,
        reader=stores.reader,
        limits=configuration.settings.production.cost_tracking,
    )
