"""Prices: against the bundled list itself for every model, and what a person entered."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.adapters.price_book import OfflinePriceBook, Rate
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import Billing, ModelProfile, PriceOverride, ProviderKind

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOOK = OfflinePriceBook()
COUNTS = st.integers(0, 2_000_000)


def profile(
    model: str = "m",
    *,
    provider: str = "",
    url: str = "",
    billing: Billing = Billing.METERED,
    prices: tuple[PriceOverride, ...] = (),
) -> ModelProfile:
    return ModelProfile(
        name=model,
        provider=ProviderKind.OPENAI_COMPATIBLE,
        model=model,
        base_url=url,
        billing=billing,
        price_provider=provider,
        prices=prices,
    )


def entered(since: str, dollars: str, cached: str | None = None) -> PriceOverride:
    price = Decimal(dollars)
    kept = None if cached is None else Decimal(cached)
    return PriceOverride(date.fromisoformat(since), price, price * 4, kept)


def listed_models() -> Iterator[tuple[str, str]]:
    """Every model of the list that charges by text tokens both ways and is found by its id."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            if provider.find_model(model.id, all_providers=get_snapshot().providers) is not model:
                continue
            prices = model.get_prices(AT)
            if prices.input_mtok is not None and prices.output_mtok is not None:
                yield provider.id, model.id


def test_every_listed_model_costs_what_the_list_s_own_calculation_says() -> None:
    compared = 0
    for provider, model in listed_models():
        for usage in (Usage(1_000, 500), Usage(200_000, 7, 150_000), Usage(1_000_001, 90_000, 3)):
            theirs = genai_prices.calc_price(
                genai_prices.Usage(
                    input_tokens=usage.input_tokens,
                    output_tokens=usage.output_tokens,
                    cache_read_tokens=usage.cached_input_tokens,
                ),
                model,
                provider_id=provider,
                genai_request_timestamp=AT,
            ).total_price
            assert BOOK.cost(profile(model, provider=provider), usage, AT) == theirs, model
            compared += 1
    assert compared > 3_000


def test_a_call_over_the_threshold_pays_the_dearer_tier_for_all_its_tokens() -> None:
    pro = profile("gemini-2.5-pro", provider="google")
    assert BOOK.cost(pro, Usage(200_000, 1_000), AT) == Decimal("0.26")
    assert BOOK.cost(pro, Usage(200_001, 1_000), AT) == Decimal("0.5150025")
    assert BOOK.cost(pro, Usage(200_000, 1_000, 200_000), AT) == Decimal("0.035")


def test_a_price_changes_on_its_date() -> None:
    flash = profile("gemini-3.8-flash", provider="google")
    usage = Usage(1_000_000, 0)
    assert BOOK.cost(flash, usage, datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == Decimal("0.75")
    assert BOOK.cost(flash, usage, datetime(2027, 1, 1, tzinfo=UTC)) == Decimal("1.50")


def test_what_a_person_entered_wins_from_its_date_on() -> None:
    prices = (entered("2026-12-01", "3", "1"), entered("2026-01-01", "2"))
    own = profile("gpt-5", provider="openai", prices=prices)
    usage = Usage(1_000_000, 0, 500_000)
    assert BOOK.cost(own, usage, datetime(2025, 12, 31, tzinfo=UTC)) == Decimal("0.6875")  # list
    assert BOOK.cost(own, usage, AT) == Decimal(2)  # cached tokens at the input price
    assert BOOK.cost(own, usage, datetime(2026, 12, 1, tzinfo=UTC)) == Decimal(2)


def test_free_by_declaration_costs_nothing_and_unknown_is_never_nothing() -> None:
    usage = Usage(1_000_000, 1_000_000)
    free = profile("gpt-5", billing=Billing.FREE)
    assert BOOK.cost(free, usage, AT) == 0
    assert BOOK.upper_bound(free, 10, 10, AT) == 0
    strangers = (
        profile("never-heard-of-it"),
        profile("gpt-5", url="https://models.example/v1"),  # another seller's price is unknown
        profile("gpt-5", provider="no-such-provider"),
        profile("whisper-1", provider="openai"),  # not priced by text tokens
    )
    for stranger in strangers:
        assert BOOK.cost(stranger, usage, AT) is None
        assert BOOK.upper_bound(stranger, 10, 10, AT) is None
        assert BOOK.describe(stranger, AT) == "no price known"


def test_the_address_names_the_seller() -> None:
    known = profile("gpt-5", url="https://api.openai.com/v1")
    assert BOOK.cost(known, Usage(1_000_000, 0), AT) == Decimal("1.25")


def test_impossible_counts_are_read_as_the_nearest_possible_ones() -> None:
    known = profile("gpt-5", provider="openai")
    assert BOOK.cost(known, Usage(-5, -1, -3), AT) == 0
    assert BOOK.cost(known, Usage(100, 0, 900), AT) == BOOK.cost(known, Usage(100, 0, 100), AT)


def test_a_price_is_described_in_one_line() -> None:
    assert BOOK.describe(profile(billing=Billing.FREE), AT) == "free"
    line = BOOK.describe(profile("gpt-5", provider="openai"), AT)
    assert line == "$1.25 in, $10 out per 1M tokens"
    line = BOOK.describe(profile("gemini-2.5-pro", provider="google"), AT)
    assert line == ("$1.25 in, $10 out per 1M tokens (above 200,000 tokens $2.50 in, $15 out)")


def test_where_more_tokens_are_cheaper_the_upper_bound_stands_below_the_threshold() -> None:
    falling = ((-1, Decimal(10)), (1_000, Decimal(1)))
    rate = Rate(input=falling, output=((-1, Decimal(0)),), cached=falling)
    assert rate.upper_bound(1_001, 0) == rate.cost(1_000, 0, 0) == Decimal("0.01")
    assert rate.upper_bound(1_000, 0) == Decimal("0.01")


PRICES = st.decimals(0, 100, places=4)
TIERS = st.lists(st.tuples(st.integers(0, 10**6), PRICES), max_size=3).map(
    lambda tiers: ((-1, Decimal(1)), *sorted(dict(tiers).items()))
)


@given(tiers=st.tuples(TIERS, TIERS, TIERS), most_in=COUNTS, most_out=COUNTS, data=st.data())
def test_no_call_within_its_bounds_costs_more_than_the_upper_bound(
    tiers: tuple[tuple[tuple[int, Decimal], ...], ...],
    most_in: int,
    most_out: int,
    data: st.DataObject,
) -> None:
    rate = Rate(input=tiers[0], output=tiers[1], cached=tiers[2])
    tokens_in = data.draw(st.integers(0, most_in))
    cached = data.draw(st.integers(0, tokens_in))
    tokens_out = data.draw(st.integers(0, most_out))
    assert rate.cost(tokens_in, cached, tokens_out) <= rate.upper_bound(most_in, most_out)


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gemini-3.8-flash"])
def test_the_upper_bound_of_a_listed_model_is_reached_by_its_dearest_call(model: str) -> None:
    known = profile(model, provider="google")
    for tokens in (0, 1, 200_000, 200_001, 900_000):
        dearest = BOOK.cost(known, Usage(tokens, 8_000), AT)
        assert BOOK.upper_bound(known, tokens, 8_000, AT) == dearest
