"""When a budget's day and month end, with clock changes and in any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.llm.budget import BudgetCalendar

ZONES = sorted(available_timezones())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # pyright: ignore[reportArgumentType]


def test_a_day_ends_at_midnight_of_the_zone() -> None:
    calendar = BudgetCalendar("Europe/Berlin")
    assert calendar.day(utc(2026, 11, 23, 22, 59)) == date(2026, 11, 23)
    assert calendar.day(utc(2026, 11, 23, 23, 0)) == date(2026, 11, 24)
    assert calendar.day_end(utc(2026, 11, 23, 22, 59)) == utc(2026, 11, 23, 23)


def test_days_with_a_clock_change_have_23_and_25_hours() -> None:
    calendar = BudgetCalendar("Europe/Berlin")
    spring, autumn = utc(2026, 3, 28, 23), utc(2026, 10, 24, 22)  # their midnights
    assert calendar.day_end(spring) - spring == timedelta(hours=23)
    assert calendar.day_end(autumn) - autumn == timedelta(hours=25)


def test_a_midnight_that_clocks_skip_ends_the_day_at_the_change() -> None:
    calendar = BudgetCalendar("America/Santiago")  # 2026-09-06 begins at 01:00
    assert calendar.day_end(utc(2026, 9, 5, 12)) == utc(2026, 9, 6, 4)
    assert calendar.day(utc(2026, 9, 6, 3, 59)) == date(2026, 9, 5)
    assert calendar.day(utc(2026, 9, 6, 4)) == date(2026, 9, 6)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (utc(2026, 12, 31, 22, 59, 59), utc(2026, 12, 31, 23)),
        (utc(2026, 12, 31, 23), utc(2027, 1, 31, 23)),
        (utc(2028, 2, 29, 12), utc(2028, 2, 29, 23)),
        (utc(2026, 3, 1, 12), utc(2026, 3, 31, 22)),  # summer time began meanwhile
    ],
)
def test_a_month_ends_with_its_last_day_in_the_zone(moment: datetime, end: datetime) -> None:
    assert BudgetCalendar("Europe/Berlin").month_end(moment) == end


def test_without_a_zone_the_machine_s_own_counts() -> None:
    moment = utc(2026, 11, 23, 12)
    assert BudgetCalendar().day(moment) == moment.astimezone().date()
    end = BudgetCalendar().day_end(moment).astimezone()
    assert (end.hour, end.minute) == (0, 0)


@pytest.mark.parametrize("name", ["Europe/Berlyn", "../etc/passwd", "Europe", "\0"])
def test_a_zone_that_is_not_known_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="not known"):
        BudgetCalendar(name)


@given(
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_day_s_end_is_the_first_moment_of_the_next_day(zone: str, moment: datetime) -> None:
    calendar = BudgetCalendar(zone)
    day, end = calendar.day(moment), calendar.day_end(moment)
    assert moment < end <= moment + timedelta(hours=49)
    assert calendar.day(end - timedelta(microseconds=1)) == day
    assert calendar.day(end) > day
    assert calendar.month_end(moment) >= end
    assert calendar.day(calendar.month_end(moment)).day == 1
    assert end == end.astimezone(ZoneInfo(zone)).astimezone(UTC)
