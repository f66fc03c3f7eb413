"""The ledger's words: holds, settlements, limits. Storage is an adapter's.

Every attempt at a call is exactly one of held, settled or unknown, and the sums agree.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.money import ZERO_USD, format_usd
from agentflow_desktop.core.routing import Route, TaskKind
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.messages import Usage


class AttemptState(StrEnum):
    HELD = "held"
    SETTLED = "settled"
    UNKNOWN = "unknown"  # the owner died, or a served model has no price: counts at the hold


@dataclass(frozen=True, slots=True)
class Hold:
    """What an attempt may cost at most, reserved before it is made.

    ``max_tokens`` bounds input and output together, for the per-task token limit.
    """

    attempt_id: str
    run_id: str
    job_kind: str
    task_kind: TaskKind
    model: str
    at_most_usd: Decimal
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an attempt cost in truth.

    ``usage`` is what was counted or, if ``is_estimated``, what we think it was. ``cost_usd`` is
    None if it can't be known (no price for the served model): the attempt becomes unknown, at
    its hold. ``outcome`` is a short word (ok, cancelled, broken, refused) for the ledger.
    """

    served_model: str
    usage: Usage
    cost_usd: Decimal | None
    is_estimated: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class SpendingWarning:
    """A limit is near or, with soft limits, passed. ``message`` is a sentence."""

    limit_name: str
    message: str


@dataclass(frozen=True, slots=True)
class Period:
    """Sums over a day, a month or all time. Spent (settled and unknown) and reserved apart."""

    calls: int
    spent_usd: Decimal
    reserved_usd: Decimal
    input_tokens: int
    output_tokens: int

    @property
    def average_usd(self) -> Decimal:
        """Spent per finished call; 0 if there was none."""
        return self.spent_usd / self.calls if self.calls else Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """Where the budget stands. ``resets_*`` are the ends of the day and the month, UTC."""

    today: Period
    month: Period
    total: Period
    daily_limit_usd: Decimal
    monthly_limit_usd: Decimal
    resets_day_at: datetime
    resets_month_at: datetime
    saved_by_cache_usd: Decimal


class BudgetCalendar:
    """Days and months of the budget, which end at midnight in ``timezone``.

    Empty: the machine's own zone. Raises ConfigurationError for a zone that is not known here.
    """

    def __init__(self, timezone: str = "") -> None:
        try:
            self._zone = ZoneInfo(timezone) if timezone else None
        except (KeyError, ValueError, OSError) as error:  # unknown, malformed, a directory's name
            raise ConfigurationError(
                f"The budget's time zone {timezone!r} is not known.",
                hint="Set budget.timezone to a name such as Europe/Berlin, or leave it empty.",
            ) from error

    def day(self, moment: datetime) -> date:
        """The budget's day that the moment falls in."""
        return moment.astimezone(self._zone).date()

    def day_end(self, moment: datetime) -> datetime:
        """When that day ends, in UTC. Days with a clock change have 23 or 25 hours."""
        return self._midnight(self.day(moment) + timedelta(days=1))

    def month_end(self, moment: datetime) -> datetime:
        """When the month of that day ends, in UTC."""
        first = self.day(moment).replace(day=1)
        return self._midnight((first + timedelta(days=31)).replace(day=1))

    def _midnight(self, day: date) -> datetime:
        # Where clocks skip midnight, the earlier offset names the very moment of the change.
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)


def foresee_refusal(route: Route, spending: Spending, limits: CostSettings) -> str:
    """A sentence if a limit, as it stands now, refuses the route's first call or is passed by
    its expected price; empty if there is room."""
    if not limits.enabled or not route.calls:
        return ""
    first_usd, about_usd = route.calls[0].hold_usd, route.about_usd
    rooms = (
        ("limit per task", limits.per_task_limit),
        ("daily limit", limits.daily_limit - spending.today.spent_usd),
        ("monthly limit", limits.monthly_limit - spending.month.spent_usd),
    )
    for name, left_usd in rooms:
        left = f"{format_usd(max(left_usd, ZERO_USD))} left of the {name}"
        if first_usd > max(left_usd, ZERO_USD):
            return f"The first call may cost {format_usd(first_usd)}, more than the {left}."
        if about_usd > left_usd:
            return f"The price of about {format_usd(about_usd)} is more than the {left}."
    return ""


class Ledger(Protocol):
    """Money, accounted for before it is spent. Safe among threads, tasks and processes."""

    async def reserve(self, hold: Hold, deadline_s: float | None = None) -> SpendingWarning | None:
        """Reserve the hold, atomically against every limit.

        Waits while only other reservations block. Raises BudgetExceeded if spending blocks, or
        if the wait outlasts ``deadline_s``. If the caller is cancelled, nothing stays reserved.
        """
        ...

    async def settle(self, attempt_id: str, settlement: Settlement) -> Decimal:
        """Close the attempt and give the dollars charged. Idempotent: the first call wins."""
        ...

    async def spending(self) -> Spending: ...

    async def run_cost(self, run_id: str) -> Decimal:
        """What a run has cost so far, settled and unknown."""
        ...
