"""Prices of tokens: what a call cost, and the most that it can cost."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import ModelProfile


class PriceBook(Protocol):
    """Knows what models charge, offline."""

    def cost(self, profile: ModelProfile, usage: Usage, at: datetime) -> Decimal | None:
        """Dollars for this usage at that time; None if no price is known. Free models cost 0."""
        ...

    def upper_bound(
        self, profile: ModelProfile, input_tokens: int, max_output_tokens: int, at: datetime
    ) -> Decimal | None:
        """The most that such a call can cost: dearest tier it can reach, nothing cached."""
        ...

    def storage(
        self, profile: ModelProfile, tokens: int, seconds: int, at: datetime
    ) -> Decimal | None:
        """Dollars for keeping so many tokens at the provider; None if no price is known. Free
        models cost 0."""
        ...

    def describe(self, profile: ModelProfile, at: datetime) -> str:
        """The price in a few words: "free", dollars in and out per million tokens, or that none
        is known."""
        ...
