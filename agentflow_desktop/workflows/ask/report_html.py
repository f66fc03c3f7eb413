"""A report as one HTML page that needs nothing else, to read in a browser or to print.

Text of models and files reaches it only escaped, and a claim's Markdown only through a parser
that knows neither links nor images nor HTML; its tags come out without attributes. The page's own
style stays within what Qt's text documents understand, since it is also what is printed.
"""

from collections.abc import Iterator
from html import escape

from markdown_it import MarkdownIt

from agentflow_desktop.core.calendar_words import month_word
from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.report_style import STYLE
from agentflow_desktop.llm.claims import Claim, Issue, IssueResponse, Review
from agentflow_desktop.workflows.ask.inert import CONTROL, one_line
from agentflow_desktop.workflows.ask.model import FileLine
from agentflow_desktop.workflows.ask.report import (
    Report,
    ReportStep,
    exact_usd,
    models_of,
    route_words,
)
from agentflow_desktop.workflows.ask.wording import BADGES, STOP_REASONS, quote_words

_FORBIDDEN_RULES = (
    "autolink", "entity", "heading", "hr", "html_block", "html_inline", "image", "lheading",
    "link", "reference",
)  # fmt: skip
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(report: Report) -> str:
    """The whole report as a page in UTF-8."""
    title = _text(one_line(report.title))
    body = "\n".join(_body(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    result, citations = report.result, report.citations
    yield f'<p class="kicker">AgentFlow report of {_text(_day(report))}</p>'
    yield f"<h1><span>{_text(one_line(report.title))}</span></h1>"
    yield f'<p class="task">{_text(result.task.strip())}</p>'
    yield from _badges(report)
    markdown = _Markdown()
    for claim in result.answer.claims:
        yield _claim(claim, report, markdown)
    if citations.quotes:
        yield "<h2><span>Quotes</span></h2>"
        yield from (_quote(str(n), e) for n, e in enumerate(citations.quotes, start=1))
    if citations.rejected:
        yield f"<h2><span>Rejected ({len(citations.rejected)})</span></h2>"
        yield '<p class="note">A model quoted this, and code did not find it so.</p>'
        yield from (_quote("-", evidence, "lost") for evidence in citations.rejected)
    yield from _review(result.review, result.responses)
    yield from _files(result.files)
    yield from _steps(report.steps)
    yield from _about(report)


class _Markdown:
    """Renders the Markdown of claims to a small set of tags without attributes."""

    def __init__(self) -> None:
        self._parser = MarkdownIt("commonmark", {"html": False})
        self._parser.enable(["table", "strikethrough"]).disable(list(_FORBIDDEN_RULES))

    def html(self, text: str) -> str:
        tokens = self._parser.parse(CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
        for token in tokens:
            for part in (token, *(token.children or ())):
                part.attrs = {}
                part.info = ""
        html = str(self._parser.renderer.render(tokens, self._parser.options, {}))
        return html.replace("\n</code></pre>", "</code></pre>").strip()


def _text(text: str) -> str:
    return escape(CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)).replace("\n", "<br>")


def _day(report: Report) -> str:
    at = report.started_at
    return f"{at:%d} {month_word(at)} {at:%Y, %H:%M} UTC"


def _badges(report: Report) -> Iterator[str]:
    words = [BADGES[badge] for badge in report.result.badges]
    review = report.result.review
    if review is not None:
        words.insert(0, f"Verdict of the review: {review.verdict.value}")
    if words:
        yield f'<p class="badges">{" &nbsp;·&nbsp; ".join(map(_text, words))}</p>'


def _claim(claim: Claim, report: Report, markdown: _Markdown) -> str:
    if claim.is_gap:
        return f'<p class="gap"><b>Not read:</b> {_text(claim.text.strip())}</p>'
    numbers = report.citations.numbers(claim)
    marks = "".join(f"<sup>[{number}]</sup>" for number in numbers)
    if not marks:
        marks = '<span class="none">(no quote found)</span>'
    body = markdown.html(claim.text.strip())
    if body.endswith("</p>"):  # the marks stand behind the last word
        return f'<div class="claim">{body.removesuffix("</p>")} {marks}</p></div>'
    return f'<div class="claim">{body}<p class="marks">{marks}</p></div>'


def _quote(mark: str, evidence: Evidence, kind: str = "found") -> str:
    state = f"{evidence.place()} ({quote_words(evidence)})"
    return (
        f'<table class="quote" cellspacing="0"><tr><td class="number">{mark}</td>'
        f'<td class="{kind}"><span class="words">{_text(evidence.quote.strip())}</span><br>'
        f'<span class="place">{_text(state)}</span></td></tr></table>'
    )


def _review(review: Review | None, responses: tuple[IssueResponse, ...]) -> Iterator[str]:
    if review is None:
        return
    yield "<h2><span>Review</span></h2>"
    yield f"<p>Verdict: <b>{review.verdict.value}</b>.</p>"
    answers = {response.issue_id: response for response in responses}
    for issue in review.issues:
        yield _issue(issue, answers.get(issue.issue_id))
    if review.alternative.strip():
        yield f"<p><b>The reviewer's alternative:</b> {_text(review.alternative.strip())}</p>"


def _issue(issue: Issue, answer: IssueResponse | None) -> str:
    text = f"<p><b>{issue.severity.value.capitalize()}:</b> {_text(issue.why.strip())}"
    if issue.is_rejected:
        text += ' <span class="none">(rejected: its quote was not found)</span>'
    if answer is not None:
        text += f"<br><b>{answer.stance.value.capitalize()}:</b> {_text(answer.reason.strip())}"
    text += "</p>"
    if issue.evidence is not None:
        text += _quote("", issue.evidence, "lost" if issue.is_rejected else "found")
    return text


def _files(files: tuple[FileLine, ...]) -> Iterator[str]:
    if not files:
        return
    yield "<h2><span>Files</span></h2>"
    yield '<table class="rows" cellspacing="0" width="100%">'
    yield '<tr><th>File</th><th>State</th><th class="figure">Tokens</th></tr>'
    for line in files:
        digest = f'<br><span class="digest">SHA-256 {_text(line.digest)}</span>'
        reason = f'<br><span class="note">{_text(line.reason)}</span>'
        tokens = f"about {line.tokens:,}" if line.tokens is not None else ""
        yield (
            f"<tr><td>{_text(line.name)}{digest if line.digest else ''}"
            f"{reason if line.reason else ''}</td>"
            f'<td>{line.state.value}</td><td class="figure">{tokens}</td></tr>'
        )
    yield "</table>"


def _steps(steps: tuple[ReportStep, ...]) -> Iterator[str]:
    asked = [step for step in steps if step.was_asked]
    if not asked:
        return
    yield "<h2><span>Steps</span></h2>"
    yield '<table class="rows" cellspacing="0" width="100%">'
    heads = "".join(f'<th class="figure">{head}</th>' for head in ("In", "Out", "Cost"))
    yield f"<tr><th>Step</th><th>Model</th>{heads}</tr>"
    for step in asked:
        figures = "".join(f'<td class="figure">{figure}</td>' for figure in step.figures)
        title, model = _text(one_line(step.title)), _text(one_line(step.model_words))
        yield f"<tr><td>{title}</td><td>{model}</td>{figures}</tr>"
    yield "</table>"


def _about(report: Report) -> Iterator[str]:
    yield "<h2><span>How this came about</span></h2>"
    result, route = report.result, report.result.route
    rows = [("Route", f"{route_words(route)}. {route.reason}")]
    rows += models_of(route)
    reviews = f"{result.iterations}; ended because {STOP_REASONS[result.stop_reason]}"
    rows.append(("Reviews", reviews))
    rows.append(("Cost", exact_usd(result.cost_usd)))
    if result.cached_from is not None:
        kept = result.cached_from
        rows.append(
            ("Kept result", f"of {to_iso_z(kept.stored_at)}, {exact_usd(kept.cost_usd)} then")
        )
    rows += [("Time", f"{report.duration_s:.1f} s"), ("Run", report.run_id)]
    yield '<table class="facts" cellspacing="0">'
    for name, value in rows:
        yield f'<tr><td class="name">{_text(name)}</td><td>{_text(one_line(value))}</td></tr>'
    yield "</table>"
