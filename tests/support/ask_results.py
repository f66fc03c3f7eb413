"""Results of the ask workflow, made by hand."""

from datetime import UTC, datetime
from decimal import Decimal

from agentflow_desktop.core.events import RunEvent, RunStarted, RunSucceeded
from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.routing import Route, Tier
from agentflow_desktop.llm.claims import Answer, Claim, StopReason
from agentflow_desktop.workflows.ask.model import KIND, AskResult
from agentflow_desktop.workflows.ask.report import Report, report_of


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


def report_on(result: AskResult, *between: RunEvent) -> Report:
    """The report of a run that gave this result, with these events before it."""
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    started = RunStarted(run_id="run_1", at=at, kind=KIND, title=result.task)
    ended = RunSucceeded(
        run_id="run_1", at=at, kind=KIND, result=result, cost_usd=result.cost_usd, duration_s=1.5
    )
    report = report_of([started, *between, ended])
    assert report is not None
    return report
