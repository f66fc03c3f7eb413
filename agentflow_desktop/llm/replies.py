"""The forms that replies must have, as the models are asked for them.

Evidence stands before the sentence it is for, and the verdict last: models fill required
fields in order. There are no line numbers, sums or counts: code computes those.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from agentflow_desktop.llm.claims import Severity, Stance, Verdict


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class QuoteForm(_Form):
    """Words copied from a source."""

    source: str = Field(description="id of the source, such as S1")
    text: str = Field(description="words copied from that source exactly as they stand there")


class ClaimForm(_Form):
    quotes: tuple[QuoteForm, ...] = Field(description="what the claim rests on; may be empty")
    text: str = Field(description="one statement in Markdown, without quotes or file names")


class AnswerForm(_Form):
    """The planner's first answer."""

    claims: tuple[ClaimForm, ...] = Field(min_length=1)
    title: str = Field(description="the answer in at most ten words")


class IssueForm(_Form):
    severity: Severity
    claim: str = Field(description="id of the claim, such as C1")
    quote: QuoteForm | None = Field(default=None, description="the words that contradict it")
    why: str


class ReviewForm(_Form):
    """The reviewer's word on an answer."""

    issues: tuple[IssueForm, ...]
    alternative: str = Field(default="", description="a better answer, if there is one")
    verdict: Verdict


class ResponseForm(_Form):
    issue: str = Field(description="id of the issue, such as I1")
    stance: Stance
    reason: str


class RefinedForm(_Form):
    """The planner's answer to a review: a stance on each issue, then the whole answer anew."""

    responses: tuple[ResponseForm, ...]
    claims: tuple[ClaimForm, ...] = Field(min_length=1)
    title: str = Field(description="the answer in at most ten words")


class QuestionForm(_Form):
    sources: tuple[str, ...] = Field(
        description="ids of the sources that are likely to answer it, such as S1; may be empty"
    )
    text: str = Field(description="one question that the documents can answer")


class PlanForm(_Form):
    """What the planner wants to be found out."""

    questions: tuple[QuestionForm, ...] = Field(min_length=1)


class FindingForm(_Form):
    quotes: tuple[QuoteForm, ...] = Field(description="what the finding rests on")
    question: str = Field(description="id of the question that it answers, such as Q1; or empty")
    text: str = Field(description="one statement in Markdown, without quotes or file names")


class FindingsForm(_Form):
    """What one pack of the documents says about the questions."""

    claims: tuple[FindingForm, ...] = Field(description="empty if the pack says nothing of them")


class AssessmentForm(_Form):
    """The planner's word on an answer whose documents it has not read."""

    issues: tuple[IssueForm, ...]
    questions: tuple[QuestionForm, ...] = Field(
        description="what is still to be found out; empty if nothing is"
    )
    verdict: Verdict


class CitedClaimForm(_Form):
    evidence: tuple[str, ...] = Field(description="ids of what the claim rests on, such as E1")
    text: str = Field(description="one statement in Markdown, without quotes or file names")


class CondensedForm(_Form):
    """Findings brought together."""

    claims: tuple[CitedClaimForm, ...]


class WrittenForm(_Form):
    """The planner's answer from findings: a stance on each issue, then the whole answer."""

    responses: tuple[ResponseForm, ...]
    claims: tuple[CitedClaimForm, ...] = Field(min_length=1)
    title: str = Field(description="the answer in at most ten words")


class FormName(StrEnum):
    """Names under which the forms travel as reply schemas."""

    ANSWER = "answer"
    REVIEW = "review"
    REFINED = "refined"
    PLAN = "plan"
    FINDINGS = "findings"
    ASSESSMENT = "assessment"
    CONDENSED = "condensed"
    WRITTEN = "written"
