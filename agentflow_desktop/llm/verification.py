"""What code makes of a model's words: quotes looked up, ids given, issues accepted or not."""

import re
from collections.abc import Mapping, Sequence

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.llm.claims import (
    Answer,
    Claim,
    Issue,
    IssueResponse,
    Review,
)
from agentflow_desktop.llm.replies import (
    AnswerForm,
    ClaimForm,
    QuoteForm,
    RefinedForm,
    ReviewForm,
)

_SPACES = re.compile(r"\s+")


class SourceIndex:
    """The documents of a question under the ids that quotes name them by."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents: Mapping[str, Document] = {
            f"S{index}": document for index, document in enumerate(documents, start=1)
        }

    def find(self, quote: QuoteForm) -> Evidence:
        """Where a quote stands: in the source it names, else in the one other that has it.

        Models confuse ids more often than words; what counts is that code finds the words.
        """
        named = self._documents.get(quote.source.strip())
        if named is not None:
            evidence = check_quote(named, quote.text)
            if evidence.state is not QuoteState.NOT_FOUND:
                return evidence
        elsewhere = [
            evidence
            for document in self._documents.values()
            if document is not named
            and (evidence := check_quote(document, quote.text)).state.is_found
        ]
        if len(elsewhere) == 1:
            return elsewhere[0]
        return Evidence(
            file=named.name if named is not None else "",
            digest=named.digest if named is not None else "",
            quote=quote.text,
            state=QuoteState.AMBIGUOUS if elsewhere else QuoteState.NOT_FOUND,
        )


def check_answer(form: AnswerForm | RefinedForm, sources: SourceIndex) -> Answer:
    """The answer with every quote looked up; claims get ids C1, C2, ..."""
    claims = tuple(
        _check_claim(f"C{index}", claim, sources) for index, claim in enumerate(form.claims, 1)
    )
    return Answer(title=form.title.strip(), claims=claims)


def _check_claim(claim_id: str, form: ClaimForm, sources: SourceIndex) -> Claim:
    found: list[Evidence] = []
    rejected: list[Evidence] = []
    for quote in form.quotes:
        evidence = sources.find(quote)
        (found if evidence.state.is_found else rejected).append(evidence)
    return Claim(claim_id, form.text.strip(), tuple(found), tuple(rejected))


def plain_answer(text: str) -> Answer:
    """A reply without structure as claims without quotes, one a paragraph."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    claims = tuple(Claim(f"C{index}", part, ()) for index, part in enumerate(paragraphs, 1))
    return Answer(title="", claims=claims, is_structured=False)


def check_review(form: ReviewForm, answer: Answer, sources: SourceIndex) -> Review:
    """The review with ids I1, I2, ...; an issue whose quote is not found is kept as rejected."""
    known = {claim.claim_id for claim in answer.claims}
    issues = tuple(
        Issue(
            issue_id=f"I{index}",
            severity=issue.severity,
            claim_id=issue.claim.strip() if issue.claim.strip() in known else "",
            why=issue.why.strip(),
            evidence=sources.find(issue.quote) if issue.quote and issue.quote.text else None,
        )
        for index, issue in enumerate(form.issues, 1)
    )
    return Review(form.verdict, issues, form.alternative.strip())


def check_responses(form: RefinedForm, review: Review) -> tuple[IssueResponse, ...]:
    """The planner's stances on issues that were raised; on others there is nothing to say."""
    raised = {issue.issue_id for issue in review.open_issues}
    return tuple(
        IssueResponse(response.issue.strip(), response.stance, response.reason.strip())
        for response in form.responses
        if response.issue.strip() in raised
    )


def issue_fingerprints(review: Review) -> frozenset[str]:
    """What makes open issues the same from round to round: their quote, else their reason."""
    return frozenset(
        _SPACES.sub(" ", issue.evidence.quote if issue.evidence else issue.why).casefold()
        for issue in review.open_issues
    )
