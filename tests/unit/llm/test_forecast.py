"""Where a month leads: exact arithmetic on known days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.llm.costs import CostGroup, Days, last_days, month_of, period_start
from agentflow_desktop.llm.forecast import outlook, sampled_days

NOVEMBER = month_of(date(2026, 11, 1))
TODAY = date(2026, 11, 20)  # a Friday
LONG_AGO = date(2025, 1, 1)


def week_of(weekday_usd: str, weekend_usd: str, until: date = TODAY) -> dict[date, Decimal]:
    """The same cost on every weekday and every day of a weekend, before ``until``."""
    days = last_days(60, until - timedelta(days=1))
    return {d: Decimal(weekend_usd if d.weekday() >= 5 else weekday_usd) for d in days}


def test_days_to_come_cost_the_mean_of_their_weekday() -> None:
    month = outlook(
        NOVEMBER,
        TODAY,
        week_of("4", "1"),
        reserved_usd=ZERO_USD,
        limit_usd=Decimal(500),
        first_day=LONG_AGO,
    )
    # 14 weekdays and 5 weekend days are over; 7 weekdays (today among them) and 4 are to come.
    assert month.spent_usd == 14 * 4 + 5
    assert month.forecast_usd == 21 * 4 + 9
    assert month.spread_usd == 0  # every weekday was the same
    assert month.sampled_days == 28
    assert (month.reached_on, month.over_usd) == (None, 0)


def test_the_day_on_which_the_limit_is_passed_is_named() -> None:
    month = outlook(
        NOVEMBER,
        TODAY,
        week_of("4", "1"),
        reserved_usd=ZERO_USD,
        limit_usd=Decimal(72),
        first_day=LONG_AGO,
    )
    # 61 until yesterday, 65 today, 66, 67, then Monday 71 and Tuesday 75.
    assert month.reached_on == date(2026, 11, 24)
    assert month.over_usd == 21


def test_today_counts_what_it_cost_and_what_is_still_expected_of_it() -> None:
    spent = {**week_of("4", "1"), TODAY: Decimal("1.5")}
    days = {
        d.day: d
        for d in outlook(
            NOVEMBER, TODAY, spent, reserved_usd=ZERO_USD, limit_usd=Decimal(1), first_day=LONG_AGO
        ).days
    }
    assert (days[TODAY].spent_usd, days[TODAY].open_usd) == (Decimal("1.5"), Decimal("2.5"))
    over = {**spent, TODAY: Decimal(9)}
    held = Decimal("0.25")
    days = {
        d.day: d
        for d in outlook(
            NOVEMBER, TODAY, over, reserved_usd=held, limit_usd=Decimal(1), first_day=LONG_AGO
        ).days
    }
    assert days[TODAY].open_usd == held


def test_the_spread_is_the_deviation_around_the_weekdays_means_and_grows_with_the_days() -> None:
    spent = week_of("4", "4")
    for weeks in range(4):  # 3 and 5 in turn, on every weekday: a deviation of 1, 28 squares
        for day in last_days(7, TODAY - timedelta(days=1 + 7 * weeks)):
            spent[day] = Decimal(3 if weeks % 2 else 5)
    month = outlook(
        NOVEMBER, TODAY, spent, reserved_usd=ZERO_USD, limit_usd=Decimal(500), first_day=LONG_AGO
    )
    variance = Decimal(28) / (28 - 7)
    assert month.days[-1].spread_usd == month.spread_usd
    assert abs(month.spread_usd**2 - variance * 11) < Decimal("0.00000001")
    spreads = [day.spread_usd for day in month.days]
    assert spreads == sorted(spreads)
    assert spreads[18] == 0  # yesterday is known


def test_few_days_are_taken_by_their_plain_mean() -> None:
    began = TODAY - timedelta(days=4)
    spent = {began + timedelta(days=n): Decimal(n) for n in range(4)}  # 0, 1, 2, 3
    month = outlook(
        NOVEMBER, TODAY, spent, reserved_usd=ZERO_USD, limit_usd=Decimal(500), first_day=began
    )
    assert month.sampled_days == 4
    assert [day.open_usd for day in month.days[19:]] == [Decimal("1.5")] * 11
    assert month.forecast_usd == Decimal(6) + Decimal("16.5")


@pytest.mark.parametrize("days_known", [0, 1, 2])
def test_without_enough_days_there_is_no_forecast(days_known: int) -> None:
    began = TODAY - timedelta(days=days_known)
    spent = {began: Decimal(2), TODAY: Decimal(1)}
    month = outlook(
        NOVEMBER, TODAY, spent, reserved_usd=ZERO_USD, limit_usd=Decimal(500), first_day=began
    )
    assert (month.forecast_usd, month.spread_usd, month.sampled_days) == (None, 0, days_known)
    assert month.days[-1].until_usd == month.spent_usd
    assert sampled_days(TODAY, None) == []


def test_a_month_that_is_over_is_told_as_it_was() -> None:
    october = month_of(date(2026, 10, 9))
    month = outlook(
        october,
        TODAY,
        week_of("4", "1"),
        reserved_usd=ZERO_USD,
        limit_usd=Decimal(50),
        first_day=LONG_AGO,
    )
    assert month.forecast_usd is None
    assert month.spent_usd == sum(d.spent_usd for d in month.days) == month.days[-1].until_usd
    assert month.over_usd == month.spent_usd - 50
    assert month.reached_on is not None


def test_ranges_know_their_days() -> None:
    assert Days(date(2026, 11, 1), date(2026, 11, 30)) == NOVEMBER
    assert (NOVEMBER.count, NOVEMBER.is_month, len(list(NOVEMBER))) == (30, True, 30)
    assert not last_days(30, TODAY).is_month
    assert TODAY in NOVEMBER
    assert month_of(date(2027, 12, 31)) == Days(date(2027, 12, 1), date(2027, 12, 31))
    with pytest.raises(InputRefused):
        Days(TODAY, TODAY - timedelta(days=1))


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert period_start(TODAY, CostGroup.WEEK) == date(2026, 11, 16)
    assert period_start(date(2026, 11, 16), CostGroup.WEEK) == date(2026, 11, 16)
    assert period_start(date(2026, 11, 22), CostGroup.WEEK) == date(2026, 11, 16)
    assert period_start(TODAY, CostGroup.MONTH) == date(2026, 11, 1)
    assert period_start(TODAY, CostGroup.DAY) == TODAY
