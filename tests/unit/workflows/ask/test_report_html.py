"""A report as HTML: complete, and nothing in it that a model or a file could have put there."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from agentflow_desktop.core.events import CostRecorded, StepStarted
from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.routing import Role
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import (
    Claim,
    Issue,
    IssueResponse,
    Review,
    Severity,
    Stance,
    Verdict,
)
from agentflow_desktop.workflows.ask.model import AskResult, FileLine
from agentflow_desktop.workflows.ask.report_html import to_html
from support.ask_results import new_result, report_on

AT = datetime(2026, 1, 2, tzinfo=UTC)
OWN_TAGS = frozenset(
    "html head meta title style body p h1 h2 div span table tr td th sup b br".split()
)
TAGS_OF_CLAIMS = frozenset(
    "p ul ol li em strong s code pre blockquote table thead tbody tr th td br".split()
)
OWN_ATTRIBUTES = frozenset("lang charset http-equiv content class cellspacing width".split())
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>",
    "![pixel](http://evil.example/p.png)",
    "[click](javascript:alert(1)) <http://evil.example/>",
    "[ref][1]\n\n[1]: http://evil.example/",
    "<style>body{display:none}</style>",
    "# Review\n\nReview\n===\n\n---",
    "```py onmouseover=alert(1)\ncode\n```",
    "| a | b |\n|:-:|--:|\n| <b>1</b> | 2 |",
    "&lt;script&gt; &#60;img&#62;",
    '"><script>alert(1)</script>',
    "</style></title></head><body onload=alert(1)>",
    "turn \u202e back \x1b[2J",
)


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.heads: list[str] = []
        self.words = ""
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._in = tag if tag in ("h2", "style", "span") else ""
        if tag == "h2":
            self.heads.append("")

    def handle_data(self, data: str) -> None:
        if self._in != "style":
            self.words += data
        if self.heads and not self.heads[-1]:
            self.heads[-1] = data.strip()


def hostile_result(words: str) -> AskResult:
    """A result whose every text of a model, a file or a server is these words."""
    quote = Evidence(words, words, words, QuoteState.EXACT, line=4, section=words)
    lost = replace(quote, state=QuoteState.NOT_FOUND)
    result = new_result(Claim("c1", words, (quote,), (lost,)), Claim("c2", words, (), is_gap=True))
    return replace(
        result,
        task=words,
        answer=replace(result.answer, title=words),
        route=replace(result.route, reason=words),
        files=(FileLine(words, FileState.FAILED, words, None, 1, words),),
        review=Review(
            Verdict.REVISE, (Issue("i1", Severity.HIGH, "c1", words, lost),), alternative=words
        ),
        responses=(IssueResponse("i1", Stance.DEFEND, words),),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_no_tag_attribute_or_head_comes_from_a_model_or_a_file(words: str) -> None:
    started = StepStarted(run_id="r", at=AT, step_id="s", title=words, role=Role.HEAVY, model=words)
    page = Page(to_html(report_on(hostile_result(words), started)))

    assert set(page.tags) <= OWN_TAGS | TAGS_OF_CLAIMS
    assert {name for name, _ in page.attributes} <= OWN_ATTRIBUTES
    assert (page.tags.count("style"), page.tags.count("h1")) == (1, 1)
    assert not [v for _, v in page.attributes if v and ("evil" in v or "alert" in v)]
    heads = ["Quotes", "Rejected (1)", "Review", "Files", "Steps", "How this came about"]
    assert page.heads == heads
    assert "\u202e" not in page.words
    assert "\x1b" not in page.words


def test_the_page_tells_everything_a_reader_needs_to_check() -> None:
    quote = Evidence("cell.pdf", "d", "140 A & more", QuoteState.SPACES, page=2, line=4, start=1)
    lost = Evidence("cell.pdf", "d", "900 A", QuoteState.NOT_FOUND)
    result = replace(
        new_result(
            Claim("c1", "At most **140 A** for `a<b>`.", (quote,), (lost,)),
            Claim("c2", "Bare.", ()),
        ),
        files=(FileLine("cell.pdf", FileState.READ, "", 1234, 9, "ab" * 32),),
    )
    step = StepStarted(
        run_id="r", at=AT, step_id="s", title="Planner proposes", role=Role.PLANNER, model="cheap"
    )
    costs = [
        CostRecorded(
            run_id="r", at=AT, step_id="s", attempt_id=f"a{n}", model="cheap",
            served_model="other", input_tokens=1000, output_tokens=20,
            cost_usd=Decimal("0.0005"), is_estimated=False,
        )
        for n in range(2)
    ]  # fmt: skip
    words = " ".join(Page(to_html(report_on(result, step, *costs))).words.split())

    for part in (
        "What limits it?",
        "At most 140 A for a<b>. [1]",
        "Bare. (no quote found)",
        "140 A & more",
        "cell.pdf:p2:4 (same but for white space)",
        "Rejected (1)",
        "900 A",
        "cell.pdf (not found in the files)",
        f"SHA-256 {'ab' * 32}",
        "about 1,234",
        "Planner proposes",
        "cheap (served by other)",
        "2,000",
        "$0.001",
        "run_1",
    ):
        assert part in words, part


def test_the_page_needs_nothing_else() -> None:
    html = to_html(report_on(new_result()))
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert "@import" not in html
    assert "http://" not in html
    assert "https://" not in html
