"""What a month will cost: the mean of the last days by weekday, and how far off that may be.

The method, whole: take the days before today, at most 28 of them and none before the first
attempt. Each day to come is expected to cost the mean of its weekday among them, or, while they
are fewer than 14, the mean of all. What is left of today is what its mean exceeds what today has
cost, and at least what is held. The spread is one standard deviation of those days around their
means, times the square root of the number of days to come: about two of three months end within
it. With fewer than 3 days there is no forecast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import isqrt

from agentflow_desktop.core.money import ZERO_USD, from_nano_usd, to_nano_usd
from agentflow_desktop.llm.costs import ONE_DAY, Days, last_days

SAMPLED_DAYS = 28
LEAST_DAYS = 3
_BY_WEEKDAY_FROM = 14
_ALL_WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class OutlookDay:
    """One day of a month. ``spent_usd`` is what it has cost, ``open_usd`` what is expected of it
    yet, ``until_usd`` both of all days up to it, ``spread_usd`` how far off that may be."""

    day: date
    spent_usd: Decimal
    open_usd: Decimal
    until_usd: Decimal
    spread_usd: Decimal


@dataclass(frozen=True, slots=True)
class MonthOutlook:
    """A month against its limit. ``forecast_usd`` is None for a month that is over or where too
    few days are known; ``reached_on`` is the day on which the limit is passed, if one is."""

    month: Days
    today: date
    limit_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal
    days: tuple[OutlookDay, ...]
    forecast_usd: Decimal | None
    spread_usd: Decimal
    reached_on: date | None
    sampled_days: int

    @property
    def over_usd(self) -> Decimal:
        """By how much the forecast, or else what is spent, passes the limit; 0 if it does not."""
        end_usd = self.spent_usd if self.forecast_usd is None else self.forecast_usd
        return max(end_usd - self.limit_usd, ZERO_USD)


def sampled_days(today: date, first_day: date | None) -> Sequence[date]:
    """The days that a forecast rests on: oldest first, none if the ledger begins today."""
    days = last_days(SAMPLED_DAYS, today - ONE_DAY)
    return [day for day in days if first_day is not None and day >= first_day]


def outlook(
    month: Days,
    today: date,
    spent_usd: Mapping[date, Decimal],
    *,
    reserved_usd: Decimal,
    limit_usd: Decimal,
    first_day: date | None,
) -> MonthOutlook:
    """The month's days and where they lead. ``spent_usd`` holds the days of the month and those
    that ``sampled_days`` names; a day that is absent cost nothing."""
    sample = sampled_days(today, first_day)
    is_open = today in month and len(sample) >= LEAST_DAYS
    means, variance = _means([(d, to_nano_usd(spent_usd.get(d, ZERO_USD))) for d in sample])
    days: list[OutlookDay] = []
    until, ahead = 0, 0
    for day in month:
        spent = to_nano_usd(spent_usd.get(day, ZERO_USD))
        rest = 0
        if day == today:
            rest = to_nano_usd(reserved_usd)
        if is_open and day >= today:
            rest = max(rest, means[day.weekday()] - spent)
            ahead += 1
        until += spent + rest
        days.append(
            OutlookDay(
                day,
                from_nano_usd(spent),
                from_nano_usd(rest),
                from_nano_usd(until),
                from_nano_usd(isqrt(variance * ahead)),
            )
        )
    return MonthOutlook(
        month=month,
        today=today,
        limit_usd=limit_usd,
        spent_usd=sum((day.spent_usd for day in days), ZERO_USD),
        reserved_usd=reserved_usd,
        days=tuple(days),
        forecast_usd=days[-1].until_usd if is_open else None,
        spread_usd=days[-1].spread_usd,
        reached_on=next((d.day for d in days if d.until_usd > limit_usd), None),
        sampled_days=len(sample),
    )


def _means(sample: Sequence[tuple[date, int]]) -> tuple[Sequence[int], int]:
    """The expected cost by weekday, and the variance around it, in nano-dollars. Rounded up."""
    if len(sample) < LEAST_DAYS:
        return [0 for _ in _ALL_WEEKDAYS], 0
    by_weekday = len(sample) >= _BY_WEEKDAY_FROM
    means = [
        _mean([cost for day, cost in sample if not by_weekday or day.weekday() == weekday])
        for weekday in _ALL_WEEKDAYS
    ]
    squares = sum((cost - means[day.weekday()]) ** 2 for day, cost in sample)
    freedom = len(sample) - (len(means) if by_weekday else 1)
    return means, squares // freedom


def _mean(costs: Sequence[int]) -> int:
    return -(-sum(costs) // len(costs))
