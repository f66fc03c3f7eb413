"""Runs as they happen: events in order, ends with their states, processes that are gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.history import SqliteHistory
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.events import (
    EventCodec,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepOutput,
    StepStarted,
)
from agentflow_desktop.core.runs import RunState
from support.child_scripts import child_script
from support.money import hold, open_ledger, settled
from support.set_clock import SetClock


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    price_usd: Decimal


CODEC = EventCodec({"ask": Found, "ask.part": Found})


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def database(tmp_path: Path, clock: SetClock) -> Iterator[Database]:
    made = Database(tmp_path / "a.db", clock=clock)
    yield made
    made.close()


@pytest.fixture
def store(database: Database, clock: SetClock) -> SqliteRunStore:
    return SqliteRunStore(database, CODEC, clock)


@pytest.fixture
def history(database: Database, clock: SetClock) -> SqliteHistory:
    return SqliteHistory(database, CODEC, clock)


def started(run_id: str, clock: SetClock, title: str = "A question") -> RunStarted:
    return RunStarted(run_id=run_id, at=clock.now(), kind="ask", title=title)


def cancelled(run_id: str, clock: SetClock) -> RunCancelled:
    return RunCancelled(run_id=run_id, at=clock.now(), cost_usd=Decimal("0.25"), duration_s=1.0)


async def test_a_run_comes_back_with_its_events_in_order(
    store: SqliteRunStore, history: SqliteHistory, clock: SetClock
) -> None:
    result = Found("because", Decimal("0.10"))
    begun = started("run_1", clock)
    clock.advance(timedelta(seconds=3))
    events: list[RunEvent] = [
        begun,
        StepStarted(run_id="run_1", at=clock.now(), step_id="s1", title="Ask"),
        StepOutput(run_id="run_1", at=clock.now(), step_id="s1", kind="ask.part", body=result),
        RunSucceeded(
            run_id="run_1", at=clock.now(), kind="ask", result=result, cost_usd=Decimal("0.10"),
            duration_s=3.0,
        ),
    ]  # fmt: skip
    for event in events:
        await store.append(event)
    assert await history.events("run_1") == events
    (summary,) = await history.runs()
    assert summary.state is RunState.SUCCEEDED
    assert (summary.started_at, summary.ended_at) == (begun.at, clock.now())
    assert (summary.kind, summary.title, summary.cost_usd) == ("ask", "A question", Decimal("0.1"))


async def test_each_end_has_its_state(
    store: SqliteRunStore, history: SqliteHistory, clock: SetClock
) -> None:
    for number in (1, 2, 3):
        await store.append(started(f"run_{number}", clock))
    await store.append(cancelled("run_1", clock))
    await store.append(
        RunFailed(
            run_id="run_2", at=clock.now(), error="StorageError", message="m", hint="h",
            cost_usd=Decimal(0), duration_s=1.0,
        )
    )  # fmt: skip
    states = [run.state for run in await history.runs()]
    assert states == [RunState.RUNNING, RunState.FAILED, RunState.CANCELLED]
    assert [run.ended_at is None for run in await history.runs()] == [True, False, False]


async def test_the_cost_of_a_run_is_what_the_ledger_says_even_while_it_runs(
    store: SqliteRunStore, history: SqliteHistory, database: Database, clock: SetClock
) -> None:
    await store.append(started("run_1", clock))
    with open_ledger(database.path, clock=clock) as (ledger, _):
        await ledger.reserve(hold("a", "0.50"))
        await ledger.settle("a", settled("0.30"))
    assert (await history.find("run_1")).cost_usd == Decimal("0.3")


async def test_a_run_is_found_by_the_start_of_its_id(
    store: SqliteRunStore, history: SqliteHistory, clock: SetClock
) -> None:
    for run_id in ("run_01AB", "run_01AC", "run_02AA"):
        await store.append(started(run_id, clock))
    assert (await history.find("run_02")).run_id == "run_02AA"
    assert (await history.find("01AC")).run_id == "run_01AC"
    for prefix, words in (("run_01", "More than one"), ("run_9", "No run"), ("", "No run")):
        with pytest.raises(InputRefused, match=words):
            await history.find(prefix)


async def test_an_event_that_this_version_can_t_read_is_a_storage_error(
    store: SqliteRunStore, history: SqliteHistory, database: Database, clock: SetClock
) -> None:
    await store.append(started("run_1", clock))
    await database.call(
        lambda c: c.execute("UPDATE run_events SET body = '{\"type\": 1}'").rowcount
    )
    with pytest.raises(StorageError, match="can't be read"):
        await history.events("run_1")
    assert await history.events("run_none") == []


async def test_an_event_of_a_run_that_was_never_started_is_refused(
    store: SqliteRunStore, clock: SetClock
) -> None:
    with pytest.raises(StorageError):
        await store.append(StepStarted(run_id="run_0", at=clock.now(), step_id="s", title="t"))


async def test_runs_of_dead_processes_are_interrupted_and_those_of_living_ones_go_on(
    store: SqliteRunStore, history: SqliteHistory, database: Database, clock: SetClock
) -> None:
    options = {"path": str(database.path), "now": clock.now().isoformat()}
    await store.append(started("run_mine", clock))
    with child_script("run_process", "start", run_id="run_living", **options) as living:
        with child_script("run_process", "start", run_id="run_dead", **options) as dead:
            assert living.hear() == dead.hear() == {"started": True}
            assert await store.mark_interrupted() == 0
            dead.kill()
        assert await store.mark_interrupted() == 1
        assert await store.mark_interrupted() == 0
        states = {run.run_id: run.state for run in await history.runs()}
        assert states == {
            "run_mine": RunState.RUNNING,
            "run_living": RunState.RUNNING,
            "run_dead": RunState.INTERRUPTED,
        }
