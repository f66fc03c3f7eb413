"""Whether a hold fits under the limits: arithmetic on integers, no storage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from agentflow_desktop.core.errors import BudgetExceeded
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.llm.budget import SpendingWarning

_WORDS = {
    "per_task_limit": "limit per task",
    "per_task_max_tokens": "token limit per task",
    "daily_limit": "daily limit",
    "monthly_limit": "monthly limit",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one limit stands before a hold: nano-dollars, or tokens if ``is_tokens``."""

    name: str
    limit: int
    spent: int
    reserved: int
    asked: int
    is_tokens: bool
    resets_at: datetime | None

    @property
    def after(self) -> int:
        return self.spent + self.reserved + self.asked

    @property
    def fit(self) -> "Fit":
        """What asks for nothing always fits, so that free calls go on when money is gone."""
        if self.asked == 0 or self.after <= self.limit:
            return Fit.FITS
        return Fit.WAITS if self.spent + self.asked <= self.limit else Fit.REFUSED

    def amount(self, value: int) -> str:
        """A figure for people, exact, so that what is refused by a hair can be understood."""
        return f"{value:,} tokens" if self.is_tokens else exact_usd(from_nano_usd(value))


class Fit(Enum):
    FITS = "fits"
    WAITS = "waits"  # would fit if nothing were reserved
    REFUSED = "refused"


def exact_usd(amount_usd: Decimal) -> str:
    """Dollars to the last digit, at least two after the point."""
    text = f"{amount_usd:f}"
    whole, _, cents = text.partition(".")
    return f"${int(whole):,}.{cents.rstrip('0').ljust(2, '0')}"


def refusal(standing: Standing, money: Standing) -> BudgetExceeded:
    """The error for a limit that is passed. ``money`` gives the dollars of a token limit."""
    words = _WORDS[standing.name]
    hint = (
        f"Wait until the limit resets, or raise production.cost_tracking.{standing.name}."
        if standing.resets_at
        else f"Ask a smaller question, or raise production.cost_tracking.{standing.name}."
    )
    verb = "may use" if standing.is_tokens else "may cost"
    return BudgetExceeded(
        f"The {words} of {standing.amount(standing.limit)} would be passed:"
        f" {standing.amount(standing.spent)} spent, {standing.amount(standing.reserved)} reserved,"
        f" and this call {verb} up to {standing.amount(standing.asked)}.",
        limit_name=standing.name,
        limit_usd=from_nano_usd(money.limit),
        spent_usd=from_nano_usd(money.spent),
        reserved_usd=from_nano_usd(money.reserved),
        asked_usd=from_nano_usd(money.asked),
        resets_at=standing.resets_at,
        hint=hint,
    )


def warning(standing: Standing, warn_at_percent: int) -> SpendingWarning | None:
    """What to tell a person about a limit that this hold brings near or, if soft, passes."""
    if standing.asked == 0 or standing.after * 100 < standing.limit * warn_at_percent:
        return None
    words = _WORDS[standing.name]
    limit = standing.amount(standing.limit)
    committed = standing.amount(standing.after)
    if standing.after > standing.limit:
        message = f"The {words} of {limit} is passed: {committed} spent or reserved."
    else:
        share = standing.after * 100 // standing.limit
        message = f"{share} % of the {words} of {limit} is spent or reserved ({committed})."
    return SpendingWarning(standing.name, message)
