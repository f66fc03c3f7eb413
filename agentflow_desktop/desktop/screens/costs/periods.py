"""The range of days that is looked at, and how a person moves it."""

from datetime import date
from enum import Enum

from agentflow_desktop.llm.costs import ONE_DAY, Days, last_days, month_of


class RangeKind(Enum):
    """What the switch in the header offers, in its order."""

    WEEK = "7 days"
    THIRTY = "30 days"
    MONTH = "Month"
    RANGE = "Range"


def range_of(kind: RangeKind, until: date) -> Days:
    """The range of a kind that ends with a day, or the month that the day is in."""
    match kind:
        case RangeKind.WEEK:
            return last_days(7, until)
        case RangeKind.THIRTY:
            return last_days(30, until)
        case RangeKind.MONTH:
            return month_of(until)
        case RangeKind.RANGE:
            return last_days(90, until)


def earlier(days: Days) -> Days:
    """The range before, of the same length; of a month the month before. Where the calendar
    begins there is none."""
    if days.first == date.min:
        return days
    until = days.first - ONE_DAY
    count = min(days.count, (until - date.min).days + 1)
    return month_of(until) if days.is_month else last_days(count, until)


def later(days: Days) -> Days:
    """The range after."""
    start = days.last + ONE_DAY
    return month_of(start) if days.is_month else Days(start, start + ONE_DAY * (days.count - 1))
