"""When it pays to have documents kept, by the price book."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.llm.context_caches import plan_context_cache
from agentflow_desktop.llm.provider import (
    Billing,
    ModelProfile,
    PriceOverride,
    ProviderKind,
    StoragePrice,
)
from support.call_parts import a_profile

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BOOK = OfflinePriceBook()


def keeping(**changes: object) -> ModelProfile:
    """A model at $1, $0.1 cached, that keeps tokens for $3 an hour from 2026 on, $6 from 2027."""
    fields: dict[str, object] = {
        "provider": ProviderKind.GOOGLE_GENAI,
        "cache_min_tokens": 4_096,
        "prices": (PriceOverride(date(2020, 1, 1), Decimal(1), Decimal(2), Decimal("0.1")),),
        "storage_prices": (
            StoragePrice(date(2027, 1, 1), Decimal(6)),
            StoragePrice(date(2026, 1, 1), Decimal(3)),
        ),
        **changes,
    }
    return a_profile("http://127.0.0.1:1", **fields)


def test_it_pays_from_the_call_on_whose_saving_covers_writing_and_storage() -> None:
    # Writing costs 1, storing for a sixth of an hour 0.5, and each call saves 0.9.
    assert plan_context_cache(keeping(), BOOK, 10_000, Decimal("1.5"), NOW) is None
    planned = plan_context_cache(keeping(), BOOK, 10_000, Decimal(2), NOW)
    assert planned is not None
    assert planned.plain_usd == Decimal("0.02")
    assert planned.kept_usd == Decimal("0.017")
    assert planned.about_usd == planned.at_most_usd == Decimal("0.015")


def test_equal_prices_keep_nothing() -> None:
    even = keeping(storage_prices=(StoragePrice(date(2026, 1, 1), Decimal("4.8")),))
    assert plan_context_cache(even, BOOK, 10_000, Decimal(2), NOW) is None


@pytest.mark.parametrize(
    ("changes", "tokens"),
    [
        ({}, 4_095),
        ({"cache_min_tokens": None}, 10_000),
        ({"billing": Billing.FREE}, 10_000),
        ({"storage_prices": ()}, 10_000),
        ({"prices": (), "model": "unknown-to-all"}, 10_000),
    ],
)
def test_too_few_tokens_a_free_model_or_an_unknown_price_keep_nothing(
    changes: dict[str, object], tokens: int
) -> None:
    assert plan_context_cache(keeping(**changes), BOOK, tokens, Decimal(50), NOW) is None


def test_a_storage_price_holds_from_its_date_on() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert BOOK.storage(keeping(), 1_000_000, 600, NOW) == Decimal("0.5")
    assert BOOK.storage(keeping(), 1_000_000, 600, later) == Decimal(1)
    assert BOOK.storage(keeping(), 1, 1, datetime(2025, 12, 31, tzinfo=UTC)) is None
