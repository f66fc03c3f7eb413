"""What code makes of a model's words: quotes looked up, ids given, issues accepted or not."""

import re
from collections.abc import Mapping, Sequence

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.llm.claims import (
    Answer,
    Claim,
    Finding,
    Issue,
    IssueResponse,
    PlannedQuestion,
    Review,
)
from agentflow_desktop.llm.replies import (
    AnswerForm,
    AssessmentForm,
    ClaimForm,
    FindingForm,
    FindingsForm,
    QuestionForm,
    QuoteForm,
    RefinedForm,
    ReviewForm,
    WrittenForm,
)

_SPACES = re.compile(r"\s+")


class SourceIndex:
    """The documents of a question under the ids that quotes name them by."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents: Mapping[str, Document] = {
            f"S{index}": document for index, document in enumerate(documents, start=1)
        }
        self._ids = {(d.name, d.digest): name for name, d in self._documents.items()}

    def has(self, source_id: str) -> bool:
        return source_id in self._documents

    def id_of(self, evidence: Evidence) -> str:
        """The id of the document that a found quote stands in; empty if it is none of these."""
        return self._ids.get((evidence.file, evidence.digest), "")

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


def check_findings(
    form: FindingsForm, sources: SourceIndex, known: Sequence[PlannedQuestion]
) -> tuple[Finding, ...]:
    """The findings with every quote looked up; a question that was not asked is left out."""
    asked = {question.question_id for question in known}
    return tuple(
        Finding(
            _check_claim(f"F{index}", finding, sources),
            finding.question.strip() if finding.question.strip() in asked else "",
        )
        for index, finding in enumerate(form.claims, 1)
    )


def check_questions(
    forms: Sequence[QuestionForm], sources: SourceIndex, first: int = 1
) -> tuple[PlannedQuestion, ...]:
    """The planner's questions with ids from ``Q<first>`` on, and the sources that exist."""
    asked = [form for form in forms if form.text.strip()]
    return tuple(
        PlannedQuestion(
            f"Q{index}",
            form.text.strip(),
            tuple(dict.fromkeys(s.strip() for s in form.sources if sources.has(s.strip()))),
        )
        for index, form in enumerate(asked, first)
    )


def _check_claim(claim_id: str, form: ClaimForm | FindingForm, sources: SourceIndex) -> Claim:
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


def check_review(
    form: ReviewForm | AssessmentForm, answer: Answer, sources: SourceIndex, first_question: int = 1
) -> Review:
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
    if isinstance(form, AssessmentForm):
        questions = check_questions(form.questions, sources, first_question)
        return Review(form.verdict, issues, questions=questions)
    return Review(form.verdict, issues, form.alternative.strip())


def check_responses(form: RefinedForm | WrittenForm, review: Review) -> tuple[IssueResponse, ...]:
    """The planner's stances on issues that were raised; on others there is nothing to say."""
    raised = {issue.issue_id for issue in review.open_issues}
    return tuple(
        IssueResponse(response.issue.strip(), response.stance, response.reason.strip())
        for response in form.responses
        if response.issue.strip() in raised
    )


def issue_fingerprints(review: Review) -> frozenset[str]:
    """What makes open issues and follow-ups the same from round to round: their quote, else
    their reason, and what is asked."""
    texts = [issue.evidence.quote if issue.evidence else issue.why for issue in review.open_issues]
    texts += [question.text for question in review.questions]
    return frozenset(_SPACES.sub(" ", text).casefold() for text in texts)


def unfound_quotes(answer: Answer) -> frozenset[str]:
    """The quotes of an answer's claims that prove nothing: not found, or found in several places;
    and ids of evidence that was never given."""
    rejected = [evidence for claim in answer.claims for evidence in claim.rejected]
    return frozenset(_SPACES.sub(" ", evidence.quote).casefold() for evidence in rejected)
