"""The planner's part in the medium and large tiers: plans, reviews, writes. Owns no loop."""

import asyncio
from dataclasses import dataclass

from agentflow_desktop.core.errors import ReplyUnusable
from agentflow_desktop.core.routing import Role
from agentflow_desktop.documents.outline import Outline
from agentflow_desktop.llm.claims import (
    Answer,
    Finding,
    IssueResponse,
    PlannedQuestion,
    Review,
    StopReason,
)
from agentflow_desktop.llm.conversation import Asked, Conversation
from agentflow_desktop.llm.material import Material
from agentflow_desktop.llm.outcome import Outcome
from agentflow_desktop.llm.planner_requests import MOST_FOLLOW_UPS, MOST_QUESTIONS, PlannerWriter
from agentflow_desktop.llm.replies import (
    AssessmentForm,
    CondensedForm,
    PlanForm,
    ReviewForm,
    WrittenForm,
)
from agentflow_desktop.llm.verification import check_questions, check_responses, check_review


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer on its way, and the planner's stances on the review before it."""

    answer: Answer
    responses: tuple[IssueResponse, ...] = ()


class PlannerDesk:
    """The planner at work on one question, with the outline in place of the documents."""

    def __init__(self, talk: Conversation, outline: Outline) -> None:
        self.talk = talk
        self.outline = outline
        parts = talk.parts
        self._writer = PlannerWriter(parts.prompts, parts.settings, parts.windows)
        self._asked = 0
        self.review: Review | None = None
        self.iterations = 0

    async def plan(self, title: str) -> tuple[PlannedQuestion, ...]:
        """The questions; the task itself if the planner gives none that can be used.

        Raises ProviderError if the planner can't be asked at all.
        """
        talk = self.talk
        request = await asyncio.to_thread(
            self._writer.plan, talk.question, talk.planner, self.outline
        )
        asked = await talk.ask(Role.PLANNER, title, request, PlanForm)
        if asked.error is not None and not isinstance(asked.error, ReplyUnusable):
            raise asked.error
        forms = asked.value.questions[:MOST_QUESTIONS] if asked.value is not None else ()
        questions = check_questions(forms, talk.sources)
        if not questions:
            reason = asked.problem or f"{talk.planner.name} planned no question."
            await talk.watcher.show_notice(f"{reason} The task is asked as it stands.")
            questions = (PlannedQuestion("Q1", talk.question.task),)
        self._asked = len(questions)
        await asked.step.show_questions(questions)
        return questions

    def question(self, text: str) -> PlannedQuestion:
        """A question with the next id."""
        self._asked += 1
        return PlannedQuestion(f"Q{self._asked}", text)

    async def assess(self, draft: Answer) -> Review | None:
        """The planner's review with its follow-ups; None if there is no usable one."""
        talk = self.talk
        request = await asyncio.to_thread(
            self._writer.assess, talk.question, talk.planner, self.outline, draft
        )
        title = f"Planner reviews: {talk.question.check.words}"
        asked = await talk.ask(Role.PLANNER, title, request, AssessmentForm)
        return await self.take_review(asked, draft)

    async def take_review(
        self, asked: Asked[AssessmentForm] | Asked[ReviewForm], draft: Answer
    ) -> Review | None:
        """A review as code accepts it, which the next writing answers to."""
        talk, form = self.talk, asked.value
        if form is None:
            await talk.watcher.show_notice(f"The review did not come about: {asked.problem}")
            return None
        if isinstance(form, AssessmentForm):
            form = form.model_copy(update={"questions": form.questions[:MOST_FOLLOW_UPS]})
        review = await asyncio.to_thread(check_review, form, draft, talk.sources, self._asked + 1)
        self._asked += len(review.questions)
        self.iterations += 1
        self.review = review
        await asked.step.show_review(review, self.iterations)
        return review

    async def write(
        self, title: str, material: Material, before: Answer | None = None
    ) -> Draft | None:
        """The answer from the findings, by the last review of the one ``before``; None if none
        came about."""
        findings = await self._condensed(material)
        talk = self.talk
        request = await asyncio.to_thread(
            self._writer.write,
            talk.question,
            talk.planner,
            material,
            findings,
            review=self.review,
            before=before,
        )
        if request is None:
            await talk.watcher.show_notice(
                "The findings are too long for the planner; they stand as they are."
            )
            return None
        asked = await talk.ask(Role.PLANNER, title, request, WrittenForm)
        if asked.value is None:
            await talk.watcher.show_notice(
                f"The planner did not write an answer, what was found is kept: {asked.problem}"
            )
            return None
        claims = material.cited(asked.value.claims)
        responses = check_responses(asked.value, self.review) if self.review is not None else ()
        draft = Draft(material.answer(asked.value.title.strip(), claims), responses)
        await asked.step.show_draft(draft.answer, self.iterations, draft.responses)
        return draft

    def outcome(
        self, answer: Answer, reason: StopReason, responses: tuple[IssueResponse, ...] = ()
    ) -> Outcome:
        """The outcome with this answer, and the last review of the desk."""
        badges = self.talk.parts.badges(answer, self.review)
        return Outcome(answer, self.review, responses, reason, self.iterations, badges)

    async def _condensed(self, material: Material) -> list[Finding]:
        """The findings, brought together in batches where they don't fit one request.

        A batch that can't be condensed goes on as it is: nothing is dropped.
        """
        talk = self.talk
        batches = await asyncio.to_thread(
            self._writer.batches, talk.question, talk.planner, material
        )
        if len(batches) <= 1:
            return list(material.findings)
        together: list[Finding] = []
        for number, batch in enumerate(batches, start=1):
            together += await self._condense(material, batch, f"{number} of {len(batches)}")
        return together

    async def _condense(
        self, material: Material, batch: list[Finding], which: str
    ) -> list[Finding]:
        talk = self.talk
        request = await asyncio.to_thread(
            self._writer.condense, talk.question, talk.planner, material, batch
        )
        if request is None:
            return batch
        title = f"Planner brings findings together ({which})"
        asked = await talk.ask(Role.PLANNER, title, request, CondensedForm)
        if asked.value is None:
            await talk.watcher.show_notice(f"Findings were not condensed: {asked.problem}")
            return batch
        prefix = f"{batch[0].claim.claim_id}-"
        findings = [Finding(claim) for claim in material.cited(asked.value.claims, prefix)]
        await asked.step.show_findings(tuple(findings))
        return findings
