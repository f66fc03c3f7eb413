"""Prices out of the bundled list of genai-prices, and what a person entered instead.

Never online: the list is as old as the installed package. It is read at the first question
only, since importing it takes a fifth of a second. Tiers are cliffs: a call whose input passes
a threshold pays the dearer price for all its tokens.
Source: ``genai_prices.types.TieredPrices`` for the rule; a test compares every model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import Billing, ModelProfile

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

_MILLIONTH = -6
_THOUSANDTH = -3
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars per million tokens, by the call's input tokens: ``(above, dollars)`` ascending,
    the first above -1. ``per_call_usd`` is charged for each call.
    """

    input: tuple[tuple[int, Decimal], ...]
    output: tuple[tuple[int, Decimal], ...]
    cached: tuple[tuple[int, Decimal], ...]
    per_call_usd: Decimal = Decimal(0)

    def cost(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> Decimal:
        """Dollars for one call, exact. ``input_tokens`` includes the cached ones."""
        fresh = (input_tokens - cached_tokens) * _at(self.input, input_tokens)
        cached = cached_tokens * _at(self.cached, input_tokens)
        output = output_tokens * _at(self.output, input_tokens)
        return (fresh + cached + output).scaleb(_MILLIONTH) + self.per_call_usd

    def upper_bound(self, input_tokens: int, max_output_tokens: int) -> Decimal:
        """The most that a call with at most so many tokens can cost, whatever is cached.

        Within a tier more tokens cost more, so the dearest call stands at a tier's upper end.
        """
        thresholds = {
            above for tiers in (self.input, self.output, self.cached) for above, _ in tiers
        }
        ends = [input_tokens, *(t for t in thresholds if 0 <= t < input_tokens)]
        return max(self.cost(end, cached, max_output_tokens) for end in ends for cached in {0, end})


class OfflinePriceBook:
    """The PriceBook of the program. What a person entered wins over the list."""

    def cost(self, profile: ModelProfile, usage: Usage, at: datetime) -> Decimal | None:
        """See ``llm.pricing.PriceBook``. Impossible counts (negative, more cached than input)
        are read as the nearest possible ones.
        """
        if profile.billing is Billing.FREE:
            return Decimal(0)
        rate = self.rate(profile, at)
        if rate is None:
            return None
        input_tokens = max(usage.input_tokens, 0)
        cached = min(max(usage.cached_input_tokens, 0), input_tokens)
        return rate.cost(input_tokens, cached, max(usage.output_tokens, 0))

    def upper_bound(
        self, profile: ModelProfile, input_tokens: int, max_output_tokens: int, at: datetime
    ) -> Decimal | None:
        """See ``llm.pricing.PriceBook``. Holds for a settlement priced at the same time."""
        if profile.billing is Billing.FREE:
            return Decimal(0)
        rate = self.rate(profile, at)
        return None if rate is None else rate.upper_bound(input_tokens, max_output_tokens)

    def storage(
        self, profile: ModelProfile, tokens: int, seconds: int, at: datetime
    ) -> Decimal | None:
        """See ``llm.pricing.PriceBook``. Known only from models.yaml: the list has no storage."""
        if profile.billing is Billing.FREE:
            return Decimal(0)
        day = at.astimezone(UTC).date()
        effective = [p for p in profile.storage_prices if p.effective_from <= day]
        if not effective:
            return None
        price = max(effective, key=lambda p: p.effective_from)
        return (price.usd_per_hour * tokens * seconds).scaleb(_MILLIONTH) / _HOUR_S

    def describe(self, profile: ModelProfile, at: datetime) -> str:
        """The price in one line for people: ``$1.25 in, $10 out per 1M tokens``."""
        if profile.billing is Billing.FREE:
            return "free"
        rate = self.rate(profile, at)
        if rate is None:
            return "no price known"
        line = f"${_plain(rate.input[0][1])} in, ${_plain(rate.output[0][1])} out per 1M tokens"
        if len(rate.input) > 1:
            above, dollars = rate.input[1]
            line += f" (above {above:,} tokens ${_plain(dollars)} in"
            line += f", ${_plain(_at(rate.output, above + 1))} out)"
        return line

    def load(self) -> None:
        """Read the list now, on the caller's thread, so that no later question waits for it."""
        _read_list()

    def rate(self, profile: ModelProfile, at: datetime) -> Rate | None:
        """The rate at that time; None if neither the person nor the list has one."""
        return _entered(profile, at) or _listed(profile, at)


def _entered(profile: ModelProfile, at: datetime) -> Rate | None:
    day = at.astimezone(UTC).date()
    effective = [p for p in profile.prices if p.effective_from <= day]
    if not effective:
        return None
    price = max(effective, key=lambda p: p.effective_from)
    cached = price.input_usd if price.cached_input_usd is None else price.cached_input_usd
    return Rate(_flat(price.input_usd), _flat(price.output_usd), _flat(cached))


def _listed(profile: ModelProfile, at: datetime) -> Rate | None:
    """From the list: by the named provider, else by the address, else by the model's name."""
    try:
        _, model = _read_list().find_provider_model(
            profile.price_model or profile.model,
            None,
            profile.price_provider or None,
            None if profile.price_provider else profile.base_url or None,
        )
    except LookupError:
        return None
    prices = model.get_prices(at)
    if prices.input_mtok is None or prices.output_mtok is None:
        return None  # a list entry without both is no price: never a silent $0
    per_call = prices.requests_kcount
    return Rate(
        _tiers(prices.input_mtok),
        _tiers(prices.output_mtok),
        _tiers(prices.input_mtok if prices.cache_read_mtok is None else prices.cache_read_mtok),
        per_call.scaleb(_THOUSANDTH) if isinstance(per_call, Decimal) else Decimal(0),
    )


def _read_list() -> "DataSnapshot":
    from genai_prices.data_snapshot import get_snapshot  # 0.2 s: only when asked

    return get_snapshot()


def _tiers(price: Any) -> tuple[tuple[int, Decimal], ...]:
    if isinstance(price, Decimal):
        return _flat(price)
    return (*_flat(price.base), *((tier.start, tier.price) for tier in price.tiers))


def _flat(dollars: Decimal) -> tuple[tuple[int, Decimal], ...]:
    return ((-1, dollars),)


def _at(tiers: Sequence[tuple[int, Decimal]], input_tokens: int) -> Decimal:
    return next(dollars for above, dollars in reversed(tiers) if input_tokens > above)


def _plain(dollars: Decimal) -> str:
    whole, _, cents = f"{dollars.normalize():f}".partition(".")
    return f"{whole}.{cents.ljust(2, '0')}" if cents else whole
