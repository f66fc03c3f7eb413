"""The door for typed reads and small commands that are no runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agentflow_desktop.app.cost_queries import CostQueries
from agentflow_desktop.app.draft_queries import DraftQueries
from agentflow_desktop.app.history_queries import HistoryQueries
from agentflow_desktop.app.model_editing import ModelEditing
from agentflow_desktop.app.model_probing import ModelProbing
from agentflow_desktop.app.report_queries import ReportQueries
from agentflow_desktop.app.settings_queries import SettingsQueries
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.app.upkeep_queries import UpkeepQueries
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.llm.budget import Spending, foresee_refusal
from agentflow_desktop.llm.cache import CacheStats, KeptResults
from agentflow_desktop.workflows.ask.model import AskPlan, AskRequest


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing that was checked: ``subject`` (database, key NAME, model NAME, ...)."""

    subject: str
    is_usable: bool
    message: str
    hint: str = ""
    is_required: bool = True  # False: the program works without it
    latency_ms: int | None = None  # of a model that answered


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A configured model. ``roles`` are the seats that settings bind it to, ``fallback_of`` those
    that it may stand in for."""

    name: str
    provider: str
    model: str
    address: str
    roles: tuple[Role, ...]
    key_state: str  # "not needed", "missing", "set (PLACE)"
    price: str  # see ``llm.pricing.PriceBook.describe``
    fallback_of: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """What is configured, running and spent."""

    models: tuple[ModelLine, ...]
    running: tuple[RunSummary, ...]
    spending: Spending
    cache: CacheStats
    database_path: str
    database_bytes: int
    log_directory: str


class AskPlanner(Protocol):
    """Plans a request without spending."""

    async def plan(self, request: AskRequest) -> AskPlan: ...


class Machine(Protocol):
    """What wiring knows of the parts: health of each, and the models that are configured."""

    async def health(self) -> Sequence[HealthCheck]: ...
    async def status(self) -> Status: ...
    async def models(self) -> Sequence[ModelLine]: ...
    async def test_model(self, name: str) -> HealthCheck: ...


class Queries:
    """Reads and small commands. Every method is safe to await on the window's loop."""

    def __init__(
        self,
        *,
        history: HistoryQueries,
        costs: CostQueries,
        cache: KeptResults,
        planner: AskPlanner,
        machine: Machine,
        sources: SourceQueries,
        drafts: DraftQueries,
        settings: SettingsQueries,
        model_editing: ModelEditing,
        upkeep: UpkeepQueries,
        reports: ReportQueries,
        model_probes: ModelProbing,
    ) -> None:
        self.history = history
        self.costs = costs
        self.cache = cache
        self._planner = planner
        self._machine = machine
        self.sources = sources
        self.drafts = drafts
        self.settings = settings
        self.model_editing = model_editing
        self.upkeep = upkeep
        self.reports = reports
        self.model_probes = model_probes

    async def plan_ask(self, request: AskRequest) -> AskPlan:
        """Route, price and file list of a request. Spends nothing, calls no paid model.

        Raises InputRefused (empty task, missing path) or ConfigurationError.
        """
        plan = await self._planner.plan(request)
        if plan.route.at_most_usd == 0:
            return plan
        spending = await self.costs.spending()
        notice = foresee_refusal(plan.route, spending, self.costs.limits)
        return replace(plan, limit_notice=notice)

    async def health(self) -> Sequence[HealthCheck]:
        """Every part checked now."""
        return await self._machine.health()

    async def status(self) -> Status:
        return await self._machine.status()

    async def models(self) -> Sequence[ModelLine]:
        """Every configured model."""
        return await self._machine.models()

    async def test_model(self, name: str) -> HealthCheck:
        """Ask one model for its health. Raises InputRefused for an unknown name."""
        return await self._machine.test_model(name)
