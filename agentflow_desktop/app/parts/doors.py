"""The doors of the program, each with the parts that stand behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agentflow_desktop.adapters.configuration import (
    Configuration,
)
from agentflow_desktop.adapters.licences import list_licences
from agentflow_desktop.adapters.local_servers import USUAL_PORTS, find_local_servers
from agentflow_desktop.adapters.log_reader import read_log_tail
from agentflow_desktop.adapters.models_editing import ModelsEditor
from agentflow_desktop.adapters.pdf_printer import ProcessPdfPrinter
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.prompts_file import describe_prompts
from agentflow_desktop.adapters.settings_editing import SettingsEditor
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.sqlite.backups import list_backups
from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.drafts import SqliteDraftStore
from agentflow_desktop.adapters.whole_file import write_whole
from agentflow_desktop.app.cost_queries import CostQueries
from agentflow_desktop.app.draft_queries import DraftQueries
from agentflow_desktop.app.history_queries import HistoryQueries
from agentflow_desktop.app.machine import ProgramMachine, bound_profiles
from agentflow_desktop.app.model_editing import ModelEditing
from agentflow_desktop.app.model_probing import ModelProbing
from agentflow_desktop.app.parts.models import Models, provider_for_once
from agentflow_desktop.app.parts.stores import Stores
from agentflow_desktop.app.queries import Queries
from agentflow_desktop.app.report_queries import ReportQueries
from agentflow_desktop.app.settings_queries import SettingsQueries
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.app.upkeep_queries import UpkeepQueries
from agentflow_desktop.core.clock import Clock, SystemClock
from agentflow_desktop.core.keys import KeyStore
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.probing import Prober
from agentflow_desktop.workflows.ask.planning import AskPreparation


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
        open_provider=provider_for_once,
        find_servers=find_local_servers,
        usual_ports=usual_ports,
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """All that was read and opened for the program."""

    configuration: Configuration
    environ: Mapping[str, str]
    overrides: Overrides
    stores: Stores
    models: Models
    clock: Clock


def build_queries(opened: Opened, preparation: AskPreparation) -> Queries:
    """The door for reads and small commands."""
    environ, overrides = opened.environ, opened.overrides
    stores, models = opened.stores, opened.models
    return Queries(
        history=HistoryQueries(stores.history, stores.runs, stores.ledger),
        costs=_costs(opened),
        cache=stores.cache,
        planner=preparation,
        machine=_machine(opened),
        reports=ReportQueries(stores.history, ProcessPdfPrinter(), write_whole),
        sources=SourceQueries(stores.reader, stores.drawer),
        drafts=DraftQueries(SqliteDraftStore(stores.database)),
        settings=settings_door(environ, overrides),
        model_editing=model_door(environ, overrides, models.keys),
        upkeep=_upkeep(opened.configuration, stores.database),
        model_probes=_probes(opened),
    )


def _machine(opened: Opened) -> ProgramMachine:
    configuration, stores, models = opened.configuration, opened.stores, opened.models
    return ProgramMachine(
        profiles=configuration.profiles,
        bound=bound_profiles(models.planner, models.heavy),
        fallbacks=models.fallbacks,
        open_seat=models.seats.open,
        keys=models.keys,
        prices=models.prices,
        clock=opened.clock,
        ledger=stores.ledger,
        cache=stores.cache,
        history=stores.history,
        storage=stores.database,
        reader=stores.reader,
        probe_file=shipped_path("config/settings.yaml"),
        log_directory=configuration.log_directory,
    )


def _costs(opened: Opened) -> CostQueries:
    stores, configuration = opened.stores, opened.configuration
    return CostQueries(
        ledger=stores.ledger,
        book=SqliteCostBook(stores.database),
        calendar=stores.calendar,
        clock=opened.clock,
        limits=configuration.settings.production.cost_tracking,
        profiles=configuration.profiles,
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


def _probes(opened: Opened) -> ModelProbing:
    configuration, models, clock = opened.configuration, opened.models, opened.clock
    caller = ModelCaller(
        ledger=opened.stores.ledger,
        prices=models.prices,
        settings=configuration.settings.models,
        prompts=configuration.prompts,
        calibration=Calibration(),  # what a probe sends is like no document
        clock=clock,
    )
    editor = ModelsEditor(opened.environ, opened.overrides)
    return ModelProbing(editor, Prober(caller, models.seats.open, models.prices, clock))
