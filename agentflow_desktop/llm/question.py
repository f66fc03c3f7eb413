"""A task with its documents, and the requests that are made of it for each seat."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.core.routing import TaskKind, VerificationMode
from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import Answer, Claim, IssueResponse, Review
from agentflow_desktop.llm.messages import Message, ModelRequest
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.source_blocks import (
    FRAME,
    SourceText,
    draw_mark,
    number_sources,
    render_blocks,
    render_sections,
    render_sources,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which documents. The n-th document is source ``S<n>``. ``check`` is what
    reviewers look for; ``earlier`` what prompts show of earlier exchanges (see ``llm.earlier``).
    ``mark`` fences the data in every prompt of the run; it is drawn here.
    """

    task: str
    context: str
    kind: TaskKind
    documents: tuple[Document, ...]
    check: VerificationMode = VerificationMode.CORRECTNESS
    earlier: str = ""
    mark: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.mark:
            documents = (text for d in self.documents for text in (d.name, d.text))
            mark = draw_mark((self.task, self.context, self.earlier, *documents))
            object.__setattr__(self, "mark", mark)

    @property
    def typed_raw(self) -> int:
        """The uncalibrated estimate of all that stands beside the documents."""
        return raw_tokens(self.task) + raw_tokens(self.context) + raw_tokens(self.earlier)

    def guidance(self, prompts: PromptLibrary) -> str:
        """What a model is told to look for, and what earlier exchanges are to it."""
        guidance = prompts.guidance(self.kind)
        return f"{guidance}\n{prompts.render('earlier')}" if self.earlier else guidance


@dataclass(frozen=True, slots=True)
class UserTurn:
    """A user turn in two parts. ``documents`` is the same in every call of a run on the same
    documents, byte for byte; empty if there are none."""

    documents: str
    sections: str


class RequestWriter:
    """Writes the requests of the small tier: documents first, the task after them."""

    def __init__(self, prompts: PromptLibrary, settings: VerificationSettings) -> None:
        self._prompts = prompts
        self._settings = settings

    def propose(self, question: Question, profile: ModelProfile) -> ModelRequest:
        """Ask for the first answer."""
        system = self._prompts.render("propose", guidance=question.guidance(self._prompts))
        return self._request(system, question, profile, self._settings.max_answer_tokens, {})

    def review(
        self,
        question: Question,
        profile: ModelProfile,
        answer: Answer,
        responses: Sequence[IssueResponse],
    ) -> ModelRequest:
        """Ask for a review of an answer; ``responses`` are to the review before."""
        sections = {"answer": describe_answer(answer)}
        if responses:
            sections["responses"] = as_data(
                [{"issue": r.issue_id, "stance": r.stance, "reason": r.reason} for r in responses]
            )
        system = self._prompts.render(
            "review",
            guidance=question.guidance(self._prompts),
            check=self._prompts.check(question.check),
        )
        return self._request(system, question, profile, self._settings.max_review_tokens, sections)

    def refine(
        self, question: Question, profile: ModelProfile, answer: Answer, review: Review
    ) -> ModelRequest:
        """Ask for the answer anew, with a stance on every open issue."""
        sections = {"answer": describe_answer(answer), "review": describe_review(review)}
        system = self._prompts.render("refine", guidance=question.guidance(self._prompts))
        return self._request(system, question, profile, self._settings.max_answer_tokens, sections)

    def _request(
        self,
        system: str,
        question: Question,
        profile: ModelProfile,
        max_output_tokens: int,
        sections: Mapping[str, str],
    ) -> ModelRequest:
        return write_request(
            profile,
            system,
            user_turn(question, number_sources(question.documents), sections),
            max_output_tokens,
            self._settings.temperature,
        )


def user_turn(
    question: Question, sources: Sequence[SourceText], sections: Mapping[str, str]
) -> UserTurn:
    """Sources first, then what was asked earlier, the context, the sections and, last, the task."""
    earlier = {"earlier": question.earlier} if question.earlier else {}
    context = {"context": question.context} if question.context.strip() else {}
    named = {**earlier, **context, **sections, "task": question.task}
    if not sources:
        return UserTurn("", render_blocks((), named, question.mark))
    return UserTurn(render_sources(sources, question.mark), render_sections(named, question.mark))


def write_request(
    profile: ModelProfile,
    instructions: str,
    user: UserTurn,
    max_output_tokens: int,
    temperature: float,
) -> ModelRequest:
    """A request to a model, for no longer a reply than it can give. With documents in it, the
    instructions come after them."""
    system, content = instructions, user.sections
    if user.documents:
        system, content = FRAME, f"{user.documents}{user.sections}\n\n{instructions}"
    return ModelRequest(
        model=profile.model,
        messages=(Message("system", system), Message("user", content)),
        max_output_tokens=min(max_output_tokens, profile.max_output_tokens),
        temperature=temperature,
        shared_characters=len(user.documents),
    )


def describe_answer(answer: Answer) -> str:
    """An answer as a reviewer sees it: claims with ids, quotes that stand, quotes that don't."""
    return as_data(
        [
            {
                "id": claim.claim_id,
                "text": claim.text,
                "quotes": [evidence.quote for evidence in claim.evidence],
                "quotes_not_found": _rejected(claim, QuoteState.NOT_FOUND),
                "quotes_found_in_several_places": _rejected(claim, QuoteState.AMBIGUOUS),
            }
            for claim in answer.claims
        ]
    )


def _rejected(claim: Claim, state: QuoteState) -> list[str]:
    return [evidence.quote for evidence in claim.rejected if evidence.state is state]


def describe_review(review: Review) -> str:
    """The open issues of a review as the planner sees them."""
    return as_data(
        [
            {
                "id": issue.issue_id,
                "severity": issue.severity,
                "claim": issue.claim_id,
                "why": issue.why,
                "quote": issue.evidence.quote if issue.evidence else None,
            }
            for issue in review.open_issues
        ]
        + ([{"alternative": review.alternative}] if review.alternative else [])
    )


def as_data(value: object) -> str:
    """A value as a section of a prompt shows it."""
    return json.dumps(value, ensure_ascii=False, indent=1)
