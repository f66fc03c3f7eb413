"""Builds the program from its parts, once, and takes it down in the reverse order.

The only module beside ``tools`` that knows the adapters.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

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
from agentflow_desktop.adapters.licences import list_licences
from agentflow_desktop.adapters.local_servers import USUAL_PORTS, find_local_servers
from agentflow_desktop.adapters.log_reader import read_log_tail
from agentflow_desktop.adapters.models_editing import ModelsEditor
from agentflow_desktop.adapters.openai_compatible import OpenAICompatibleProvider
from agentflow_desktop.adapters.pdf_printer import ProcessPdfPrinter
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.program_session import ProgramSession, open_session
from agentflow_desktop.adapters.prompts_file import describe_prompts
from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader, reader_version
from agentflow_desktop.adapters.readers.page_drawer import ProcessPageDrawer
from agentflow_desktop.adapters.readers.picture_reader import ocr_command
from agentflow_desktop.adapters.settings_editing import SettingsEditor
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.sqlite.backups import list_backups, restore_backup, set_aside
from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.calibration import CalibrationTable
from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.drafts import SqliteDraftStore
from agentflow_desktop.adapters.sqlite.file_index import SqliteFileIndex
from agentflow_desktop.adapters.sqlite.history import SqliteHistory
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.adapters.whole_file import check_target, write_whole
from agentflow_desktop.app.cost_queries import CostQueries
from agentflow_desktop.app.draft_queries import DraftQueries
from agentflow_desktop.app.history_queries import HistoryQueries
from agentflow_desktop.app.jobs import event_codec, run_facts
from agentflow_desktop.app.machine import ProgramMachine, bound_profiles
from agentflow_desktop.app.model_editing import ModelEditing
from agentflow_desktop.app.model_queries import ModelQueries
from agentflow_desktop.app.queries import Queries
from agentflow_desktop.app.report_queries import ReportQueries
from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.app.settings_queries import SettingsQueries
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.app.upkeep_queries import UpkeepQueries
from agentflow_desktop.core.clock import Clock, SystemClock
from agentflow_desktop.core.events import EventCodec
from agentflow_desktop.core.keys import KeyStore
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.settings import ModelSettings, Overrides, Settings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.context_caches import ContextCaching
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.late_key import LateKeyProvider
from agentflow_desktop.llm.orchestrator import Orchestrator
from agentflow_desktop.llm.probing import Prober
from agentflow_desktop.llm.provider import Billing, ModelProfile, ModelProvider, ProviderKind
from agentflow_desktop.llm.roles import Roles, bind_fallbacks, bind_profiles
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
    "check_target",
    "find_config_paths",
    "list_backups",
    "list_licences",
    "load_configuration",
    "model_door",
    "open_application",
    "open_session",
    "read_log_tail",
    "restore_backup",
    "set_aside",
    "settings_door",
    "write_whole",
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
    history: SqliteHistory
    cache: SqliteCacheStore
    ledger: SqliteLedger
    calendar: BudgetCalendar
    reader: DirectoryReader
    drawer: ProcessPageDrawer
    codec: EventCodec


@dataclass(frozen=True, slots=True)
class _Models:
    keys: KeyStore
    seats: "_Seats"
    planner: ModelProfile
    heavy: ModelProfile
    fallbacks: Mapping[Role, ModelProfile]
    roles: Roles
    prices: OfflinePriceBook


class _Seats:
    """Opens each model once and keeps its connection; its key is looked up off the loop."""

    def __init__(self, keys: KeyStore, settings: ModelSettings) -> None:
        self._keys = keys
        self._settings = settings
        self._open: dict[ModelProfile, Seat] = {}

    async def open(self, profile: ModelProfile) -> Seat:
        if profile not in self._open:
            provider = _open_provider(profile, None, self._settings)
            if profile.key_name:
                provider = LateKeyProvider(
                    partial(self._find_key, profile),
                    lambda key: _open_provider(profile, key, self._settings),
                )
            self._open[profile] = Seat(profile, provider)
        return self._open[profile]

    async def _find_key(self, profile: ModelProfile) -> SecretStr | None:
        found = await asyncio.to_thread(self._keys.find, profile.key_name, profile.key_env)
        return found.value

    async def close(self) -> None:
        for seat in self._open.values():
            await seat.provider.close()


def _open_provider(
    profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
) -> ModelProvider:
    match profile.provider:
        case ProviderKind.BUILT_IN:
            return BuiltInEngine()
        case ProviderKind.OPENAI_COMPATIBLE:
            return OpenAICompatibleProvider(profile, key, settings)
        case ProviderKind.GOOGLE_GENAI:
            return GoogleGenaiProvider(profile, key, settings)


@asynccontextmanager
async def _provider_for_once(
    profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
) -> AsyncGenerator[ModelProvider]:
    provider = _open_provider(profile, key, settings)
    try:
        yield provider
    finally:
        await provider.close()


def settings_door(environ: Mapping[str, str], overrides: Overrides) -> SettingsQueries:
    """The door for settings alone: it works beside a file that can't be used."""
    return SettingsQueries(SettingsEditor(environ, overrides))


def model_door(
    environ: Mapping[str, str],
    overrides: Overrides,
    keys: KeyStore,
    *,
    usual_ports: Sequence[int] = USUAL_PORTS,
) -> ModelEditing:
    """The door for setting up models alone: it needs no database."""
    return ModelEditing(
        models=ModelsEditor(environ, overrides),
        settings=settings_door(environ, overrides),
        keys=keys,
        prices=OfflinePriceBook(),
        clock=SystemClock(),
        open_provider=_provider_for_once,
        find_servers=find_local_servers,
        usual_ports=usual_ports,
    )


@asynccontextmanager
async def open_application(
    overrides: Overrides,
    *,
    redactor: Redactor | None = None,
    environ: Mapping[str, str] = os.environ,
    configuration: Configuration | None = None,
    keys: KeyStore | None = None,
) -> AsyncGenerator[Application]:
    """The program, ready to use. On leaving, runs are cancelled and every store is closed.

    ``redactor`` is told every key that is found; ``configuration`` is what ``overrides`` gave if
    it was read before; ``keys`` are those of the session, which outlive this opening. Raises
    ConfigurationError or StorageError.
    """
    if configuration is None:
        configuration = await asyncio.to_thread(load_configuration, environ, overrides)
    settings = configuration.settings
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stores = await _open_stores(stack, configuration, clock)
        keys = keys or KeyringStore(environ, (redactor or Redactor()).add)
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
        queries = _queries(
            configuration,
            stores,
            models,
            preparation,
            clock,
            settings=settings_door(environ, overrides),
            model_editing=model_door(environ, overrides, keys),
            model_probes=_model_queries(
                configuration, stores, models, ModelsEditor(environ, overrides), clock
            ),
        )
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
    return _Stores(database, runs, history, cache, ledger, calendar, reader, drawer, codec)


async def _open_models(
    stack: AsyncExitStack, configuration: Configuration, keys: KeyStore
) -> _Models:
    settings = configuration.settings.models
    seats = _Seats(keys, settings)
    stack.push_async_callback(seats.close)
    planner, heavy = bind_profiles(configuration.profiles, settings.planner, settings.heavy)
    fallbacks = bind_fallbacks(configuration.profiles, settings)
    roles = Roles(
        await _role_seat(seats, planner, fallbacks.get(Role.PLANNER)),
        await _role_seat(seats, heavy, fallbacks.get(Role.HEAVY)),
    )
    prices = OfflinePriceBook()
    if any(p.billing is Billing.METERED for p in (planner, heavy, *fallbacks.values())):
        await asyncio.to_thread(prices.load)
    return _Models(keys, seats, planner, heavy, fallbacks, roles, prices)


async def _role_seat(seats: _Seats, profile: ModelProfile, fallback: ModelProfile | None) -> Seat:
    seat = await seats.open(profile)
    return replace(seat, fallback=await seats.open(fallback)) if fallback is not None else seat


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
        context_caching=ContextCaching(stores.ledger, models.prices, clock),
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
    *,
    settings: SettingsQueries,
    model_editing: ModelEditing,
    model_probes: ModelQueries,
) -> Queries:
    machine = ProgramMachine(
        profiles=configuration.profiles,
        bound=bound_profiles(models.planner, models.heavy),
        fallbacks=models.fallbacks,
        open_seat=models.seats.open,
        keys=models.keys,
        prices=models.prices,
        clock=clock,
        ledger=stores.ledger,
        cache=stores.cache,
        history=stores.history,
        storage=stores.database,
        reader=stores.reader,
        probe_file=shipped_path("config/settings.yaml"),
        log_directory=configuration.log_directory,
    )
    costs = CostQueries(
        ledger=stores.ledger,
        book=SqliteCostBook(stores.database),
        calendar=stores.calendar,
        clock=clock,
        limits=configuration.settings.production.cost_tracking,
        profiles=configuration.profiles,
    )
    return Queries(
        history=HistoryQueries(stores.history, stores.runs, stores.ledger),
        costs=costs,
        cache=stores.cache,
        planner=preparation,
        machine=machine,
        reports=ReportQueries(stores.history, ProcessPdfPrinter(), write_whole),
        sources=SourceQueries(stores.reader, stores.drawer),
        drafts=DraftQueries(SqliteDraftStore(stores.database)),
        settings=settings,
        model_editing=model_editing,
        upkeep=_upkeep(configuration, stores.database),
        model_probes=model_probes,
    )


def _upkeep(configuration: Configuration, database: Database) -> UpkeepQueries:
    paths, logs = configuration.paths, configuration.log_directory
    return UpkeepQueries(
        database=database,
        list_backups=partial(list_backups, database.path),
        read_log=partial(read_log_tail, logs),
        list_prompts=partial(describe_prompts, paths.prompts_file),
        list_licences=list_licences,
        places=(
            ("Settings", paths.folders.config),
            ("Database", paths.folders.data),
            ("Kept results", configuration.cache_directory),
            ("Log", logs),
        ),
        prompts_file=paths.prompts_file,
    )


def _model_queries(
    configuration: Configuration,
    stores: _Stores,
    models: _Models,
    editor: ModelsEditor,
    clock: Clock,
) -> ModelQueries:
    caller = ModelCaller(
        ledger=stores.ledger,
        prices=models.prices,
        settings=configuration.settings.models,
        prompts=configuration.prompts,
        calibration=Calibration(),  # what a probe sends is like no document
        clock=clock,
    )
    return ModelQueries(editor, Prober(caller, models.seats.open, models.prices, clock))
