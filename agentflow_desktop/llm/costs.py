"""What was spent, summed for people: by time, by model, by kind of task, by run.

Every sum is exact. Days are those of the budget's calendar, weeks begin on Monday.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.money import ZERO_USD

ONE_DAY = timedelta(days=1)


class CostGroup(StrEnum):
    """What costs can be summed by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    MODEL = "model"
    KIND = "kind"
    RUN = "run"

    @property
    def is_time(self) -> bool:
        return self in (CostGroup.DAY, CostGroup.WEEK, CostGroup.MONTH)


@dataclass(frozen=True, slots=True)
class Days:
    """From ``first`` to ``last``, both included. Raises InputRefused if they are swapped."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise InputRefused(
                f"The range begins on {self.first} and ends before, on {self.last}.",
                hint="Give the earlier day first.",
            )

    def __iter__(self) -> Iterator[date]:
        return (self.first + ONE_DAY * step for step in range(self.count))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """Whether this is one whole month of the calendar."""
        return self == month_of(self.first)


def last_days(count: int, until: date) -> Days:
    """The last days that end with ``until``."""
    return Days(until - ONE_DAY * (count - 1), until)


def month_of(day: date) -> Days:
    """The month that the day is in, whole."""
    first = day.replace(day=1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - ONE_DAY)


def period_start(day: date, step: CostGroup) -> date:
    """The first day of the day's period, which is a day, a week or a month."""
    match step:
        case CostGroup.WEEK:
            return day - ONE_DAY * day.weekday()
        case CostGroup.MONTH:
            return day.replace(day=1)
        case _:
            return day


@dataclass(frozen=True, slots=True)
class CostSums:
    """Sums over attempts. What is held is reserved and no call yet; cached tokens are part of the
    input, thinking tokens part of the output."""

    calls: int = 0
    paid_calls: int = 0
    unknown_calls: int = 0  # charged at their hold: the owner died, or no price is known
    estimated_calls: int = 0  # the usage was not reported, and is what we think it was
    spent_usd: Decimal = ZERO_USD
    reserved_usd: Decimal = ZERO_USD
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0

    @property
    def average_usd(self) -> Decimal:
        """Spent per call; 0 if there was none."""
        return self.spent_usd / self.calls if self.calls else ZERO_USD

    @property
    def paid_average_usd(self) -> Decimal:
        """Spent per call that cost something; 0 if there was none."""
        return self.spent_usd / self.paid_calls if self.paid_calls else ZERO_USD


def total_of(parts: Iterable[CostSums]) -> CostSums:
    """The sum of sums, field by field."""
    total = CostSums()
    for part in parts:
        total = CostSums(
            total.calls + part.calls,
            total.paid_calls + part.paid_calls,
            total.unknown_calls + part.unknown_calls,
            total.estimated_calls + part.estimated_calls,
            total.spent_usd + part.spent_usd,
            total.reserved_usd + part.reserved_usd,
            total.input_tokens + part.input_tokens,
            total.cached_input_tokens + part.cached_input_tokens,
            total.output_tokens + part.output_tokens,
            total.thinking_tokens + part.thinking_tokens,
        )
    return total


@dataclass(frozen=True, slots=True)
class CostLine:
    """Sums of one group. ``group`` is a day in ISO form (a period's first), or the name of a model,
    a kind or a run; ``title`` what a run was asked; ``served`` the models that answered."""

    group: str
    sums: CostSums
    title: str = ""
    served: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostBar:
    """What one model cost in the period that begins with ``start``."""

    start: date
    model: str
    sums: CostSums


class CostBook(Protocol):
    """Reads what the ledger wrote."""

    async def lines(
        self, days: Days, group: CostGroup, at_most: int | None = None
    ) -> Sequence[CostLine]:
        """Newest period first; else dearest first, ``at_most`` of them."""
        ...

    async def bars(self, days: Days, step: CostGroup) -> Sequence[CostBar]:
        """By period and model, oldest first. A period that began before ``days`` keeps its own
        first day, and holds only what is in ``days``."""
        ...

    async def first_day(self) -> date | None:
        """The day of the first attempt."""
        ...
