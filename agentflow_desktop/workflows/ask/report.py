"""A result as a document to keep: Markdown for people, JSON for programs.

What a model or a file contributed is made inert: quotes stand in code spans; HTML, images, links
and addresses in a claim are shown as text, so that opening a report loads nothing, runs nothing
and leads nowhere. Nor can it imitate the report's own parts: headings in it are text, and so is
code that it leaves open.
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
# What opens HTML, a link, an image, a footnote or code, with the backslashes before it.
_LIVE = re.compile(r"(\\*)(<(?=[A-Za-z/!?])|[\[\]`])")
# Viewers make links of bare addresses, too. Without trailing marks of the sentence around it.
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bmailto:)[^\s<>`|\[\]]*[^\s<>`|\[\].,;:!?'\")*_]",
    re.IGNORECASE,
)
# A heading's marks, the underline that makes a heading of the line above, an open fence.
_BLOCK_MARK = re.compile(
    r"^((?:[ \t]|>|[-*+][ \t]|\d+[.)][ \t])*)(#|=+[ \t]*$|-+[ \t]*$|~~~)", re.MULTILINE
)
_ENDS_IN_BLOCK = re.compile(r".*\||\s*(?:```|~~~)|[ \t]{4}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def to_json(result: AskResult) -> str:
    """The whole result as indented JSON, money exact."""
    return _RESULT.dump_json(result, indent=2).decode() + "\n"


def to_markdown(result: AskResult) -> str:
    """The whole result as Markdown that ends in a line feed: answer, quotes, review, cost."""
    citations = number_citations(result.answer)
    parts = [
        f"# {inert_markdown(_one_line(result.answer.title or result.task))}",
        f"**Task:** {inert_markdown(_one_line(result.task))}",
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
        line = f"- {issue.severity.value}: {inert_markdown(_one_line(issue.why))}"
        if issue.evidence is not None:
            line += f" {code_span(issue.evidence.place())}: {code_span(issue.evidence.quote)}"
            line += f" ({QUOTE_STATES[issue.evidence.state]})"
        if issue.is_rejected:
            line += " — rejected: its quote was not found"
        answer = answers.get(issue.issue_id)
        if answer is not None:
            line += f"\n  - {answer.stance.value}: {inert_markdown(_one_line(answer.reason))}"
        lines.append(line)
    if lines:
        yield "\n".join(lines)
    if review.alternative.strip():
        yield f"The reviewer's alternative: {inert_markdown(_one_line(review.alternative))}"


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
        text += f". {inert_markdown(_one_line(line.reason))}"
    return text


def _about(result: AskResult) -> Iterator[str]:
    yield "## How this came about"
    route = result.route
    count = f"{'' if route.is_exact else 'about '}{route.tokens:,} tokens"
    lines = [f"- Route: {route.tier.value} ({count}): {inert_markdown(route.reason)}"]
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


def marked_claim(text: str, marks: str) -> str:
    """A claim's Markdown, inert, and behind it the numbers of its quotes."""
    inert = inert_markdown(text.strip())
    # Behind a closing fence or a row of cells the marks would break the one, or be dropped.
    gap = "\n\n" if _ENDS_IN_BLOCK.match(inert.rpartition("\n")[2]) else " "
    return f"{inert}{gap}{marks}"


def inert_markdown(text: str) -> str:
    """Markdown that loads nothing, leads nowhere and has no headings; code in it stays as it is."""
    lines = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).split("\n")
    parts: list[str] = []
    prose: list[str] = []
    at = 0
    while at < len(lines):
        end = _fence_end(lines, at)
        if end is None:
            prose.append(lines[at])
            at += 1
            continue
        parts += [_inert_spans("\n".join(prose)), *lines[at : end + 1]]
        prose, at = [], end + 1
    parts.append(_inert_spans("\n".join(prose)))
    return "\n".join(part for part in parts if part)


def _fence_end(lines: list[str], at: int) -> int | None:
    """The last line of the fenced block that begins at a line; None if none begins there.

    A fence that is not closed begins no block: it would swallow the rest of the report.
    """
    opening = _FENCE.fullmatch(lines[at])
    if opening is None:
        return None
    mark = opening[1]
    for end in range(at + 1, len(lines)):
        closing = _FENCE.fullmatch(lines[end])
        if closing and closing[1].startswith(mark) and not closing[2].strip():
            return end
    return None


def _inert_spans(text: str) -> str:
    """Prose with code spans in it."""
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts += [_inert_prose(text[at : code.start()]), code[0]]
        at = code.end()
    return _BLOCK_MARK.sub(r"\1\\\2", "".join([*parts, _inert_prose(text[at:])]))


def _inert_prose(text: str) -> str:
    parts: list[str] = []
    at = 0
    for address in _ADDRESS.finditer(text):
        parts += [_escaped(text[at : address.start()]), code_span(address[0])]
        at = address.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    """The text without live brackets, angle brackets and back quotes."""
    return _LIVE.sub(_escape, text)


def _escape(found: "re.Match[str]") -> str:
    backslashes, mark = found[1], found[2]
    is_escaped = len(backslashes) % 2 == 1
    if mark == "<":
        return f"{backslashes[: len(backslashes) - is_escaped]}&lt;"
    return found[0] if is_escaped else f"{backslashes}\\{mark}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
