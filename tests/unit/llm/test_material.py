"""What the planner is shown of the findings, and what its citations become."""

import json

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import Answer, Claim, Finding
from agentflow_desktop.llm.material import Material, describe_draft
from agentflow_desktop.llm.replies import CitedClaimForm


def found(text: str, line: int = 1) -> Evidence:
    return Evidence("a.py", "d", text, QuoteState.EXACT, None, line, line, 0, len(text))


def missing(text: str) -> Evidence:
    return Evidence("a.py", "d", text, QuoteState.NOT_FOUND)


def material(*claims: Claim) -> Material:
    made = Material()
    made.add([Finding(claim, "Q1") for claim in claims])
    return made


ONE = Claim("F1", "One.", (found("alpha", 3), found("beta", 4)))
TWO = Claim("F1", "Two.", (found("beta", 4),), (missing("gamma"),))


def test_the_same_quote_has_one_id_whoever_quotes_it() -> None:
    made = material(ONE, TWO)
    lines = (made.describe_findings(made.findings, 1_000) or "").splitlines()
    shown = [json.loads(line) for line in lines]
    assert [finding["id"] for finding in shown] == ["F1", "F2"]
    assert [[e["id"] for e in finding["evidence"]] for finding in shown] == [["E1", "E2"], ["E2"]]
    assert shown[0]["evidence"][0]["place"] == "a.py:3"
    assert shown[1]["quotes_not_found"] == 1


def test_citations_become_the_very_quotes_and_made_up_ids_are_rejected() -> None:
    made = material(ONE, TWO)
    claims = made.cited([CitedClaimForm(evidence=("E2", "[E1]", "E2", "E9"), text=" So. ")])
    assert claims == (
        Claim("C1", "So.", (found("beta", 4), found("alpha", 3)),
              (Evidence("", "", "E9", QuoteState.NOT_FOUND),)),
    )  # fmt: skip


def test_an_answer_shows_what_was_rejected_on_the_way_once_and_what_was_not_read() -> None:
    made = material(ONE, TWO)
    made.gaps.append("Pack 2 of 2 was not read: no.")
    written = made.answer("T", made.cited([CitedClaimForm(evidence=("E1",), text="So.")]))
    assert [e.quote for e in written.rejected] == ["gamma"]
    assert [(c.claim_id, c.is_gap) for c in written.claims] == [("C1", False), ("C2", True)]
    assert written.has_gaps
    as_found = made.answer("")
    assert [claim.text for claim in as_found.claims][:2] == ["One.", "Two."]
    assert as_found.rejected == ()


def test_quotes_are_cut_before_findings_are_given_up() -> None:
    made = material(Claim("F1", "One.", (found("word " * 500),)))
    whole = made.describe_findings(made.findings, 2_000)
    tight = made.describe_findings(made.findings, 60)
    assert whole is not None
    assert tight is not None
    assert len(tight) < len(whole)
    assert "One." in tight
    assert made.describe_findings(made.findings, 5) is None


def test_a_draft_too_long_for_a_review_says_what_it_leaves_out() -> None:
    claims = tuple(Claim(f"C{n}", "Some words of a claim. " * 5, ()) for n in range(50))
    text = describe_draft(Answer("T", claims), 600)
    assert raw_tokens(text) <= 640
    assert "further claims are not shown" in text
    assert "C49" in describe_draft(Answer("T", claims), 60_000)
