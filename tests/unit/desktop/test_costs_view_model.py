"""The Costs & Cache screen without a window: ranges, readings, limits, kept results, exports."""

import asyncio
import csv
import io
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.adapters.whole_file import write_whole
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.desktop.screens.costs.periods import RangeKind
from agentflow_desktop.desktop.screens.costs.view_model import CostsViewModel, KeepSettings
from agentflow_desktop.llm.costs import CostGroup, Days, month_of
from support.cost_home import CostHome, keep_nothing, open_cost_home, until_so

TODAY = date(2026, 11, 23)
NOVEMBER = month_of(TODAY)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[CostHome]:
    with open_cost_home(tmp_path, daily_limit="8", monthly_limit="90") as opened:
        yield opened


@asynccontextmanager
async def shown(
    home: CostHome,
    keep: KeepSettings = keep_nothing,
    on_changed: Callable[[], None] = lambda: None,
    interval_s: float = 60,
) -> AsyncIterator[CostsViewModel]:
    """A view-model whose screen is looked at; what it began has ended afterwards."""
    tasks: set[asyncio.Task[Any]] = set()

    def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        return task

    model = CostsViewModel(spawn, lambda: None, on_changed, interval_s)
    model.connect(home.costs, home.cache, write=partial(write_whole, may_replace=True), keep=keep)
    model.set_shown(True)
    try:
        yield model
    finally:
        model.disconnect()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [e for e in done if isinstance(e, Exception)] == []


async def read(model: CostsViewModel) -> None:
    """Until what was asked for last has been read."""

    def is_read() -> bool:
        state = model.state
        figures = state.figures
        return figures is not None and (figures.days, figures.step) == (state.days, state.step)

    await until_so(is_read)


async def test_the_month_of_today_is_shown_first(home: CostHome) -> None:
    await home.spend("3", "dear")
    await home.spend("1", "cheap")
    async with shown(home) as model:
        await read(model)
        state = model.state
        assert (state.kind, state.days, state.step) == (RangeKind.MONTH, NOVEMBER, CostGroup.DAY)
        assert state.figures is not None
        assert [line.group for line in state.figures.models] == ["dear", "cheap"]
        assert state.figures.total.spent_usd == 4
        assert dict(state.series) == {"dear": 0, "cheap": 1}
        assert state.limits.monthly_limit == 90
        await until_so(lambda: model.state.is_drawable)


async def test_ranges_follow_the_switch_and_the_arrows(home: CostHome) -> None:
    async with shown(home) as model:
        await read(model)
        model.choose_kind(RangeKind.WEEK)
        assert model.state.days == Days(date(2026, 11, 17), TODAY)
        assert not model.state.can_go_later
        model.go_later()
        model.go_earlier()
        assert model.state.days == Days(date(2026, 11, 10), date(2026, 11, 16))
        model.go_later()
        assert model.state.days == Days(date(2026, 11, 17), TODAY)
        model.choose_kind(RangeKind.MONTH)
        model.go_earlier()
        model.go_earlier()
        assert model.state.days == month_of(date(2026, 9, 1))
        model.choose_kind(RangeKind.RANGE)
        assert model.state.days == month_of(date(2026, 9, 1))
        year = Days(date(2025, 11, 24), TODAY)
        model.choose_days(year)
        assert (model.state.days, model.state.step) == (year, CostGroup.WEEK)
        await read(model)


async def test_a_model_keeps_its_colour_when_another_overtakes_it(home: CostHome) -> None:
    await home.spend("2", "cheap")
    await home.spend("1", "dear")
    async with shown(home) as model:
        await read(model)
        assert dict(model.state.series) == {"cheap": 0, "dear": 1}
        await home.spend("5", "dear")
        await home.spend("3", "new")
        model.refresh()
        await until_so(lambda: total(model) == 11)
        assert dict(model.state.series) == {"cheap": 0, "dear": 1, "new": 2}


async def test_lines_are_of_the_group_that_was_chosen(home: CostHome) -> None:
    await home.spend("3", run_id="run_a")
    await home.spend("1", run_id="run_b")
    async with shown(home) as model:
        await read(model)
        for group, names in (
            (CostGroup.RUN, ["run_a", "run_b"]),
            (CostGroup.KIND, ["general"]),
            (CostGroup.DAY, ["2026-11-23"]),
        ):
            model.choose_group(group)
            await until_so(lambda: lines_of(model) == names)  # noqa: B023


def lines_of(model: CostsViewModel) -> list[str]:
    figures = model.state.figures
    return [line.group for line in figures.lines] if figures is not None else []


async def test_what_others_spend_meanwhile_is_read_by_itself(home: CostHome) -> None:
    async with shown(home, interval_s=0.01) as model:
        await read(model)
        await home.spend("2")
        await until_so(lambda: model.state.figures is not None and total(model) == 2)
        model.set_shown(False)
        await home.spend("2")
        model.set_shown(True)
        await until_so(lambda: total(model) == 4)


def total(model: CostsViewModel) -> Decimal:
    figures = model.state.figures
    return figures.total.spent_usd if figures is not None else Decimal(-1)


async def test_the_range_moves_on_at_midnight_unless_it_was_chosen(home: CostHome) -> None:
    async with shown(home, interval_s=0.01) as model:
        model.choose_kind(RangeKind.WEEK)
        await read(model)
        home.next_day()
        await until_so(lambda: model.state.days == Days(date(2026, 11, 18), date(2026, 11, 24)))
        model.go_earlier()
        chosen = model.state.days
        home.next_day()
        await until_so(lambda: model.state.today == date(2026, 11, 25))
        assert model.state.days == chosen


async def test_a_ledger_that_can_t_be_read_is_told_and_read_again(home: CostHome) -> None:
    def lock(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE model_days RENAME TO gone")

    def unlock(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE gone RENAME TO model_days")

    await home.database.call(lock)
    async with shown(home) as model:
        await until_so(lambda: model.state.problem is not None)
        assert model.state.figures is None
        await home.database.call(unlock)
        model.refresh()
        await read(model)
        assert model.state.problem is None


async def test_limits_are_judged_while_they_are_typed_and_kept_by_their_keys(
    home: CostHome,
) -> None:
    kept: list[Mapping[str, str]] = []
    changes: list[str] = []

    async def keep(values: Mapping[str, str]) -> None:
        kept.append(values)

    async with shown(home, keep, lambda: changes.append("changed")) as model:
        await read(model)
        model.edit_limits()
        assert model.state.draft is not None
        assert model.state.draft.texts["monthly_limit"] == "90"
        model.type_limit("daily_limit", "eight")
        model.keep_limits()
        assert model.state.draft.problems.keys() == {"daily_limit"}
        model.type_limit("daily_limit", " 12.50 ")
        model.keep_limits()
        await until_so(lambda: bool(kept))
        assert kept == [{"production.cost_tracking.daily_limit": "12.50"}]
        await until_so(lambda: model.state.draft is None)
        assert changes == ["changed"]


async def test_limits_that_can_t_be_kept_stay_typed_with_the_reason(home: CostHome) -> None:
    async def keep(_values: Mapping[str, str]) -> None:
        raise ConfigurationError("The file is read only.", hint="Change its rights.")

    async with shown(home, keep) as model:
        await read(model)
        model.edit_limits()
        model.type_limit("daily_limit", "1")
        model.keep_limits()
        await until_so(lambda: bool(model.state.draft_problem))
        assert model.state.draft_problem == "The file is read only. Change its rights."
        model.leave_limits()
        assert model.state.draft is None


async def test_a_kept_result_is_removed_and_put_back(home: CostHome) -> None:
    await home.keep("aa")
    await home.keep("bb")
    async with shown(home) as model:
        model.manage(True)
        await until_so(lambda: len(model.state.entries or ()) == 2)
        model.remove_entry("aa")
        await until_so(lambda: len(model.state.entries or ()) == 1)
        model.undo_removal()
        await until_so(lambda: len(model.state.entries or ()) == 2)
        assert model.state.removed == ()
        model.clear_entries(only_old=True)
        await until_so(lambda: model.state.notice == "Removed 0 kept results.")
        model.clear_entries(only_old=False)
        await until_so(lambda: model.state.entries == ())
        model.manage(False)
        assert model.state.entries is None


async def test_a_list_that_was_closed_meanwhile_stays_closed(home: CostHome) -> None:
    await home.keep("aa")
    async with shown(home) as model:
        await read(model)
        model.manage(True)
        await until_so(lambda: bool(model.state.entries))
        model.remove_entry("aa")
        model.manage(False)
        await until_so(lambda: bool(model.state.removed))
        await read(model)
        assert model.state.entries is None


async def test_exports_hold_the_exact_values(home: CostHome, tmp_path: Path) -> None:
    await home.spend("0.123456789", "dear")
    await home.spend("0.000000001", "cheap")
    await home.keep("aa")
    await home.cache.get("aa")
    async with shown(home) as model:
        await read(model)
        target = tmp_path / "costs.csv"
        model.write(target, model.chart_csv().encode())
        await until_so(lambda: model.state.notice == f"Wrote {target}")
        bars, uses = target.read_text("utf-8").split("\n\n")
        spent = {row["model"]: row["spent_usd"] for row in csv.DictReader(io.StringIO(bars))}
        assert spent == {"dear": "0.123456789", "cheap": "0.000000001"}
        (use,) = csv.DictReader(io.StringIO(uses))
        assert (use["day"], use["hits"], use["saved_usd"]) == ("2026-11-23", "1", "0.250000000")
        rows = list(csv.DictReader(io.StringIO(model.table_csv())))
        assert sum(Decimal(row["spent_usd"]) for row in rows) == total(model)
        model.write(tmp_path / "absent" / "costs.csv", b"")
        await until_so(lambda: model.state.problem is not None)
