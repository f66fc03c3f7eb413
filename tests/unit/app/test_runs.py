"""Runs begin, are followed, end once and are kept, whatever happens in them."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import pytest

from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepProgress,
)
from agentflow_desktop.core.runs import RunContext

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Request:
    does: str


class ScriptedJob:
    """Does what its request says."""

    kind = "scripted"

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.running = 0
        self.most_running = 0

    def title(self, request: Request) -> str:
        return request.does

    async def run(self, request: Request, context: RunContext) -> str:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.begun.set()
        try:
            match request.does:
                case "refuse":
                    raise InputRefused("No such file.", hint="Choose another.")
                case "crash":
                    raise ZeroDivisionError
                case "wait":
                    await asyncio.Event().wait()
                case _:
                    context.publish(
                        StepProgress(
                            run_id=context.run_id,
                            at=context.clock.now(),
                            step_id="s",
                            done=1,
                            total=1,
                            unit="files",
                        )
                    )
                    await asyncio.sleep(0)
            return request.does
        finally:
            self.running -= 1


class ListStore:
    """Keeps events in a list; ``is_full`` refuses the end of a run as a full disk would."""

    def __init__(self) -> None:
        self.kept: list[RunEvent] = []
        self.is_full = False
        self.ending = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def append(self, event: RunEvent) -> None:
        if self.is_full and isinstance(event, RunEnded):
            raise StorageError("The disk is full.")
        if isinstance(event, RunEnded):
            self.ending.set()
            await self.may_end.wait()
        self.kept.append(event)

    async def mark_interrupted(self) -> int:
        return 0


class FixedCosts:
    async def run_cost(self, run_id: str) -> Decimal:
        return Decimal("0.25")


def manager(store: ListStore, job: ScriptedJob, places: int = 4) -> RunManager:
    return RunManager({Request: job}, store, FixedCosts(), SystemClock(), places)


async def test_a_run_is_followed_from_its_first_event_to_its_last() -> None:
    store = ListStore()
    handle = manager(store, ScriptedJob()).start(Request("work"))
    await handle.wait()
    late = [event async for event in handle.events()]
    assert [type(event) for event in late] == [RunStarted, StepProgress, RunSucceeded]
    assert isinstance(late[-1], RunSucceeded)
    assert (late[-1].result, late[-1].cost_usd) == ("work", Decimal("0.25"))
    assert [type(event) for event in store.kept] == [RunStarted, RunSucceeded]


async def test_a_refusal_ends_the_run_with_its_sentence_and_next_step() -> None:
    ended = await manager(ListStore(), ScriptedJob()).start(Request("refuse")).wait()
    assert isinstance(ended, RunFailed)
    assert (ended.error, ended.message, ended.hint) == (
        "InputRefused",
        "No such file.",
        "Choose another.",
    )


async def test_a_bug_ends_the_run_and_is_handed_to_the_face() -> None:
    handle = manager(ListStore(), ScriptedJob()).start(Request("crash"))
    ended = await handle.wait()
    assert isinstance(ended, RunFailed)
    assert ended.error == "ZeroDivisionError"
    assert isinstance(handle.bug, ZeroDivisionError)


async def test_a_cancelled_run_says_so_with_its_true_cost() -> None:
    store, job = ListStore(), ScriptedJob()
    handle = manager(store, job).start(Request("wait"))
    await job.begun.wait()
    handle.cancel()
    ended = await handle.wait()
    assert isinstance(ended, RunCancelled)
    assert ended.cost_usd == Decimal("0.25")
    assert store.kept[-1] == ended


async def test_a_run_cancelled_before_its_first_step_still_ends() -> None:
    runs = manager(ListStore(), ScriptedJob())
    handle = runs.start(Request("wait"))
    handle.cancel()
    assert isinstance(await handle.wait(), RunCancelled)
    assert runs.running == ()


async def test_no_more_runs_work_at_once_than_there_are_places() -> None:
    job = ScriptedJob()
    runs = manager(ListStore(), job, places=2)
    handles = [runs.start(Request("work")) for _ in range(6)]
    for handle in handles:
        await handle.wait()
    assert job.most_running == 2


async def test_closing_cancels_what_runs_and_what_waits() -> None:
    job = ScriptedJob()
    runs = manager(ListStore(), job, places=1)
    handles = [runs.start(Request("wait")) for _ in range(3)]
    await job.begun.wait()
    await runs.close()
    assert [type(await handle.wait()) for handle in handles] == [RunCancelled] * 3
    assert runs.running == ()


@pytest.mark.allow_log_warnings
async def test_the_end_is_published_even_if_it_cannot_be_stored() -> None:
    store = ListStore()
    store.is_full = True
    handle = manager(store, ScriptedJob()).start(Request("work"))
    assert isinstance(await handle.wait(), RunSucceeded)
    assert isinstance(store.kept[-1], RunStarted)


@pytest.mark.parametrize(("does", "end"), [("work", RunSucceeded), ("wait", RunCancelled)])
async def test_a_run_that_is_cancelled_while_it_ends_ends_once_as_history_has_it(
    does: str, end: type[RunEnded]
) -> None:
    store, job = ListStore(), ScriptedJob()
    store.may_end.clear()
    handle = manager(store, job).start(Request(does))
    await job.begun.wait()
    if does == "wait":
        handle.cancel()
    await store.ending.wait()
    handle.cancel()
    await asyncio.sleep(0)
    store.may_end.set()
    assert handle.task is not None
    await asyncio.wait([handle.task])
    ends = [event async for event in handle.events() if isinstance(event, RunEnded)]
    assert [type(event) for event in ends] == [end]
    assert store.kept[-1:] == ends
