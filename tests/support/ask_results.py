"""Results of the ask workflow, made by hand."""

from decimal import Decimal

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.routing import Route, Tier
from agentflow_desktop.llm.claims import Answer, Claim, StopReason
from agentflow_desktop.workflows.ask.model import AskResult


def new_result(*claims: Claim) -> AskResult:
    """A result of the built-in engine with these claims, or one with one quote."""
    quote = Evidence("cell.md", "d", "140 A", QuoteState.EXACT, line=4)
    return AskResult(
        task="What limits it?",
        answer=Answer("Charge current", claims or (Claim("c1", "At most 140 A.", (quote,)),)),
        route=Route(Tier.SMALL, "few tokens", 10, is_exact=True, calls=(), badges=()),
        badges=(),
        stop_reason=StopReason.QUOTES_CHECKED,
        iterations=0,
        files=(),
        review=None,
        responses=(),
        cost_usd=Decimal(0),
    )
