"""The ledger's words: holds, settlements, limits. Storage is an adapter's.

Every attempt at a call is exactly one of held, settled or unknown, and the sums agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from agentflow_desktop.core.routing import TaskKind
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
class CostRow:
    """Sums of one group of attempts (a day, a model, a task kind)."""

    group: str
    period: Period


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


class Ledger(Protocol):
    """Money, accounted for before it is spent. Safe among threads, tasks and processes."""

    async def reserve(self, hold: Hold, deadline_s: float | None = None) -> SpendingWarning | None:
        """Reserve the hold, atomically against every limit.

        Waits while only other reservations block. Raises BudgetExceeded if spending blocks, or
        if the wait outlasts ``deadline_s``.
        """
        ...

    async def settle(self, attempt_id: str, settlement: Settlement) -> Decimal:
        """Close the attempt and give the dollars charged. Idempotent: the first call wins."""
        ...

    async def spending(self) -> Spending: ...

    async def run_cost(self, run_id: str) -> Decimal:
        """What a run has cost so far, settled and unknown."""
        ...

    async def costs_by(self, group: str) -> Sequence[CostRow]:
        """``group`` is day, model or kind. Newest day first, dearest model or kind first."""
        ...
