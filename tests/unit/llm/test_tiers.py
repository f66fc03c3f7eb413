"""Tiers by size, at their edges."""

import pytest

from agentflow_desktop.core.routing import Tier
from agentflow_desktop.core.settings import RoutingSettings
from agentflow_desktop.llm.tiers import choose_tier, explain_tier, is_near_threshold

SETTINGS = RoutingSettings()


@pytest.mark.parametrize(
    ("tokens", "tier"),
    [
        (0, Tier.SMALL),
        (7_999, Tier.SMALL),
        (8_000, Tier.MEDIUM),
        (100_000, Tier.MEDIUM),
        (100_001, Tier.LARGE),
    ],
)
def test_the_tier_changes_exactly_at_the_thresholds(tokens: int, tier: Tier) -> None:
    assert choose_tier(tokens, SETTINGS) is tier
    assert f"{tokens:,} tokens" in explain_tier(tokens, tier, SETTINGS)


@pytest.mark.parametrize(
    ("tokens", "is_near"),
    [(6_799, False), (6_800, True), (9_200, True), (9_201, False), (28_000, True)],
)
def test_only_an_estimate_near_a_threshold_or_the_window_needs_an_exact_count(
    tokens: int, is_near: bool
) -> None:
    assert is_near_threshold(tokens, 32_000, SETTINGS) is is_near
