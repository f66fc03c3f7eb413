"""Many real processes on one ledger: none overdraws, and none that dies loses count."""

import asyncio
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.core.errors import BudgetExceeded
from agentflow_desktop.core.money import to_nano_usd
from support.child_scripts import child_script
from support.money import hold, open_ledger, settled

pytestmark = pytest.mark.ledger

STEPS = {
    "before_reserve_commit": {},
    "reserved": {"att_dead": ("unknown", 300_000_000)},
    "mid_stream": {
        "att_dead": ("settled", 100_000_000),
        "att_dead_retry": ("unknown", 300_000_000),
    },
    "before_settle_commit": {"att_dead": ("unknown", 300_000_000)},
    "settled": {"att_dead": ("settled", 100_000_000)},
}


def states_of(database: Database) -> dict[str, tuple[str, int]]:
    rows = database.call_blocking(
        lambda c: c.execute("SELECT attempt_id, state, charged_nusd FROM attempts").fetchall()
    )
    return {attempt: (state, charged) for attempt, state, charged in rows}


def test_200_tasks_in_five_processes_never_overspend_by_one_nano_dollar(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    limit_usd = Decimal("0.040000001")
    limit_nusd = to_nano_usd(limit_usd)
    with ExitStack() as stack:
        racers = [
            stack.enter_context(
                child_script(
                    "ledger_process",
                    "race",
                    database=str(path),
                    seed=seed,
                    tasks=40,
                    daily_limit=str(limit_usd),
                    largest_nusd=1_000_000,
                )
            )
            for seed in range(5)
        ]
        for racer in racers:
            assert racer.hear() == {"ready": True}
        for racer in racers:
            racer.go_on()
        results = [racer.hear() for racer in racers]
        assert [racer.end() for racer in racers] == [0] * 5

    spent_nusd = sum(r["settled_nusd"] for r in results)
    assert sum(r["calls"] + r["refused"] for r in results) == 200
    assert sum(r["refused"] for r in results) > 0, "the budget was never contested"
    assert max(r["highest_nusd"] for r in results) <= limit_nusd
    with open_ledger(path) as (ledger, database):
        spending = asyncio.run(ledger.spending())
        assert asyncio.run(ledger.disagreements()) == ()
        assert to_nano_usd(spending.total.spent_usd) == spent_nusd <= limit_nusd
        assert spending.total.reserved_usd == 0
        assert {state for state, _ in states_of(database).values()} == {"settled"}
        assert sum(charged for _, charged in states_of(database).values()) == spent_nusd


@pytest.mark.allow_log_warnings
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_at_any_step_leaves_each_attempt_in_one_state(
    tmp_path: Path, step: str
) -> None:
    path = tmp_path / "shared.db"
    options = {"database": str(path)}
    with child_script(
        "ledger_process", "stop", step="reserved", attempt="att_keeper", **options
    ) as keeper:
        assert keeper.hear() == {"stopped": True}
        with child_script(
            "ledger_process", "stop", step=step, attempt="att_dead", **options
        ) as victim:
            assert victim.hear() == {"stopped": True}
            victim.kill()
        with open_ledger(path) as (ledger, database):
            await ledger.sweep()
            expected = {"att_keeper": ("held", 300_000_000), **STEPS[step]}
            assert states_of(database) == expected
            assert await ledger.disagreements() == ()
            spending = await ledger.spending()
            spent = sum(c for state, c in expected.values() if state != "held")
            assert to_nano_usd(spending.total.spent_usd) == spent
            assert spending.total.reserved_usd == Decimal("0.3")
            assert spending.total.calls == len(expected) - 1


@pytest.mark.allow_log_warnings
async def test_a_waiter_gets_its_turn_when_the_process_that_held_the_budget_is_killed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shared.db"
    with child_script(
        "ledger_process", "stop", database=str(path), step="reserved", attempt="att_dead"
    ) as victim:
        assert victim.hear() == {"stopped": True}
        with open_ledger(path, daily_limit=Decimal("0.70")) as (ledger, _):
            waiting = asyncio.create_task(ledger.reserve(hold("att_next", "0.45")))
            await asyncio.sleep(0)
            victim.kill()
            with pytest.raises(BudgetExceeded) as refused:  # its hold counts as spent now
                await waiting
            assert refused.value.spent_usd == Decimal("0.3")
            assert refused.value.reserved_usd == 0
            await ledger.reserve(hold("att_smaller", "0.40"))
            assert await ledger.settle("att_smaller", settled("0.40")) == Decimal("0.4")


async def test_a_waiter_gets_its_turn_when_another_process_settles(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    limit = Decimal("0.001")
    with open_ledger(path, daily_limit=limit) as (ledger, _):
        await ledger.reserve(hold("att_mine", "0.0009"))
        with child_script(
            "ledger_process", "race", database=str(path), seed=7, tasks=1,
            daily_limit=str(limit), largest_nusd=900_000,
        ) as other:  # fmt: skip
            assert other.hear() == {"ready": True}
            other.go_on()
            await ledger.settle("att_mine", settled("0.0001"))
            assert other.hear()["calls"] == 1
            assert other.end() == 0
        assert await ledger.disagreements() == ()
