"""Which tier a task belongs to, by its size. The price is in ``llm.route_planner``."""

from agentflow_desktop.core.routing import Tier
from agentflow_desktop.core.settings import RoutingSettings


def choose_tier(tokens: int, settings: RoutingSettings) -> Tier:
    """The tier of a task of this many tokens: small below the first threshold, large above
    the second."""
    if tokens < settings.small_max_tokens:
        return Tier.SMALL
    if tokens <= settings.medium_max_tokens:
        return Tier.MEDIUM
    return Tier.LARGE


def explain_tier(tokens: int, tier: Tier, settings: RoutingSettings) -> str:
    """One sentence on why the tier was chosen."""
    if tier is Tier.SMALL:
        return f"{tokens:,} tokens are under {settings.small_max_tokens:,}"
    if tier is Tier.MEDIUM:
        return (
            f"{tokens:,} tokens are from {settings.small_max_tokens:,} "
            f"to {settings.medium_max_tokens:,}"
        )
    return f"{tokens:,} tokens are over {settings.medium_max_tokens:,}"


def is_near_threshold(tokens: int, window_tokens: int, settings: RoutingSettings) -> bool:
    """Whether an estimate is too close to a threshold or the window to decide by."""
    margin = settings.count_exactly_within_pct / 100
    marks = (settings.small_max_tokens, settings.medium_max_tokens, window_tokens)
    return any(abs(tokens - mark) <= mark * margin for mark in marks)
