"""A report as Markdown. What a model or a file contributed is made inert."""

from collections.abc import Iterator

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import IssueResponse, Review
from agentflow_desktop.workflows.ask.citations import Citations
from agentflow_desktop.workflows.ask.inert import (
    code_span,
    inert_markdown,
    marked_claim,
    one_line,
)
from agentflow_desktop.workflows.ask.model import AskResult, FileLine
from agentflow_desktop.workflows.ask.report import (
    Report,
    ReportStep,
    exact_usd,
    models_of,
    route_words,
)
from agentflow_desktop.workflows.ask.wording import BADGES, QUOTE_STATES, STOP_REASONS


def to_markdown(report: Report) -> str:
    """The whole report as Markdown that ends in a line feed."""
    result, citations = report.result, report.citations
    parts = [
        f"# {inert_markdown(one_line(report.title))}",
        f"**Task:** {inert_markdown(one_line(result.task))}",
        *_claims(result, citations),
        *_quotes("Quotes", citations.quotes, is_numbered=True),
        *_quotes(f"Rejected ({len(citations.rejected)})", citations.rejected, is_numbered=False),
        *_review(result.review, result.responses),
        *_files(result.files),
        *_steps(report.steps),
        *_about(report),
    ]
    return "\n\n".join(parts) + "\n"


def _claims(result: AskResult, citations: Citations) -> Iterator[str]:
    for claim in result.answer.claims:
        if claim.is_gap:
            yield f"**Not read:** {inert_markdown(claim.text.strip())}"
        else:
            yield marked_claim(claim.text, citations.marks(claim) or "*(no quote)*")


def _quotes(title: str, quotes: tuple[Evidence, ...], *, is_numbered: bool) -> Iterator[str]:
    if not quotes:
        return
    yield f"## {title}"
    lines: list[str] = []
    for number, evidence in enumerate(quotes, start=1):
        mark = f"{number}." if is_numbered else "-"
        state = QUOTE_STATES[evidence.state]
        lines.append(f"{mark} {code_span(evidence.place())}: {code_span(evidence.quote)} ({state})")
    yield "\n".join(lines)


def _review(review: Review | None, responses: tuple[IssueResponse, ...]) -> Iterator[str]:
    if review is None:
        return
    yield "## Review"
    yield f"Verdict: {review.verdict.value}."
    answers = {response.issue_id: response for response in responses}
    lines: list[str] = []
    for issue in review.issues:
        line = f"- {issue.severity.value}: {inert_markdown(one_line(issue.why))}"
        if issue.evidence is not None:
            line += f" {code_span(issue.evidence.place())}: {code_span(issue.evidence.quote)}"
            line += f" ({QUOTE_STATES[issue.evidence.state]})"
        if issue.is_rejected:
            line += " — rejected: its quote was not found"
        answer = answers.get(issue.issue_id)
        if answer is not None:
            line += f"\n  - {answer.stance.value}: {inert_markdown(one_line(answer.reason))}"
        lines.append(line)
    if lines:
        yield "\n".join(lines)
    if review.alternative.strip():
        yield f"The reviewer's alternative: {inert_markdown(one_line(review.alternative))}"


def _files(files: tuple[FileLine, ...]) -> Iterator[str]:
    if not files:
        return
    yield "## Files"
    yield "\n".join(_file(line) for line in files)


def _file(line: FileLine) -> str:
    text = f"- {code_span(line.name)}: {line.state.value}"
    if line.state is FileState.READ and line.tokens is not None:
        text += f", about {line.tokens:,} tokens"
    if line.reason:
        text += f". {inert_markdown(one_line(line.reason))}"
    if line.digest:
        text += f"\n  - SHA-256 {code_span(line.digest)}"
    return text


def _steps(steps: tuple[ReportStep, ...]) -> Iterator[str]:
    asked = [step for step in steps if step.was_asked]
    if not asked:
        return
    yield "## Steps"
    rows = ["| step | model | tokens in | tokens out | cost |", "|---|---|--:|--:|--:|"]
    for step in asked:
        cells = (_cell(step.title), _cell(step.model_words), *step.figures)
        rows.append(f"| {' | '.join(cells)} |")
    yield "\n".join(rows)


def _cell(text: str) -> str:
    return inert_markdown(one_line(text)).replace("|", r"\|")


def _about(report: Report) -> Iterator[str]:
    yield "## How this came about"
    result, route = report.result, report.result.route
    lines = [f"- Run: {code_span(report.run_id)}, {to_iso_z(report.started_at)}"]
    lines.append(f"- Route: {route_words(route)}: {inert_markdown(route.reason)}")
    lines += [f"- {role}: {code_span(model)}" for role, model in models_of(route)]
    lines += [f"- {BADGES[badge]}" for badge in result.badges]
    lines.append(
        f"- Reviews: {result.iterations}; ended because {STOP_REASONS[result.stop_reason]}"
    )
    lines.append(f"- Cost of this run: {exact_usd(result.cost_usd)}")
    if result.cached_from is not None:
        kept = result.cached_from
        lines.append(
            f"- Kept result of {to_iso_z(kept.stored_at)}, cost {exact_usd(kept.cost_usd)} then"
        )
    yield "\n".join(lines)
