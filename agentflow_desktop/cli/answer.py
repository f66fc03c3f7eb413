"""A result at the terminal: the answer with numbers, the quotes behind them, what was rejected."""

from datetime import datetime

from agentflow_desktop.cli.terminal import Terminal, visible
from agentflow_desktop.cli.wording import age, count
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.workflows.ask.citations import Citations, number_citations
from agentflow_desktop.workflows.ask.inert import inert_markdown, marked_claim
from agentflow_desktop.workflows.ask.model import AskResult
from agentflow_desktop.workflows.ask.wording import BADGES, QUOTE_STATES, STOP_REASONS


async def print_answer(terminal: Terminal, result: AskResult, now: datetime) -> None:
    """Answer and quotes on stdout; where they come from on stderr."""
    if result.cached_from is not None:
        kept = result.cached_from
        terminal.note(
            f"Using cached result ({age(kept.stored_at, now)} old, "
            f"cost {format_usd(kept.cost_usd)} then)"
        )
    citations = number_citations(result.answer)
    await terminal.show_markdown(visible(answer_markdown(result, citations)))
    quotes = quotes_text(citations)
    if quotes:
        await terminal.show(f"\n{visible(quotes)}")
    for badge in result.badges:
        terminal.note(BADGES[badge])
    if result.iterations:
        reviews = count(result.iterations, "review")
        terminal.note(f"Ended after {reviews}: {STOP_REASONS[result.stop_reason]}")


def answer_markdown(result: AskResult, citations: Citations) -> str:
    """The claims in order, each with the numbers of its quotes or said to have none."""
    title = inert_markdown(" ".join(result.answer.title.split()))
    parts = [f"## {title}"] if title else []
    for claim in result.answer.claims:
        if claim.is_gap:
            parts.append(f"**Not read:** {claim.text.strip()}")
            continue
        parts.append(marked_claim(claim.text, citations.marks(claim) or "(no quote)"))
    return "\n\n".join(parts)


def quotes_text(citations: Citations) -> str:
    """``[1] notes.md:14  "quote"  exact``, and the rejected ones below."""
    lines = [f"[{n}] {_quote(e)}" for n, e in enumerate(citations.quotes, start=1)]
    if citations.rejected:
        lines += (
            ["", f"Rejected ({len(citations.rejected)})"]
            if lines
            else [f"Rejected ({len(citations.rejected)})"]
        )
        lines += [f"    {_quote(evidence)}" for evidence in citations.rejected]
    return "\n".join(lines)


def _quote(evidence: Evidence) -> str:
    text = evidence.quote.replace("\n", "\n      ")
    return f'{evidence.place()}  "{text}"  {QUOTE_STATES[evidence.state]}'
