"""One ledger in one process: what it admits, refuses, charges and adds up."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.core.errors import BudgetExceeded, StorageError
from agentflow_desktop.core.money import NANO_PER_USD, from_nano_usd, to_nano_usd
from agentflow_desktop.llm.budget import Settlement
from agentflow_desktop.llm.costs import CostGroup, Days
from agentflow_desktop.llm.messages import Usage
from support.log_watch import LogWatch
from support.money import hold, open_ledger, settled
from support.set_clock import SetClock


async def test_a_hold_is_reserved_and_then_charged_at_its_true_cost(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, _):
        assert await ledger.reserve(hold("a", "0.50")) is None
        before = (await ledger.spending()).today
        assert (before.calls, before.spent_usd, before.reserved_usd) == (0, 0, Decimal("0.5"))
        assert await ledger.settle("a", settled("0.123456789")) == Decimal("0.123456789")
        after = (await ledger.spending()).today
        assert (after.calls, after.reserved_usd) == (1, 0)
        assert after.spent_usd == after.average_usd == Decimal("0.123456789")
        assert (after.input_tokens, after.output_tokens) == (4, 3)
        assert await ledger.run_cost("run_1") == Decimal("0.123456789")


async def test_the_first_settlement_wins(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, _):
        await ledger.reserve(hold("a", "0.50"))
        assert await ledger.settle("a", settled("0.10")) == Decimal("0.10")
        assert await ledger.settle("a", settled("0.40")) == Decimal("0.10")
        assert await ledger.run_cost("run_1") == Decimal("0.10")
        assert await ledger.disagreements() == ()


async def test_ledger_refuses_a_call_when_the_budget_is_spent(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    with open_ledger(tmp_path / "a.db", clock=clock, daily_limit=Decimal(1)) as (ledger, _):
        await ledger.reserve(hold("a", "0.90"))
        await ledger.settle("a", settled("0.90"))
        with pytest.raises(BudgetExceeded) as refused:
            await ledger.reserve(hold("b", "0.100000001", run_id="run_2"))
        error = refused.value
        assert error.limit_name == "daily_limit"
        assert (error.limit_usd, error.spent_usd) == (Decimal(1), Decimal("0.9"))
        assert (error.reserved_usd, error.asked_usd) == (0, Decimal("0.100000001"))
        assert error.resets_at == datetime(2026, 11, 24, tzinfo=UTC)
        assert "$0.90 spent" in error.message
        assert "$0.100000001" in error.message
        await ledger.reserve(hold("c", "0.10", run_id="run_2"))  # fits to the last nano-dollar


async def test_a_limit_per_task_counts_its_run_alone_and_never_resets(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", per_task_limit=Decimal(1)) as (ledger, _):
        await ledger.reserve(hold("a", "0.60"))
        await ledger.settle("a", settled("0.60"))
        await ledger.reserve(hold("b", "0.60", run_id="run_2"))
        with pytest.raises(BudgetExceeded) as refused:
            await ledger.reserve(hold("c", "0.60"))
        assert (refused.value.limit_name, refused.value.resets_at) == ("per_task_limit", None)


async def test_a_token_limit_refuses_a_free_call_too(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", per_task_max_tokens=100) as (ledger, _):
        await ledger.reserve(hold("a", "0", tokens=95))
        await ledger.settle("a", settled("0"))  # used 7
        await ledger.reserve(hold("b", "0", tokens=93))
        await ledger.settle("b", settled("0"))
        with pytest.raises(BudgetExceeded) as refused:
            await ledger.reserve(hold("c", "0", tokens=87))
        assert refused.value.limit_name == "per_task_max_tokens"
        assert "100 tokens" in refused.value.message


async def test_a_free_call_goes_through_when_the_money_is_gone(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", daily_limit=Decimal(0)) as (ledger, _):
        assert await ledger.reserve(hold("a", "0")) is None
        with pytest.raises(BudgetExceeded):
            await ledger.reserve(hold("b", "0.000000001"))


async def test_a_call_waits_while_only_reservations_block_and_goes_on_when_they_settle(
    tmp_path: Path,
) -> None:
    with open_ledger(tmp_path / "a.db", daily_limit=Decimal(1)) as (ledger, _):
        await ledger.reserve(hold("a", "0.80"))
        waiting = asyncio.create_task(ledger.reserve(hold("b", "0.80")))
        await ledger.spending()  # a turn on the same thread: the waiter was heard and blocked
        assert not waiting.done()
        await ledger.settle("a", settled("0.10"))
        await waiting
        assert (await ledger.spending()).today.reserved_usd == Decimal("0.8")


async def test_a_wait_past_its_deadline_is_refused_with_what_is_reserved(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", daily_limit=Decimal(1)) as (ledger, _):
        await ledger.reserve(hold("a", "0.80"))
        with pytest.raises(BudgetExceeded) as refused:
            await ledger.reserve(hold("b", "0.80"), deadline_s=0)
        assert refused.value.reserved_usd == Decimal("0.8")
        assert refused.value.spent_usd == 0


async def test_of_many_calls_at_once_only_those_that_fit_are_admitted(tmp_path: Path) -> None:
    limits = {"daily_limit": Decimal(1), "warn_at_percent": 100}
    with open_ledger(tmp_path / "a.db", **limits) as (ledger, _):
        await ledger.reserve(hold("spent", "0.50"))
        await ledger.settle("spent", settled("0.50"))
        asked = [hold(f"a{n}", "0.20", run_id=f"run_{n}") for n in range(10)]
        outcomes = await asyncio.gather(
            *(ledger.reserve(h, deadline_s=0) for h in asked), return_exceptions=True
        )
        assert [o is None for o in outcomes] == [True] * 2 + [False] * 8
        assert all(isinstance(o, BudgetExceeded) for o in outcomes[2:])
        assert (await ledger.spending()).today.reserved_usd == Decimal("0.4")
        assert await ledger.disagreements() == ()


async def test_when_the_database_can_t_be_opened_every_call_is_told_and_may_try_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"junk" * 2000)
    with open_ledger(path) as (ledger, _):
        holds = [hold(f"a{n}", "0.20") for n in range(5)]
        told = await asyncio.gather(*map(ledger.reserve, holds), return_exceptions=True)
        assert [type(error) for error in told] == [StorageError] * 5
        path.unlink()
        assert await asyncio.gather(*map(ledger.reserve, holds)) == [None] * 5


async def test_a_cancelled_reservation_leaves_nothing_reserved(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, database):
        database.open()
        tasks = [asyncio.create_task(ledger.reserve(hold(f"a{n}", "0.10"))) for n in range(20)]
        await asyncio.sleep(0)  # each has handed its work to the database's thread
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks)
        today = (await ledger.spending()).today
        assert (today.reserved_usd, today.spent_usd) == (0, 0)
        assert await ledger.disagreements() == ()


async def test_a_cancelled_settlement_is_done_all_the_same(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, _):
        await ledger.reserve(hold("a", "0.50"))
        task = asyncio.create_task(ledger.settle("a", settled("0.20")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await ledger.run_cost("run_1") == Decimal("0.2")


async def test_soft_limits_warn_instead_of_refusing(tmp_path: Path) -> None:
    limits = {"daily_limit": Decimal(1), "hard_limits": False}
    with open_ledger(tmp_path / "a.db", **limits) as (ledger, _):
        first = await ledger.reserve(hold("a", "2"))
        assert first is not None
        assert first.limit_name == "daily_limit"
        assert "is passed" in first.message


async def test_a_warning_comes_at_its_share_of_a_limit_once_per_run(tmp_path: Path) -> None:
    limits = {"daily_limit": Decimal(1), "warn_at_percent": 80}
    with open_ledger(tmp_path / "a.db", **limits) as (ledger, _):
        assert await ledger.reserve(hold("a", "0.79")) is None
        near = await ledger.reserve(hold("b", "0.01"))
        assert near is not None
        assert near.message == "80 % of the daily limit of $1.00 is spent or reserved ($0.80)."
        assert await ledger.reserve(hold("c", "0.01")) is None
        assert await ledger.reserve(hold("d", "0.01", run_id="run_2")) is not None


async def test_without_cost_tracking_everything_is_recorded_and_nothing_refused(
    tmp_path: Path,
) -> None:
    limits = {"enabled": False, "daily_limit": Decimal(0), "per_task_max_tokens": 1}
    with open_ledger(tmp_path / "a.db", **limits) as (ledger, _):
        assert await ledger.reserve(hold("a", "9")) is None
        await ledger.settle("a", settled("8"))
        assert (await ledger.spending()).total.spent_usd == 8


async def test_a_served_model_without_a_price_is_unknown_at_its_hold(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, database):
        await ledger.reserve(hold("a", "0.50"))
        assert await ledger.settle("a", settled(None)) == Decimal("0.5")
        state = await database.call(lambda c: c.execute("SELECT state FROM attempts").fetchone())
        assert state == ("unknown",)
        assert await ledger.disagreements() == ()


@pytest.mark.allow_log_warnings
async def test_a_cost_above_the_hold_is_charged_in_full_flagged_and_blocks_later_calls(
    tmp_path: Path, logs: LogWatch
) -> None:
    with open_ledger(tmp_path / "a.db", daily_limit=Decimal(1)) as (ledger, database):
        await ledger.reserve(hold("a", "0.90"))
        assert await ledger.settle("a", settled("1.20")) == Decimal("1.2")
        flag = await database.call(
            lambda c: c.execute("SELECT is_over_hold, held_nusd FROM attempts").fetchone()
        )
        assert flag == (1, 900_000_000)
        assert logs.expect("attempt_cost_more_than_held").fields["attempt_id"] == "a"
        with pytest.raises(BudgetExceeded):
            await ledger.reserve(hold("b", "0.000000001"))


async def test_settling_what_was_never_reserved_is_a_bug(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, _), pytest.raises(LookupError):
        await ledger.settle("nothing", settled("1"))


@pytest.mark.allow_log_warnings
async def test_a_swept_attempt_is_corrected_when_its_owner_settles_after_all(
    tmp_path: Path,
) -> None:
    clock = SetClock()
    with open_ledger(tmp_path / "a.db", clock=clock) as (ledger, database):
        await ledger.reserve(hold("a", "0.50", tokens=100))
        await database.call(
            lambda c: c.execute("UPDATE attempts SET owner_boot = 'another boot'").rowcount
        )
        assert await ledger.sweep() == 1
        assert await ledger.sweep() == 0
        assert await ledger.run_cost("run_1") == Decimal("0.5")
        assert await ledger.disagreements() == ()
        assert await ledger.settle("a", settled("0.20")) == Decimal("0.2")
        assert await ledger.run_cost("run_1") == Decimal("0.2")
        assert (await ledger.spending()).total.calls == 1
        assert await ledger.disagreements() == ()


async def test_the_day_of_the_reservation_is_charged(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC))  # still November over there
    zone = "America/Los_Angeles"
    with open_ledger(tmp_path / "a.db", clock=clock, timezone=zone) as (ledger, database):
        await ledger.reserve(hold("a", "0.50"))
        clock.advance(timedelta(seconds=2))
        await ledger.settle("a", settled("0.40"))
        spending = await ledger.spending()
        assert (spending.today.calls, spending.month.calls) == (0, 0)
        assert spending.total.spent_usd == Decimal("0.4")
        charged = Days(date(2026, 11, 1), date(2026, 12, 31))
        days = await SqliteCostBook(database).lines(charged, CostGroup.DAY)
        assert [line.group for line in days] == ["2026-11-30"]


async def test_a_spent_day_is_followed_by_a_fresh_one(tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 11, 23, 23, 59, tzinfo=UTC))
    with open_ledger(tmp_path / "a.db", clock=clock, daily_limit=Decimal(1)) as (ledger, _):
        await ledger.reserve(hold("a", "1"))
        await ledger.settle("a", settled("1"))
        with pytest.raises(BudgetExceeded):
            await ledger.reserve(hold("b", "1", run_id="run_2"))
        clock.advance(timedelta(minutes=1))
        await ledger.reserve(hold("b", "1", run_id="run_2"))


@pytest.mark.allow_log_warnings  # costs above holds are among the examples
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    attempts=st.lists(
        st.tuples(
            st.integers(0, 10**12),
            st.one_of(st.none(), st.decimals(0, 1000, places=14)),
        ),
        max_size=12,
    )
)
def test_sums_are_exact_to_the_nano_dollar_and_each_cost_is_rounded_up(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[tuple[int, Decimal | None]]
) -> None:
    charged = [held if cost is None else to_nano_usd(cost) for held, cost in attempts]
    usage = Usage(1, 1)

    async def spend() -> None:
        path = tmp_path_factory.mktemp("sums") / "a.db"
        with open_ledger(path, enabled=False) as (ledger, _):
            for number, (held, cost) in enumerate(attempts):
                await ledger.reserve(hold(f"a{number}", str(from_nano_usd(held))))
                settlement = Settlement("m", usage, cost, is_estimated=False, outcome="ok")
                await ledger.settle(f"a{number}", settlement)
            spent_usd = (await ledger.spending()).total.spent_usd
            assert spent_usd * NANO_PER_USD == sum(charged)
            assert spent_usd >= sum(c for _, c in attempts if c is not None)
            assert await ledger.disagreements() == ()

    asyncio.run(spend())
