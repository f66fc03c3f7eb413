"""Sums over the ledger: exact in every grouping, and the same as a plain sum over attempts."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow_desktop.adapters.sqlite import model_days
from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.adapters.sqlite.migrations import MIGRATIONS, migrate
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.llm.budget import Settlement
from agentflow_desktop.llm.costs import CostGroup, CostSums, Days, period_start, total_of
from agentflow_desktop.llm.messages import Usage
from support.money import hold, open_ledger, settled
from support.set_clock import SetClock

START = datetime(2026, 1, 30, 12, tzinfo=UTC)
ALL = Days(date(2026, 1, 1), date(2026, 12, 31))

Attempt = tuple[int, str, TaskKind, str, int, int | None, bool]
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(0, 40),  # days after START
        st.sampled_from(["planner", "heavy"]),
        st.sampled_from([TaskKind.GENERAL, TaskKind.LOGS]),
        st.sampled_from(["run_1", "run_2", "run_3"]),
        st.integers(0, 10**12),  # held
        st.one_of(st.none(), st.integers(0, 10**12)),  # charged; None: no price
        st.booleans(),  # False: still waits
    ),
    max_size=15,
)


def expected(attempt: Attempt) -> CostSums:
    _, _, _, _, held, charged, is_settled = attempt
    if not is_settled:
        return CostSums(reserved_usd=from_nano_usd(held))
    spent = held if charged is None else charged
    return CostSums(
        1, int(spent > 0), int(charged is None), 1, from_nano_usd(spent), from_nano_usd(0),
        7, 2, 5, 3,
    )  # fmt: skip


def group_of(attempt: Attempt, group: CostGroup) -> str:
    offset, model, kind, run_id, *_ = attempt
    day = START.date() + timedelta(days=offset)
    match group:
        case CostGroup.MODEL:
            return model
        case CostGroup.KIND:
            return kind.value
        case CostGroup.RUN:
            return run_id
        case _:
            return period_start(day, group).isoformat()


@pytest.mark.allow_log_warnings  # costs above holds are among the examples
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(attempts=ATTEMPTS)
def test_sums_agree_with_a_plain_sum_over_the_attempts(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[Attempt]
) -> None:
    async def check() -> None:
        clock = SetClock(START)
        path = tmp_path_factory.mktemp("costs") / "a.db"
        with open_ledger(path, clock=clock, enabled=False) as (ledger, database):
            for number, attempt in enumerate(sorted(attempts, key=lambda a: a[0])):
                offset, model, kind, run_id, held, charged, is_settled = attempt
                clock.advance(START + timedelta(days=offset) - clock.now())
                asked = hold(
                    f"a{number}", str(from_nano_usd(held)), run_id=run_id, model=model, kind=kind
                )
                await ledger.reserve(asked)
                if is_settled:
                    cost = None if charged is None else from_nano_usd(charged)
                    usage = Usage(7, 5, cached_input_tokens=2, thinking_tokens=3)
                    await ledger.settle(f"a{number}", Settlement("m", usage, cost, True, "ok"))
            assert await ledger.disagreements() == ()
            book = SqliteCostBook(database)
            for group in CostGroup:
                plain: dict[str, list[CostSums]] = defaultdict(list)
                for attempt in attempts:
                    plain[group_of(attempt, group)].append(expected(attempt))
                lines = await book.lines(ALL, group)
                assert {line.group: line.sums for line in lines} == {
                    name: total_of(parts) for name, parts in plain.items()
                }
            for step in (CostGroup.DAY, CostGroup.WEEK, CostGroup.MONTH):
                bars = await book.bars(ALL, step)
                whole = total_of(map(expected, attempts))
                assert total_of(bar.sums for bar in bars) == whole
                assert [bar.start for bar in bars] == sorted(bar.start for bar in bars)

    asyncio.run(check())


async def test_a_range_takes_both_of_its_ends_and_nothing_beyond(tmp_path: Path) -> None:
    clock = SetClock(START)
    with open_ledger(tmp_path / "a.db", clock=clock) as (ledger, database):
        for number in range(4):
            await ledger.reserve(hold(f"a{number}", "0.5", run_id=f"run_{number}"))
            await ledger.settle(f"a{number}", settled("0.10"))
            clock.advance(timedelta(days=1))
        book = SqliteCostBook(database)
        lines = await book.lines(Days(date(2026, 1, 31), date(2026, 2, 1)), CostGroup.DAY)
        assert [line.group for line in lines] == ["2026-02-01", "2026-01-31"]
        dearest = await book.lines(ALL, CostGroup.RUN, at_most=2)
        assert [line.group for line in dearest] == ["run_0", "run_1"]
        assert await book.first_day() == date(2026, 1, 30)


async def test_a_model_names_those_that_answered_in_its_place(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, database):
        await ledger.reserve(hold("a", "0.5"))
        await ledger.settle("a", settled("0.10"))
        await ledger.reserve(hold("b", "0.5"))
        lines = await SqliteCostBook(database).lines(Days(date.min, date.max), CostGroup.MODEL)
        assert [(line.group, line.served) for line in lines] == [("paid", ("paid-0611",))]
        assert await SqliteCostBook(database).first_day() is not None


@pytest.mark.allow_log_warnings
async def test_a_swept_attempt_is_unknown_until_its_owner_settles_it(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db") as (ledger, database):
        book = SqliteCostBook(database)
        await ledger.reserve(hold("a", "0.50"))
        await database.call(lambda c: c.execute("UPDATE attempts SET owner_boot = 'other'"))
        assert await ledger.sweep() == 1
        (line,) = await book.lines(Days(date.min, date.max), CostGroup.KIND)
        assert (line.sums.calls, line.sums.unknown_calls) == (1, 1)
        assert (line.sums.spent_usd, line.sums.reserved_usd) == (Decimal("0.5"), 0)
        assert await ledger.disagreements() == ()
        await ledger.settle("a", settled("0.20"))
        (line,) = await book.lines(Days(date.min, date.max), CostGroup.KIND)
        assert (line.sums.unknown_calls, line.sums.spent_usd) == (0, Decimal("0.2"))
        assert await ledger.disagreements() == ()


async def test_a_cell_that_went_wrong_is_named(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a.db", clock=SetClock(START)) as (ledger, database):
        await ledger.reserve(hold("a", "0.5"))
        await ledger.settle("a", settled("0.10"))
        await database.call(lambda c: c.execute("UPDATE model_days SET calls = calls + 1"))
        found = await ledger.disagreements()
        assert "cell:2026-01-30/paid/paid-0611/general" in found


async def test_sums_of_an_older_database_are_made_from_its_attempts(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_ledger(path) as (ledger, database):
        await ledger.reserve(hold("a", "0.5"))
        await ledger.settle("a", settled("0.10"))
        await ledger.reserve(hold("b", "0.5"))

        def as_before(connection) -> tuple[str, ...]:
            connection.execute("DROP TABLE model_days")
            connection.execute("DROP INDEX attempts_of_day")
            connection.execute("DELETE FROM migrations WHERE name = 'm0007_model_days'")
            migrate(connection, path, SetClock().now(), MIGRATIONS)
            return model_days.disagreements(connection)

        assert await database.call(as_before) == ()
        (line,) = await SqliteCostBook(database).lines(Days(date.min, date.max), CostGroup.MODEL)
        assert (line.sums.spent_usd, line.sums.reserved_usd) == (Decimal("0.1"), Decimal("0.5"))
