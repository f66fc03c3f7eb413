"""Runs of the ask workflow put into a real history, as a RunManager would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.history import SqliteHistory
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.app.jobs import event_codec, run_facts
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepOutput,
    StepStarted,
)
from agentflow_desktop.core.history import EVERY_RUN, RunFilter
from agentflow_desktop.core.routing import Badge, Role, TaskKind
from agentflow_desktop.core.runs import RunState
from agentflow_desktop.llm.claims import Answer, Claim
from agentflow_desktop.workflows.ask.model import KIND, REQUEST_KIND, AskRequest
from agentflow_desktop.workflows.board.model import KIND as SELFTEST_KIND
from agentflow_desktop.workflows.board.model import (
    ProtectedBy,
    SelftestResult,
    SelftestRow,
    Verdict,
)
from support.ask_results import new_result
from support.set_clock import SetClock


@dataclass(frozen=True, slots=True)
class KeptRun:
    """What to put into the history."""

    run_id: str
    task: str = "What limits it?"
    state: RunState = RunState.SUCCEEDED
    task_kind: TaskKind = TaskKind.GENERAL
    model: str = "planner-7b"
    answer: str = "At most 140 A."
    badges: tuple[Badge, ...] = ()
    cost_usd: Decimal = Decimal(0)
    keeps_request: bool = True


class KeptRuns:
    """A database with a store that writes runs and a history that reads them."""

    def __init__(self, path: Path) -> None:
        self.clock = SetClock()
        self.database = Database(path, clock=self.clock)
        self.store = SqliteRunStore(self.database, event_codec(), self.clock, run_facts)
        self.history = SqliteHistory(self.database, event_codec(), self.clock)

    async def add(self, run: KeptRun, after: timedelta = timedelta(minutes=1)) -> None:
        """Put the run in, as one that began a while after the one before."""
        self.clock.advance(after)
        for event in self.events(run):
            await self.store.append(event)

    async def add_selftest(self, run_id: str) -> None:
        """Put in a self-test of a board, whose one row failed."""
        self.clock.advance(timedelta(minutes=1))
        named: dict[str, Any] = {"run_id": run_id, "at": self.clock.now()}
        failed = SelftestRow(
            protection="i2c stuck", path=ProtectedBy.HOST, verdict=Verdict.FAILED, reason="too late"
        )
        result = SelftestResult(
            is_simulated=True, firmware="0.1.0", board="simulated pack", design_hash="1",
            board_hash="1", overrides=(), rows=(failed,), campaign=(), simulated_s=1.0, packs=1,
        )  # fmt: skip
        end = RunSucceeded(
            **named, kind=SELFTEST_KIND, result=result, cost_usd=Decimal(0), duration_s=1.0
        )
        await self.store.append(RunStarted(**named, kind=SELFTEST_KIND, title="Self-test"))
        await self.store.append(end)

    async def add_all(self, *runs: KeptRun) -> None:
        for run in runs:
            await self.add(run)

    async def ids(self, wanted: RunFilter = EVERY_RUN, **options: Any) -> list[str]:
        """The ids of the runs that are wanted, without ``run_``."""
        found = await self.history.runs(wanted, **options)
        return [run.run_id.removeprefix("run_") for run in found]

    def close(self) -> None:
        self.database.close()

    def events(self, run: KeptRun) -> Sequence[RunEvent]:
        named: dict[str, Any] = {"run_id": run.run_id, "at": self.clock.now()}
        title = run.task.splitlines()[0]
        begun: list[RunEvent] = [RunStarted(**named, kind=KIND, title=title)]
        if run.keeps_request:
            request = AskRequest(run.task, task_kind=run.task_kind)
            begun.append(StepOutput(**named, step_id="", kind=REQUEST_KIND, body=request))
        step = StepStarted(
            **named, step_id="s", title="Planner proposes", role=Role.PLANNER, model=run.model
        )
        return [*begun, step, *_end(run, {**named, "cost_usd": run.cost_usd, "duration_s": 1.0})]


def _end(run: KeptRun, named: dict[str, Any]) -> Sequence[RunEvent]:
    match run.state:
        case RunState.SUCCEEDED:
            answer = Answer("Charge current", (Claim("c1", run.answer, ()),))
            result = replace(new_result(), task=run.task, answer=answer, badges=run.badges)
            return [RunSucceeded(**named, kind=KIND, result=result)]
        case RunState.FAILED:
            words: dict[str, Any] = {"message": "The server is away.", "hint": "Start it."}
            return [RunFailed(**named, error="ProviderUnavailable", **words)]
        case RunState.CANCELLED:
            return [RunCancelled(**named)]
        case RunState.RUNNING | RunState.INTERRUPTED:
            return []
