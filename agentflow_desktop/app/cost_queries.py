"""The door's part for money: what was spent on what, and where the month leads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, Ledger, Spending
from agentflow_desktop.llm.costs import (
    CostBar,
    CostBook,
    CostGroup,
    CostLine,
    Days,
    month_of,
)
from agentflow_desktop.llm.forecast import MonthOutlook, outlook, sampled_days
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.served_models import is_asked_model


class CostQueries:
    """Reads of the ledger, by days of the budget's calendar. ``limits`` are those in force."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        book: CostBook,
        calendar: BudgetCalendar,
        clock: Clock,
        limits: CostSettings,
        profiles: Sequence[ModelProfile],
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._calendar = calendar
        self._clock = clock
        self.limits = limits
        self._profiles: Mapping[str, ModelProfile] = {p.name: p for p in profiles}

    def today(self) -> date:
        """The budget's day that it is now."""
        return self._calendar.day(self._clock.now())

    async def spending(self) -> Spending:
        """Today, month and total, spent and reserved apart, with the limits."""
        return await self._ledger.spending()

    async def lines(
        self, days: Days, group: CostGroup, at_most: int | None = None
    ) -> Sequence[CostLine]:
        """Sums by a period (newest first), or by model, kind or run (dearest first).

        ``served`` of a model's line names only other models that answered in its place; of a
        model that is not configured any more it names none.
        """
        lines = await self._book.lines(days, group, at_most)
        return [replace(line, served=self._others(line)) for line in lines]

    async def bars(self, days: Days, step: CostGroup) -> Sequence[CostBar]:
        """Sums by period (``step`` is day, week or month) and model, oldest first."""
        return await self._book.bars(days, step)

    async def first_day(self) -> date | None:
        """The day of the first attempt; None if there was none."""
        return await self._book.first_day()

    async def outlook(self, day: date) -> MonthOutlook:
        """The month of a day against its limit, with a forecast while it is not over."""
        today, month = self.today(), month_of(day)
        first_day = await self._book.first_day()
        sample = sampled_days(today, first_day)
        known = Days(min(month.first, *sample, today), max(month.last, today))
        lines = await self._book.lines(known, CostGroup.DAY)
        sums = {date.fromisoformat(line.group): line.sums for line in lines}
        spent_usd = {day: of_day.spent_usd for day, of_day in sums.items()}
        held = [of_day.reserved_usd for day, of_day in sums.items() if day in month]
        return outlook(
            month,
            today,
            spent_usd,
            reserved_usd=sum(held, ZERO_USD),
            limit_usd=self.limits.monthly_limit,
            first_day=first_day,
        )

    def _others(self, line: CostLine) -> tuple[str, ...]:
        profile = self._profiles.get(line.group)
        if profile is None:
            return ()
        return tuple(name for name in line.served if not is_asked_model(profile, name))


def days_between(
    first: date | None, last: date | None, first_day: date | None, today: date
) -> Days:
    """A range whose ends may be left open: the first attempt (or today), and today.

    Raises InputRefused if it ends before it begins.
    """
    end = last or max(today, first or today)
    return Days(first or min(first_day or today, end), end)
