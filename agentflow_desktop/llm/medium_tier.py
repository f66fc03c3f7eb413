"""The medium tier: the planner plans, the heavy model answers with all documents in context, the
planner reviews, asks follow-ups and writes the answer.

The planner sees the outline, the answer and its quotes, never the documents.
"""

import asyncio
from collections.abc import Sequence

from agentflow_desktop.core.errors import ReplyUnusable
from agentflow_desktop.core.routing import Role
from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.claims import Answer, Finding, PlannedQuestion, Review
from agentflow_desktop.llm.conversation import Conversation, TierParts
from agentflow_desktop.llm.deliberation import Deliberation
from agentflow_desktop.llm.material import Material
from agentflow_desktop.llm.outcome import Outcome, Watcher
from agentflow_desktop.llm.packs import Pack, pack_documents
from agentflow_desktop.llm.planner_desk import Draft, PlannerDesk
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import AnswerForm, FindingsForm
from agentflow_desktop.llm.verification import check_answer, check_findings, plain_answer

_NO_BOUND = 1 << 60


class MediumTier:
    """Answers tasks whose documents the heavy model takes at once."""

    def __init__(self, parts: TierParts) -> None:
        self._parts = parts
        self._writer = ReadingWriter(parts.prompts, parts.settings)

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer. Raises ProviderError or BudgetExceeded only if the heavy model's own
        answer did not come about."""
        talk = Conversation(self._parts, question, purpose, watcher)
        outline = await asyncio.to_thread(outline_documents, question.documents)
        desk = PlannerDesk(talk, outline)
        plan = await desk.plan("Planner plans")
        draft = await self._read(talk, plan)
        material = Material()
        material.add_claims(draft.claims)
        whole = await asyncio.to_thread(pack_documents, question.documents, _NO_BOUND)

        async def follow_up(review: Review, _: Draft) -> tuple[Finding, ...]:
            return await self._follow_up(talk, whole[0], review) if whole else ()

        return await Deliberation(
            talk, desk, material, follow_up, Draft(draft), is_written=False
        ).settle()

    async def _read(self, talk: Conversation, plan: Sequence[PlannedQuestion]) -> Answer:
        request = await asyncio.to_thread(self._writer.answer, talk.question, talk.heavy, plan)
        asked = await talk.ask(Role.HEAVY, "Heavy model answers by the plan", request, AnswerForm)
        if asked.error is not None:
            raise asked.error
        if asked.value is not None:
            answer = await asyncio.to_thread(check_answer, asked.value, talk.sources)
        elif asked.text.strip():
            answer = plain_answer(asked.text)
            await talk.watcher.show_notice(
                f"{asked.problem} Nothing of its answer is backed by a quote."
            )
        else:
            raise ReplyUnusable(asked.problem, hint="Try again, or choose another model.")
        await asked.step.show_draft(answer, 0, ())
        return answer

    async def _follow_up(
        self, talk: Conversation, whole: Pack, review: Review
    ) -> tuple[Finding, ...]:
        request = await asyncio.to_thread(
            self._writer.findings, talk.question, talk.heavy, whole, review.questions
        )
        title = "Heavy model answers follow-ups"
        asked = await talk.ask(Role.HEAVY, title, request, FindingsForm)
        if asked.value is None:
            await talk.watcher.show_notice(f"The follow-ups were not answered: {asked.problem}")
            return ()
        findings = await asyncio.to_thread(
            check_findings, asked.value, talk.sources, review.questions
        )
        await asked.step.show_findings(findings)
        return findings
