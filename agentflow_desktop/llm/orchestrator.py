"""The small tier: the planner proposes, the heavy model verifies, the planner answers to it.

A model proposes; code looks every quote up. The first draft is never lost: whatever stops the
loop later (budget, time, an unusable review), the best answer so far is the result, and the
reason is part of it. Text work on whole documents happens in threads, off the loop.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import BudgetExceeded, ProviderError
from agentflow_desktop.core.routing import Badge, Role
from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.llm.caller import CallObserver, CallPurpose, ModelCaller
from agentflow_desktop.llm.claims import Answer, IssueResponse, Review, StopReason, Verdict
from agentflow_desktop.llm.question import Question, RequestWriter
from agentflow_desktop.llm.replies import AnswerForm, RefinedForm, ReviewForm
from agentflow_desktop.llm.roles import Roles
from agentflow_desktop.llm.verification import (
    SourceIndex,
    check_answer,
    check_responses,
    check_review,
    issue_fingerprints,
    plain_answer,
)


class Watcher(Protocol):
    """What the one who asked sees of the loop, step by step."""

    async def begin_step(self, title: str, role: Role, model: str) -> CallObserver:
        """A model is about to be asked; what the call shows goes to the observer."""
        ...

    async def show_draft(
        self, answer: Answer, iteration: int, responses: tuple[IssueResponse, ...]
    ) -> None: ...

    async def show_review(self, review: Review, iteration: int) -> None: ...

    async def show_notice(self, message: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer that stands at the end, and why the loop ended there."""

    answer: Answer
    review: Review | None
    responses: tuple[IssueResponse, ...]
    stop_reason: StopReason
    iterations: int
    badges: tuple[Badge, ...]


class Orchestrator:
    """Runs questions through both seats."""

    def __init__(
        self,
        *,
        roles: Roles,
        caller: ModelCaller,
        writer: RequestWriter,
        settings: VerificationSettings,
        clock: Clock,
    ) -> None:
        self._roles = roles
        self._caller = caller
        self._writer = writer
        self._settings = settings
        self._clock = clock

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer to a question of the small tier.

        Raises ProviderError or BudgetExceeded only if not even a first draft came about.
        """
        discussion = _Discussion(
            self._roles, self._caller, self._writer, self._settings, question, purpose, watcher
        )
        ends_at_s = self._clock.monotonic_s() + self._settings.max_duration_s
        draft = await discussion.propose()
        if self._roles.is_built_in:
            stop_reason = StopReason.QUOTES_CHECKED
        elif not self._settings.enabled:
            stop_reason = StopReason.VERIFICATION_OFF
        else:
            stop_reason, draft = await self._settle(discussion, draft, ends_at_s)
        return Outcome(
            answer=draft.answer,
            review=discussion.review,
            responses=draft.responses,
            stop_reason=stop_reason,
            iterations=discussion.iterations,
            badges=self._badges(draft.answer, is_reviewed=discussion.review is not None),
        )

    def _badges(self, answer: Answer, *, is_reviewed: bool) -> tuple[Badge, ...]:
        badges = self._roles.badges()
        if not is_reviewed and not self._roles.is_built_in:
            badges = (Badge.NOT_VERIFIED,)
        return badges if answer.is_structured else (*badges, Badge.UNSTRUCTURED)

    async def _settle(
        self, discussion: "_Discussion", draft: "_Draft", ends_at_s: float
    ) -> tuple[StopReason, "_Draft"]:
        """Review and answer in turn until something ends it; the reason and the last draft."""
        seen: frozenset[str] = frozenset()
        try:
            for _ in range(self._settings.max_iterations):
                if self._clock.monotonic_s() >= ends_at_s:
                    return StopReason.TIME, draft
                review = await discussion.take_review(draft)
                if review is None:
                    return StopReason.REVIEW_FAILED, draft
                if review.verdict is Verdict.APPROVE:
                    return StopReason.APPROVED, draft
                fresh = issue_fingerprints(review)
                if fresh <= seen:
                    return StopReason.NO_NEW_ISSUE, draft
                seen |= fresh
                if self._clock.monotonic_s() >= ends_at_s:
                    return StopReason.TIME, draft
                refined = await discussion.refine(draft, review)
                if refined is None:
                    return StopReason.REFINE_FAILED, draft
                draft = refined
        except BudgetExceeded as error:
            await discussion.watcher.show_notice(f"{error.message} The answer so far is kept.")
            return StopReason.BUDGET, draft
        return StopReason.MAX_ITERATIONS, draft


@dataclass(frozen=True, slots=True)
class _Draft:
    answer: Answer
    responses: tuple[IssueResponse, ...] = ()


@dataclass(slots=True)
class _Discussion:
    """The calls about one question, and what was said last."""

    roles: Roles
    caller: ModelCaller
    writer: RequestWriter
    settings: VerificationSettings
    question: Question
    purpose: CallPurpose
    watcher: Watcher
    review: Review | None = None
    iterations: int = 0
    sources: SourceIndex = field(init=False)

    def __post_init__(self) -> None:
        self.sources = SourceIndex(self.question.documents)

    async def propose(self) -> _Draft:
        seat = self.roles.planner
        title = "Built-in engine finds passages" if self.roles.is_built_in else "Planner proposes"
        observer = await self.watcher.begin_step(title, Role.PLANNER, seat.profile.name)
        request = await asyncio.to_thread(self.writer.propose, self.question, seat.profile)
        reply = await self.caller.call_structured(seat, request, AnswerForm, self.purpose, observer)
        if reply.value is None:
            answer = plain_answer(reply.text)
            await self.watcher.show_notice(
                f"{seat.profile.name} did not answer in the form asked for, so nothing of its "
                "answer is backed by a quote."
            )
        else:
            answer = await asyncio.to_thread(check_answer, reply.value, self.sources)
        await self.watcher.show_draft(answer, 0, ())
        return _Draft(answer)

    async def take_review(self, draft: _Draft) -> Review | None:
        """The heavy model's review as code accepts it; None if there is no usable one."""
        seat = self.roles.heavy
        is_other = seat.profile != self.roles.planner.profile
        title = "Heavy model verifies" if is_other else "Planner verifies itself"
        observer = await self.watcher.begin_step(title, Role.HEAVY, seat.profile.name)
        request = self.writer.review(self.question, seat.profile, draft.answer, draft.responses)
        try:
            reply = await self.caller.call_structured(
                seat, request, ReviewForm, self.purpose, observer
            )
        except ProviderError as error:
            await self.watcher.show_notice(f"The review did not come about: {error.message}")
            return None
        if reply.value is None:
            await self.watcher.show_notice(
                f"{seat.profile.name} abstained: its review was not usable."
            )
            return None
        self.iterations += 1
        self.review = await asyncio.to_thread(check_review, reply.value, draft.answer, self.sources)
        await self.watcher.show_review(self.review, self.iterations)
        return self.review

    async def refine(self, draft: _Draft, review: Review) -> _Draft | None:
        """The planner's answer to a review; None if its reply can't be used."""
        seat = self.roles.planner
        observer = await self.watcher.begin_step(
            "Planner answers the review", Role.PLANNER, seat.profile.name
        )
        request = self.writer.refine(self.question, seat.profile, draft.answer, review)
        try:
            reply = await self.caller.call_structured(
                seat, request, RefinedForm, self.purpose, observer
            )
        except ProviderError as error:
            await self.watcher.show_notice(f"The answer before is kept: {error.message}")
            return None
        if reply.value is None:
            await self.watcher.show_notice(
                f"{seat.profile.name} abstained: its new answer was not usable, "
                "the one before is kept."
            )
            return None
        answer = await asyncio.to_thread(check_answer, reply.value, self.sources)
        refined = _Draft(answer, check_responses(reply.value, review))
        await self.watcher.show_draft(refined.answer, self.iterations, refined.responses)
        return refined
