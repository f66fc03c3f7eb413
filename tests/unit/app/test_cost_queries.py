"""The door to costs: ranges with open ends, models that others answered for, the month ahead."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.app.cost_queries import days_between
from agentflow_desktop.app.cost_tables import lines_csv
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.llm.costs import CostGroup, CostLine, CostSums, Days
from support.cost_home import CostHome, open_cost_home

TODAY = date(2026, 11, 23)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[CostHome]:
    with open_cost_home(tmp_path, monthly_limit="12") as opened:
        yield opened


async def test_only_another_model_is_named_as_served(home: CostHome) -> None:
    await home.spend("1", "dear", served="dear-20260611")  # a dated snapshot of the same
    await home.spend("1", "dear", served="another")
    await home.spend("1", "cheap", served="cheap")
    await home.spend("1", "forgotten", served="who-knows")  # not configured any more
    days = Days(TODAY, TODAY)
    lines = await home.costs.lines(days, CostGroup.MODEL)
    assert {line.group: line.served for line in lines} == {
        "dear": ("another",),
        "cheap": (),
        "forgotten": (),
    }


async def test_the_outlook_rests_on_the_days_before_the_month_too(home: CostHome) -> None:
    for _ in range(10):
        await home.spend("1")
        home.next_day()
    assert home.costs.today() == date(2026, 12, 3)
    month = await home.costs.outlook(home.costs.today())
    assert month.sampled_days == 10
    assert month.spent_usd == 2
    assert month.forecast_usd == 31
    assert month.reached_on == date(2026, 12, 13)
    november = await home.costs.outlook(date(2026, 11, 1))
    assert (november.spent_usd, november.forecast_usd, november.over_usd) == (8, None, 0)


async def test_what_is_held_counts_in_the_outlook_of_its_own_month(home: CostHome) -> None:
    await home.reserve("0.75")
    month = await home.costs.outlook(TODAY)
    assert (month.spent_usd, month.reserved_usd) == (0, Decimal("0.75"))
    assert month.days[22].open_usd == Decimal("0.75")
    assert (await home.costs.outlook(date(2026, 10, 1))).reserved_usd == 0


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, Days(date(2026, 3, 1), TODAY)),
        (date(2026, 5, 1), None, Days(date(2026, 5, 1), TODAY)),
        (None, date(2026, 4, 1), Days(date(2026, 3, 1), date(2026, 4, 1))),
        (None, date(2026, 1, 1), Days(date(2026, 1, 1), date(2026, 1, 1))),
        (date(2027, 1, 1), None, Days(date(2027, 1, 1), date(2027, 1, 1))),
    ],
)
def test_an_end_that_is_left_open_is_the_first_attempt_or_today(
    first: date | None, last: date | None, found: Days
) -> None:
    assert days_between(first, last, date(2026, 3, 1), TODAY) == found


def test_a_ledger_without_an_attempt_has_today_as_its_range() -> None:
    assert days_between(None, None, None, TODAY) == Days(TODAY, TODAY)
    with pytest.raises(InputRefused):
        days_between(TODAY, date(2026, 1, 1), None, TODAY)


def test_no_name_in_a_table_is_a_formula_to_a_spreadsheet() -> None:
    sums = CostSums(calls=1, spent_usd=Decimal("0.000000001"))
    text = lines_csv(CostGroup.MODEL, [CostLine("=cmd()", sums, served=("+1", "b"))])
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["model"], row["served_by_another"]) == ("'=cmd()", "'+1 b")
    assert row["spent_usd"] == "0.000000001"
