"""What the status bar knows: the models at work, what runs, and today's money. No Qt."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.llm.budget import Spending

if TYPE_CHECKING:
    from agentflow_desktop.app.queries import ModelLine

POLL_INTERVAL_S = 10.0
# Money is reserved just after a call's step began, and no event says so.
RUNNING_POLL_INTERVAL_S = 1.0


class RunningRun(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def ended(self) -> object | None: ...


class RunningRuns(Protocol):
    @property
    def running(self) -> Sequence[RunningRun]: ...


class SpendingDoor(Protocol):
    async def spending(self) -> Spending: ...


class StatusDoor(Protocol):
    @property
    def costs(self) -> SpendingDoor: ...
    async def models(self) -> "Sequence[ModelLine]": ...


@dataclass(frozen=True, slots=True)
class StatusState:
    """``problem`` is a sentence when the ledger can't be read; empty otherwise."""

    spending: Spending | None = None
    models: "tuple[ModelLine, ...]" = ()
    running: tuple[str, ...] = ()
    problem: str = ""


class StatusModel:
    """Keeps the status up to date: when told to, every second during a run, and else every few
    seconds, since the command line may spend from the same ledger."""

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._spawn = spawn
        self._interval_s = interval_s
        self._runs: RunningRuns | None = None
        self._queries: StatusDoor | None = None
        self._wanted = asyncio.Event()
        self._watching: asyncio.Task[Any] | None = None
        self._listeners: list[Callable[[StatusState], None]] = []
        self.state = StatusState()

    def listen(self, listener: Callable[[StatusState], None]) -> None:
        self._listeners.append(listener)

    def connect(self, runs: RunningRuns, queries: StatusDoor) -> None:
        """Begin to watch."""
        self._runs, self._queries = runs, queries
        self._watching = self._spawn(self._watch(runs, queries))

    def disconnect(self) -> None:
        """Stop watching: the ledger is about to close."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def refresh(self) -> None:
        """Something was spent, began or ended."""
        self._wanted.set()

    async def _watch(self, runs: RunningRuns, queries: StatusDoor) -> None:
        try:
            self._change(models=tuple(await queries.models()))
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
        except AgentFlowError as error:
            self._change(problem=f"{error.message} {error.hint}".strip())

    async def _read(self, runs: RunningRuns, queries: StatusDoor) -> None:
        titles = tuple(run.title for run in runs.running if run.ended is None)
        try:
            spending = await queries.costs.spending()
        except AgentFlowError as error:
            self._change(problem=f"{error.message} {error.hint}".strip(), running=titles)
            return
        self._change(spending=spending, running=titles, problem="")

    def _change(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        for listener in self._listeners:
            listener(self.state)
