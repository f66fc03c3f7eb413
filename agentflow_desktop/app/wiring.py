"""Builds the program from its parts, once, and takes it down in the reverse order.

With its ``parts`` and ``tools`` the only place that knows the adapters.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agentflow_desktop.adapters.configuration import (
    ConfigPaths,
    Configuration,
    find_config_paths,
    load_configuration,
)
from agentflow_desktop.adapters.keyring_store import KeyringStore
from agentflow_desktop.adapters.licences import list_licences
from agentflow_desktop.adapters.log_reader import read_log_tail
from agentflow_desktop.adapters.pack_config_file import read_pack_config
from agentflow_desktop.adapters.program_session import ProgramSession, open_session
from agentflow_desktop.adapters.simulated_pack import SimulatedPackPrograms
from agentflow_desktop.adapters.sqlite.backups import list_backups, restore_backup, set_aside
from agentflow_desktop.adapters.sqlite.calibration import CalibrationTable
from agentflow_desktop.adapters.whole_file import check_target, write_whole
from agentflow_desktop.app.parts.asking import ask_workflow
from agentflow_desktop.app.parts.doors import Opened, build_queries, model_door, settings_door
from agentflow_desktop.app.parts.models import open_models
from agentflow_desktop.app.parts.stores import open_stores
from agentflow_desktop.app.queries import Queries
from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.events import EventCodec
from agentflow_desktop.core.keys import KeyStore
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.settings import Overrides, Settings
from agentflow_desktop.workflows.ask.model import AskRequest
from agentflow_desktop.workflows.board.job import SelftestJob
from agentflow_desktop.workflows.board.model import SelftestRequest

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
    "read_pack_config",
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
        stores = await open_stores(stack, configuration, clock)
        keys = keys or KeyringStore(environ, (redactor or Redactor()).add)
        models = await open_models(stack, configuration, keys)
        table = CalibrationTable(stores.database)
        calibration = await table.load()
        stack.push_async_callback(table.keep, calibration)
        preparation, ask = ask_workflow(configuration, stores, models, calibration, clock)
        runs = RunManager(
            {AskRequest: ask, SelftestRequest: SelftestJob(SimulatedPackPrograms())},
            stores.runs,
            stores.ledger,
            clock,
            settings.performance.max_concurrent_tasks,
        )
        stack.push_async_callback(runs.close)
        opened = Opened(configuration, environ, overrides, stores, models, clock)
        queries = build_queries(opened, preparation)
        yield Application(runs, queries, stores.codec, settings)
