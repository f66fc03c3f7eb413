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


class FormName(StrEnum):
    """Names under which the forms travel as reply schemas."""

    ANSWER = "answer"
    REVIEW = "review"
    REFINED = "refined"
