"""The words that a reader sees for badges, quote states and reasons, the same everywhere."""

from collections.abc import Mapping
from types import MappingProxyType

from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import (
    CONTEXT_TTL_S,
    Badge,
    PlannedContextCache,
    PlannedFallback,
    Route,
)
from agentflow_desktop.llm.claims import StopReason

BADGES: Mapping[Badge, str] = MappingProxyType(
    {
        Badge.BUILT_IN: "Built-in engine: passages found, not reasoning",
        Badge.SELF_VERIFIED: "Self-verified: one model played both roles",
        Badge.NOT_VERIFIED: "Not verified by a second model",
        Badge.OTHER_MODEL_SERVED: "The server answered with another model than was asked for",
        Badge.ESTIMATED_COST: "Cost is estimated: a provider reported no usage",
        Badge.UNSTRUCTURED: "The reply was not in the form asked for: no quotes to check",
        Badge.INCOMPLETE: "Part of the documents was not read: see the answer",
        Badge.FALLBACK: "An approved fallback was asked in place of a model: see the notices",
    }
)

QUOTE_STATES: Mapping[QuoteState, str] = MappingProxyType(
    {
        QuoteState.EXACT: "exact",
        QuoteState.SPACES: "same but for white space",
        QuoteState.AMBIGUOUS: "stands in more than one place",
        QuoteState.NOT_FOUND: "not found in the files",
    }
)

STOP_REASONS: Mapping[StopReason, str] = MappingProxyType(
    {
        StopReason.APPROVED: "the reviewer approved",
        StopReason.NO_NEW_ISSUE: "the reviewer raised nothing new",
        StopReason.MAX_ITERATIONS: "the number of reviews that settings allow was reached",
        StopReason.BUDGET: "the budget allows no further call",
        StopReason.TIME: "the time ran out",
        StopReason.VERIFICATION_OFF: "verification is off",
        StopReason.REVIEW_FAILED: "the reviewer gave no usable review",
        StopReason.REFINE_FAILED: "the planner gave no usable answer to the review",
        StopReason.NOTHING_FOUND: "nothing was found that answers the task",
        StopReason.QUOTES_CHECKED: "code checked every quote",
    }
)


def fallback_text(fallback: PlannedFallback) -> str:
    """What happens, at what price, if a role's model can't be asked."""
    price = "$0"
    if fallback.at_most_usd:
        price = (
            f"about {format_usd(fallback.about_usd)}, at most {format_usd(fallback.at_most_usd)}"
        )
    return (
        f"if {fallback.instead_of} can't be reached as {fallback.role}, {fallback.model} answers:"
        f" {price} for its part"
    )


def context_text(cache: PlannedContextCache) -> str:
    """Why a provider keeps the documents, in figures."""
    return (
        f"the documents ({cache.tokens:,} tokens) are kept with {cache.model} for at most"
        f" {CONTEXT_TTL_S // 60} min: about {format_usd(cache.kept_usd)} instead of"
        f" {format_usd(cache.plain_usd)} for {cache.calls.normalize():f} calls on them"
    )


def route_notes(route: Route) -> list[str]:
    """What a reader is told beside a route's calls and price."""
    notes = [context_text(cache) for cache in route.context_caches]
    return [*notes, *(fallback_text(fallback) for fallback in route.fallbacks)]
