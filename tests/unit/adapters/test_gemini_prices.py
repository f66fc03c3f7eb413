"""What the shipped Gemini models cost: tiers, thinking, cached tokens, prices from a date on."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.llm.attempts import StreamRecord, settlement
from agentflow_desktop.llm.messages import ServedPart, Usage, UsagePart
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind
from agentflow_desktop.llm.served_models import is_asked_model

IN_2026 = datetime(2026, 11, 23, 12, tzinfo=UTC)
IN_2027 = datetime(2027, 1, 1, tzinfo=UTC)
BOOK = OfflinePriceBook()
GEMINI = [
    profile
    for profile in load_models(Path("absent.yaml"))
    if profile.provider is ProviderKind.GOOGLE_GENAI
]


def model(name: str) -> ModelProfile:
    return next(profile for profile in GEMINI if profile.name == name)


@pytest.mark.parametrize(
    ("name", "usage", "at", "dollars"),
    [
        # A call whose input passes 200,000 tokens pays the dearer price for all its tokens.
        ("gemini-2.5-pro", Usage(200_000, 1_000_000), IN_2026, "10.25"),
        ("gemini-2.5-pro", Usage(200_001, 1_000_000), IN_2026, "15.5000025"),
        ("gemini-2.5-pro", Usage(100_000, 0, cached_input_tokens=100_000), IN_2026, "0.0125"),
        ("gemini-2.5-flash", Usage(1_000_000, 1_000_000), IN_2026, "2.8"),
        ("gemini-2.5-flash", Usage(1_000_000, 0, cached_input_tokens=1_000_000), IN_2026, "0.03"),
        ("gemini-3.1-pro-preview", Usage(200_000, 1_000_000), IN_2026, "12.4"),
        ("gemini-3.1-pro-preview", Usage(1_000_000, 1_000_000), IN_2026, "22"),
        ("gemini-3.8-flash", Usage(1_000_000, 1_000_000), IN_2026, "4.5"),
        ("gemini-3.8-flash", Usage(1_000_000, 1_000_000), IN_2027, "9"),
    ],
)
def test_a_call_costs_what_google_charges(
    name: str, usage: Usage, at: datetime, dollars: str
) -> None:
    assert BOOK.cost(model(name), usage, at) == Decimal(dollars)


def test_thinking_is_charged_as_output() -> None:
    thinking = Usage(0, 1_000_000, thinking_tokens=900_000)
    assert BOOK.cost(model("gemini-2.5-pro"), thinking, IN_2026) == Decimal(10)


@pytest.mark.parametrize(
    ("name", "dollars"),
    [
        ("gemini-2.5-pro", Decimal("4.5")),
        ("gemini-2.5-flash", Decimal(1)),
        ("gemini-3.1-pro-preview", Decimal("4.5")),
        ("gemini-3.8-flash", None),
    ],
)
def test_documents_are_kept_at_the_price_of_an_hour_or_not_at_all(
    name: str, dollars: Decimal | None
) -> None:
    assert BOOK.storage(model(name), 1_000_000, 3600, IN_2026) == dollars
    half = BOOK.storage(model(name), 1_000_000, 1800, IN_2026)
    assert half == (dollars / 2 if dollars is not None else None)
    assert (model(name).cache_min_tokens is None) == (dollars is None)


@pytest.mark.parametrize("profile", GEMINI, ids=lambda profile: profile.name)
def test_the_hold_covers_the_dearest_call(profile: ModelProfile) -> None:
    for at in (IN_2026, IN_2027):
        for tokens in (199_999, 200_000, 200_001, 900_000):
            held = BOOK.upper_bound(profile, tokens, 65_536, at)
            cost = BOOK.cost(profile, Usage(tokens, 65_536), at)
            assert held is not None
            assert cost is not None
            assert 0 < cost <= held


@pytest.mark.parametrize("profile", GEMINI, ids=lambda profile: profile.name)
def test_a_shipped_gemini_model_bounds_its_thinking_and_knows_its_snapshots(
    profile: ModelProfile,
) -> None:
    assert (profile.thinking_level is None) != (profile.thinking_budget is None)
    assert profile.counts_tokens
    assert is_asked_model(profile, f"{profile.model}-001")
    assert is_asked_model(profile, f"{profile.model}-preview-09-2026") == (
        "preview" not in profile.model
    )
    assert not is_asked_model(profile, "gemini-9-ultra")


def test_a_retired_model_is_charged_at_the_price_of_the_one_that_answers() -> None:
    record = StreamRecord(IN_2026)
    record.add(ServedPart("gemini-3.1-pro-preview"))
    record.add(UsagePart(Usage(1_000, 1_000)))
    asked = model("gemini-2.5-pro")
    assert record.usage is not None
    settled = settlement(record, asked, BOOK, record.usage, outcome="ok")
    assert settled.cost_usd == Decimal("0.014")
    assert not is_asked_model(asked, record.served_model)
