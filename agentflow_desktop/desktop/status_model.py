"""What the status bar knows: the models and their health, what runs, and today's money. No Qt."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.view_model import ViewModel
from agentflow_desktop.llm.budget import Spending
from agentflow_desktop.llm.provider import ProviderKind

if TYPE_CHECKING:
    from agentflow_desktop.app.queries import HealthCheck, ModelLine

POLL_INTERVAL_S = 10.0
# Money is reserved just after a call's step began, and no event says so.
RUNNING_POLL_INTERVAL_S = 1.0
HEALTH_INTERVAL_S = 60.0


class RunningRun(Protocol):
    """What the bar uses of a run's handle."""

    @property
    def run_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def step_title(self) -> str: ...
    @property
    def ended(self) -> object | None: ...
    def cancel(self) -> None: ...


class RunningRuns(Protocol):
    @property
    def running(self) -> Sequence[RunningRun]: ...


class SpendingDoor(Protocol):
    async def spending(self) -> Spending: ...


class StatusDoor(Protocol):
    @property
    def costs(self) -> SpendingDoor: ...
    async def models(self) -> "Sequence[ModelLine]": ...
    async def test_model(self, name: str) -> "HealthCheck": ...


@dataclass(frozen=True, slots=True)
class RunningLine:
    """A run that goes on, and the step that it is at."""

    run_id: str
    title: str
    step: str


def _no_health() -> "Mapping[str, HealthCheck]":
    return {}


@dataclass(frozen=True, slots=True)
class StatusState:
    """``problem`` is a sentence when the ledger can't be read; empty otherwise.

    ``health`` has a check for each bound model that was asked; none is asked of the built-in
    engine. ``is_asking``: a person wants them asked anew. ``opening_problem`` is why the
    program behind the window could not open.
    """

    spending: Spending | None = None
    models: "tuple[ModelLine, ...]" = ()
    health: "Mapping[str, HealthCheck]" = field(default_factory=_no_health)
    is_asking: bool = False
    running: tuple[RunningLine, ...] = ()
    problem: str = ""
    opening_problem: Problem | None = None

    def line_of(self, role: Role) -> "ModelLine | None":
        """The model that sits in the role."""
        return next((line for line in self.models if role in line.roles), None)

    def fallback_of(self, role: Role) -> "ModelLine | None":
        """The model that settings approve in the place of the role's."""
        return next((line for line in self.models if role in line.fallback_of), None)


class StatusModel(ViewModel[StatusState]):
    """Keeps the status up to date: when told to, every second during a run, and else every few
    seconds, since the command line may spend from the same ledger."""

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        super().__init__(StatusState())
        self._spawn = spawn
        self._interval_s = interval_s
        self._runs: RunningRuns | None = None
        self._wanted = asyncio.Event()
        self._health_wanted = asyncio.Event()
        self._watching: tuple[asyncio.Task[Any], ...] = ()

    def connect(self, runs: RunningRuns, queries: StatusDoor) -> None:
        """Begin to watch."""
        self._runs = runs
        self._change(opening_problem=None)
        self._watching = (
            self._spawn(self._watch(runs, queries)),
            self._spawn(self._watch_health(queries)),
        )

    def disconnect(self) -> None:
        """Stop watching: the ledger is about to close."""
        for task in self._watching:
            task.cancel()
        self._watching = ()
        self._runs = None
        self._change(is_asking=False)

    def report_opening_problem(self, error: AgentFlowError) -> None:
        """The program behind the window could not be opened."""
        self._change(opening_problem=problem_of(error))

    def refresh(self) -> None:
        """Something was spent, began or ended."""
        self._wanted.set()

    def test_again(self) -> None:
        """Ask the bound models how they are, now."""
        if self._watching:
            self._health_wanted.set()
            self._change(is_asking=True)

    def cancel(self, run_id: str) -> None:
        """Ask a run that goes on to stop."""
        running = self._runs.running if self._runs is not None else ()
        for run in running:
            if run.run_id == run_id:
                run.cancel()

    async def _watch(self, runs: RunningRuns, queries: StatusDoor) -> None:
        while True:
            self._wanted.clear()
            await self._read(runs, queries)
            pause_s = self._interval_s
            if self.state.running:
                pause_s = min(pause_s, RUNNING_POLL_INTERVAL_S)
            try:
                async with asyncio.timeout(pause_s):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def _watch_health(self, queries: StatusDoor) -> None:
        """Ask the bound models how they are, now and then. Asks nobody where none is bound."""
        try:
            models = tuple(await queries.models())
        except AgentFlowError as error:
            self._change(problem=_sentence(error))
            return
        self._change(models=models)
        asked = [m.name for m in models if m.roles and m.provider != ProviderKind.BUILT_IN]
        while asked:
            self._health_wanted.clear()
            for name in asked:
                try:
                    check = await queries.test_model(name)
                except AgentFlowError as error:
                    self._change(problem=_sentence(error), is_asking=False)
                    return
                self._change(health={**self.state.health, name: check})
            self._change(is_asking=self._health_wanted.is_set())
            try:
                async with asyncio.timeout(HEALTH_INTERVAL_S):
                    await self._health_wanted.wait()
            except TimeoutError:
                continue
        self._change(is_asking=False)

    async def _read(self, runs: RunningRuns, queries: StatusDoor) -> None:
        running = tuple(
            RunningLine(run.run_id, run.title, run.step_title)
            for run in runs.running
            if run.ended is None
        )
        try:
            spending = await queries.costs.spending()
        except AgentFlowError as error:
            self._change(problem=_sentence(error), running=running)
            return
        self._change(spending=spending, running=running, problem="")


def _sentence(error: AgentFlowError) -> str:
    return f"{error.message} {error.hint}".strip()
