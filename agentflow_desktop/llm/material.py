"""What the heavy model found so far: findings, and their quotes under ids.

The planner writes from this and never from the documents. It cites evidence by id, so that the
quotes of its answer are the very ones that code found.
"""

import json
from collections.abc import Sequence

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import Answer, Claim, Finding
from agentflow_desktop.llm.replies import CitedClaimForm

_QUOTE_CHARACTERS = (320, 120, 0)
"""How much of a quote the planner sees, tried in turn until what it must see fits."""


class Material:
    """Findings in the order they came; ``gaps`` are sentences on what was not read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.gaps: list[str] = []
        self._ids: dict[Evidence, str] = {}
        self._evidence: dict[str, Evidence] = {}

    def add_claims(self, claims: Sequence[Claim]) -> None:
        """Claims of an answer, as findings of no question."""
        self.add([Finding(claim) for claim in claims])

    def add(self, findings: Sequence[Finding]) -> None:
        """More findings; they get ids F1, F2, ... and their quotes E1, E2, ..."""
        for finding in findings:
            claim = finding.claim
            number = len(self.findings) + 1
            numbered = Claim(f"F{number}", claim.text, claim.evidence, claim.rejected)
            self.findings.append(Finding(numbered, finding.question_id))
            for evidence in claim.evidence:
                if evidence not in self._ids:
                    evidence_id = f"E{len(self._ids) + 1}"
                    self._ids[evidence] = evidence_id
                    self._evidence[evidence_id] = evidence

    @property
    def rejected(self) -> tuple[Evidence, ...]:
        """Every quote of a finding that was not found, once."""
        found = [e for finding in self.findings for e in finding.claim.rejected]
        return tuple(dict.fromkeys(found))

    def cited(self, forms: Sequence[CitedClaimForm], prefix: str = "C") -> tuple[Claim, ...]:
        """Claims that cite evidence by id; an id that was never given is a rejected quote."""
        return tuple(self._cited(f"{prefix}{n}", form) for n, form in enumerate(forms, start=1))

    def _cited(self, claim_id: str, form: CitedClaimForm) -> Claim:
        ids = list(dict.fromkeys(text.strip().strip("[]") for text in form.evidence))
        found = [self._evidence[name] for name in ids if name in self._evidence]
        unknown = [
            Evidence("", "", name, QuoteState.NOT_FOUND)
            for name in ids
            if name and name not in self._evidence
        ]
        return Claim(claim_id, form.text.strip(), tuple(found), tuple(unknown))

    def answer(self, title: str, claims: Sequence[Claim] | None = None) -> Answer:
        """An answer of these claims, else of the findings as they are; with the gaps, and the
        quotes that were rejected on the way."""
        if claims is None:
            claims = [
                Claim(f"C{n}", finding.claim.text, finding.claim.evidence, finding.claim.rejected)
                for n, finding in enumerate(self.findings, start=1)
            ]
        gaps = [
            Claim(f"C{n}", text, (), is_gap=True)
            for n, text in enumerate(self.gaps, start=len(claims) + 1)
        ]
        shown = {evidence for claim in claims for evidence in claim.rejected}
        rest = tuple(evidence for evidence in self.rejected if evidence not in shown)
        return Answer(title, (*claims, *gaps), rejected=rest)

    def describe_findings(self, findings: Sequence[Finding], room: int) -> str | None:
        """The findings as the planner sees them, their quotes cut as the room demands; None if
        they don't fit even without quotes."""
        for characters in _QUOTE_CHARACTERS:
            lines = [self.describe(finding, characters) for finding in findings]
            text = "\n".join(lines)
            if raw_tokens(text) <= room:
                return text
        return None

    def describe(self, finding: Finding, quote_characters: int) -> str:
        """One finding as a line of JSON."""
        claim = finding.claim
        shown: dict[str, object] = {
            "id": claim.claim_id,
            "question": finding.question_id,
            "text": claim.text,
            "evidence": [self._quote(evidence, quote_characters) for evidence in claim.evidence],
        }
        if claim.rejected:
            shown["quotes_not_found"] = len(claim.rejected)
        return json.dumps(shown, ensure_ascii=False)

    def _quote(self, evidence: Evidence, characters: int) -> dict[str, str]:
        named = {"id": self._ids[evidence], "place": evidence.place()}
        return named | ({"quote": cut(evidence.quote, characters)} if characters else {})


def nothing_found(material: Material) -> Answer:
    """The answer where there is nothing to answer with."""
    sentence = "The heavy model found nothing in what it read that answers the task."
    return material.answer("Nothing found", [Claim("C1", sentence, ())])


def describe_draft(answer: Answer, room: int) -> str:
    """An answer as the planner reviews it: claims with places and quotes, as far as there is
    room; what is left out is said."""
    lines: list[str] = []
    for characters in _QUOTE_CHARACTERS:
        lines = [_claim_line(claim, characters) for claim in answer.claims]
        if raw_tokens("\n".join(lines)) <= room:
            return "\n".join(lines)
    kept: list[str] = []
    for line in lines:
        room -= raw_tokens(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"({len(lines) - len(kept)} further claims are not shown)"])


def _claim_line(claim: Claim, quote_characters: int) -> str:
    quotes = [
        {"place": e.place()}
        | ({"quote": cut(e.quote, quote_characters)} if quote_characters else {})
        for e in claim.evidence
    ]
    shown: dict[str, object] = {"id": claim.claim_id, "text": claim.text, "quotes": quotes}
    if claim.rejected:
        shown["quotes_not_found"] = len(claim.rejected)
    return json.dumps(shown, ensure_ascii=False)


def cut(text: str, characters: int) -> str:
    """The text, or its beginning with a mark that it goes on."""
    return text if len(text) <= characters else f"{text[:characters]}…"
