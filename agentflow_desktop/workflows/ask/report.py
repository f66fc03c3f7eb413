"""A result as a document to keep: Markdown for people, JSON for programs.

What a model or a file contributed is made inert: quotes stand in code spans, and HTML, images
and links in a claim are shown as text, so that a report loads nothing and leads nowhere that a
model chose unseen.
"""

import re
from collections.abc import Iterator

from pydantic import TypeAdapter

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.routing import Role, Route
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import IssueResponse, Review
from agentflow_desktop.workflows.ask.citations import Citations, number_citations
from agentflow_desktop.workflows.ask.model import AskResult, FileLine
from agentflow_desktop.workflows.ask.wording import BADGES, QUOTE_STATES, STOP_REASONS

_RESULT: TypeAdapter[AskResult] = TypeAdapter(AskResult)
# A code span within one line and one table cell: what is no span by every reader's rules is text.
_CODE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n|]+?(?<!`)\1(?!`)")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_LINK_TARGET = re.compile(r"\](?=[(:])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def to_json(result: AskResult) -> str:
    """The whole result as indented JSON, money exact."""
    return _RESULT.dump_json(result, indent=2).decode() + "\n"


def to_markdown(result: AskResult) -> str:
    """The whole result as Markdown that ends in a line feed: answer, quotes, review, cost."""
    citations = number_citations(result.answer)
    parts = [
        f"# {_inert(_one_line(result.answer.title or result.task))}",
        f"**Task:** {_inert(_one_line(result.task))}",
        *_claims(result, citations),
        *_quotes("Quotes", citations.quotes, is_numbered=True),
        *_quotes(f"Rejected ({len(citations.rejected)})", citations.rejected, is_numbered=False),
        *_review(result.review, result.responses),
        *_files(result.files),
        *_about(result),
    ]
    return "\n\n".join(parts) + "\n"


def _claims(result: AskResult, citations: Citations) -> Iterator[str]:
    for claim in result.answer.claims:
        marks = citations.marks(claim)
        text = _inert(claim.text.strip())
        yield f"{text} {marks}" if marks else f"{text} *(no quote)*"


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
        line = f"- {issue.severity.value}: {_inert(_one_line(issue.why))}"
        if issue.evidence is not None:
            line += f" {code_span(issue.evidence.place())}: {code_span(issue.evidence.quote)}"
            line += f" ({QUOTE_STATES[issue.evidence.state]})"
        if issue.is_rejected:
            line += " — rejected: its quote was not found"
        answer = answers.get(issue.issue_id)
        if answer is not None:
            line += f"\n  - {answer.stance.value}: {_inert(_one_line(answer.reason))}"
        lines.append(line)
    if lines:
        yield "\n".join(lines)
    if review.alternative.strip():
        yield f"The reviewer's alternative: {_inert(_one_line(review.alternative))}"


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
        text += f". {_inert(_one_line(line.reason))}"
    return text


def _about(result: AskResult) -> Iterator[str]:
    yield "## How this came about"
    route = result.route
    count = f"{'' if route.is_exact else 'about '}{route.tokens:,} tokens"
    lines = [f"- Route: {route.tier.value} ({count}): {_inert(route.reason)}"]
    lines += [f"- {role}: {code_span(model)}" for role, model in models_of(route)]
    lines += [f"- {BADGES[badge]}" for badge in result.badges]
    lines.append(
        f"- Reviews: {result.iterations}; ended because {STOP_REASONS[result.stop_reason]}"
    )
    lines.append(f"- Cost of this run: ${result.cost_usd:f}")
    if result.cached_from is not None:
        kept = result.cached_from
        lines.append(f"- Kept result of {to_iso_z(kept.stored_at)}, cost ${kept.cost_usd:f} then")
    yield "\n".join(lines)


def models_of(route: Route) -> list[tuple[str, str]]:
    """Role and model of a route's calls, each pair once, planner first."""
    pairs = {(call.role, call.model) for call in route.calls}
    order = list(Role)
    ordered = sorted(pairs, key=lambda pair: (order.index(pair[0]), pair[1]))
    return [(role.value.capitalize(), model) for role, model in ordered]


def code_span(text: str) -> str:
    """The text as a Markdown code span, whatever back quotes and line ends are in it."""
    line = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\n", " "))
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _inert(text: str) -> str:
    """Markdown without HTML, images, links and control characters; code stays as it is."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts += [_inert_prose(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, _inert_prose(text[at:])])


def _inert_prose(text: str) -> str:
    return _LINK_TARGET.sub(r"]\\", _HTML.sub("&lt;", text)).replace("![", "\\!\\[")


def _one_line(text: str) -> str:
    return " ".join(text.split())
