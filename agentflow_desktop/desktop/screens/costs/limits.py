"""Limits while they are edited: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from agentflow_desktop.core.settings import CostSettings

LIMITS = {
    "daily_limit": "Daily limit",
    "monthly_limit": "Monthly limit",
    "per_task_limit": "Limit per task",
}
"""The settings below ``production.cost_tracking`` that can be changed in place, and their words."""
SECTION = "production.cost_tracking"
_MOST_USD = Decimal(1_000_000)
_PLACES = -9


@dataclass(frozen=True, slots=True)
class LimitsDraft:
    """What stands in the fields, by setting."""

    texts: Mapping[str, str]
    before: Mapping[str, str]

    def typed(self, name: str, text: str) -> "LimitsDraft":
        """The draft after a field was changed."""
        return replace(self, texts={**self.texts, name: text})

    @property
    def problems(self) -> Mapping[str, str]:
        """By setting, a sentence on what is wrong; empty if all can be kept."""
        found = {name: limit_problem(text) for name, text in self.texts.items()}
        return {name: problem for name, problem in found.items() if problem}

    @property
    def note(self) -> str:
        """What is odd, but allowed."""
        if self.problems:
            return ""
        daily, monthly = (Decimal(self.texts[n].strip()) for n in ("daily_limit", "monthly_limit"))
        return "The daily limit is above the monthly one." if daily > monthly else ""

    @property
    def changes(self) -> Mapping[str, str]:
        """The settings to be kept, by their whole key; empty if nothing was changed."""
        return {
            f"{SECTION}.{name}": text.strip()
            for name, text in self.texts.items()
            if not limit_problem(text) and Decimal(text.strip()) != Decimal(self.before[name])
        }


def draft_of(limits: CostSettings) -> LimitsDraft:
    """The limits in force, as they are typed."""
    texts = {name: f"{getattr(limits, name):f}" for name in LIMITS}
    return LimitsDraft(texts, texts)


def limit_problem(text: str) -> str:
    """What is wrong with an amount, as a sentence; empty if nothing is."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return "Type an amount in dollars, such as 8 or 2.50."
    if not amount.is_finite() or amount < 0:
        return "A limit is 0 or more."
    if amount > _MOST_USD:
        return f"At most ${_MOST_USD:,}."
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < _PLACES:
        return "At most nine digits after the point."
    return ""
