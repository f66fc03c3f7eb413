"""The small tier: the planner proposes, the heavy model verifies, the planner answers to it.

A model proposes; code looks every quote up. The first draft is never lost: whatever stops the
loop later (budget, time, an unusable review), the best answer so far is the result, and the
reason is part of it. Text work on whole documents happens in threads, off the loop.
"""

import asyncio
from dataclasses import dataclass, field

from agentflow_desktop.core.errors import BudgetExceeded, ProviderError
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.claims import Answer, IssueResponse, Review, StopReason, Verdict
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.outcome import Outcome, Watcher
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
    unfound_quotes,
)


class SmallTier:
    """Answers tasks that both models take whole, and every task of the built-in engine."""

    def __init__(self, parts: TierParts) -> None:
        self._parts = parts
        self._roles = parts.roles
        self._settings = parts.settings
        self._clock = parts.clock

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer. Raises ProviderError or BudgetExceeded only if not even a first draft came
        about."""
        writer = RequestWriter(self._parts.prompts, self._settings)
        discussion = _Discussion(
            self._roles, self._parts.caller, writer, self._settings, question, purpose, watcher
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
            badges=self._parts.badges(draft.answer, discussion.review),
        )

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
                unfound = unfound_quotes(draft.answer)
                if review.verdict is Verdict.APPROVE and not unfound:
                    return StopReason.APPROVED, draft
                # A reviewer's word does not put a quote into the files: the planner mends it.
                fresh = issue_fingerprints(review) | unfound
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
        step = await self.watcher.begin_step(title, Role.PLANNER, seat.profile.name)
        request = await asyncio.to_thread(self.writer.propose, self.question, seat.profile)
        reply = await self.caller.call_structured(seat, request, AnswerForm, self.purpose, step)
        if reply.value is None:
            answer = plain_answer(reply.text)
            await self.watcher.show_notice(
                f"{seat.profile.name} did not answer in the form asked for, so nothing of its "
                "answer is backed by a quote."
            )
        else:
            answer = await asyncio.to_thread(check_answer, reply.value, self.sources)
        await step.show_draft(answer, 0, ())
        return _Draft(answer)

    async def take_review(self, draft: _Draft) -> Review | None:
        """The heavy model's review as code accepts it; None if there is no usable one."""
        seat = self.roles.heavy
        is_other = seat.profile != self.roles.planner.profile
        who = "Heavy model verifies" if is_other else "Planner verifies itself"
        title = f"{who}: {self.question.check.words}"
        step = await self.watcher.begin_step(title, Role.HEAVY, seat.profile.name)
        request = self.writer.review(self.question, seat.profile, draft.answer, draft.responses)
        try:
            reply = await self.caller.call_structured(seat, request, ReviewForm, self.purpose, step)
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
        await step.show_review(self.review, self.iterations)
        return self.review

    async def refine(self, draft: _Draft, review: Review) -> _Draft | None:
        """The planner's answer to a review; None if its reply can't be used."""
        seat = self.roles.planner
        title = "Planner answers the review" if review.open_issues else "Planner mends its quotes"
        step = await self.watcher.begin_step(title, Role.PLANNER, seat.profile.name)
        request = self.writer.refine(self.question, seat.profile, draft.answer, review)
        try:
            reply = await self.caller.call_structured(
                seat, request, RefinedForm, self.purpose, step
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
        await step.show_draft(refined.answer, self.iterations, refined.responses)
        return refined
