"""The large tier: the planner breaks the task into questions over an outline, the heavy model
reads everything in packs, the planner writes the answer from the findings.

The planner is never given the documents. What was not read stands in the answer as a gap.
"""

import asyncio
from collections.abc import Sequence

from agentflow_desktop.core.errors import BudgetExceeded, ReplyUnusable
from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.llm.caller import CallPurpose
from agentflow_desktop.llm.claims import Answer, Claim, Finding, Review, StopReason
from agentflow_desktop.llm.conversation import Conversation, TierParts
from agentflow_desktop.llm.deliberation import WRITES, Deliberation
from agentflow_desktop.llm.material import Material
from agentflow_desktop.llm.outcome import Outcome, Watcher
from agentflow_desktop.llm.pack_reading import PackReader, PackReading
from agentflow_desktop.llm.packs import Pack, pack_documents
from agentflow_desktop.llm.planner_desk import Draft, PlannerDesk
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.reading_requests import ReadingWriter

MOST_FOLLOW_UP_PACKS = 2


class LargeTier:
    """Answers tasks of any size."""

    def __init__(self, parts: TierParts) -> None:
        self._parts = parts
        self._writer = ReadingWriter(parts.prompts, parts.settings)

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer. Raises ProviderError or BudgetExceeded only if no pack could be read."""
        talk = Conversation(self._parts, question, purpose, watcher)
        outline = await asyncio.to_thread(outline_documents, question.documents)
        packs = await asyncio.to_thread(self._packs, talk)
        desk = PlannerDesk(talk, outline)
        plan = await desk.plan("Planner breaks the task into questions")
        reader = PackReader(talk, self._writer)
        readings = await reader.read(packs, plan)
        _refuse_if_nothing_read(readings)
        material = Material()
        for reading in readings:
            material.add(reading.findings)
            if reading.gap:
                material.gaps.append(reading.gap)
        draft = Draft(material.answer(""))
        if not material.findings:
            return self._outcome(desk, _nothing_found(material), StopReason.NOTHING_FOUND)
        if reader.budget_error is not None or reader.is_out_of_time:
            reason = StopReason.BUDGET if reader.budget_error else StopReason.TIME
            return self._outcome(desk, draft.answer, reason)
        return await self._deliberate(talk, desk, material, draft)

    def _packs(self, talk: Conversation, only: frozenset[str] | None = None) -> tuple[Pack, ...]:
        question = talk.question
        room = self._parts.windows.pack_room(talk.heavy, question.typed_raw)
        return pack_documents(question.documents, room, only)

    async def _deliberate(
        self, talk: Conversation, desk: PlannerDesk, material: Material, draft: Draft
    ) -> Outcome:
        try:
            written = await desk.write(WRITES, material)
        except BudgetExceeded as error:
            await talk.watcher.show_notice(f"{error.message} What was found is kept.")
            return self._outcome(desk, draft.answer, StopReason.BUDGET)
        if written is None:
            return self._outcome(desk, draft.answer, StopReason.REFINE_FAILED)

        async def follow_up(review: Review, draft: Draft) -> tuple[Finding, ...]:
            return await self._follow_up(talk, review, draft)

        return await Deliberation(
            talk, desk, material, follow_up, written, is_written=True
        ).settle()

    async def _follow_up(
        self, talk: Conversation, review: Review, draft: Draft
    ) -> tuple[Finding, ...]:
        """The documents that the questions name are read again, else those that the answer
        quotes: at most ``MOST_FOLLOW_UP_PACKS`` packs of them."""
        only = _sources_of(talk, review, draft.answer)
        packs = await asyncio.to_thread(self._packs, talk, only)
        if not packs:
            await talk.watcher.show_notice(
                "The follow-ups name no file and the answer quotes none: they were not asked."
            )
        if len(packs) > MOST_FOLLOW_UP_PACKS:
            await talk.watcher.show_notice(
                f"Follow-ups read only {MOST_FOLLOW_UP_PACKS} of {len(packs)} packs of the files"
                " that they are about."
            )
        reader = PackReader(talk, self._writer)
        readings = await reader.read(
            packs[:MOST_FOLLOW_UP_PACKS], review.questions, "answers follow-ups from"
        )
        if reader.budget_error is not None:
            raise reader.budget_error
        for reading in readings:
            if reading.gap and not reading.was_begun:
                await talk.watcher.show_notice(reading.gap)
        return tuple(finding for reading in readings for finding in reading.findings)

    def _outcome(self, desk: PlannerDesk, answer: Answer, reason: StopReason) -> Outcome:
        badges = self._parts.badges(answer, desk.review)
        return Outcome(answer, desk.review, (), reason, desk.iterations, badges)


def _sources_of(talk: Conversation, review: Review, answer: Answer) -> frozenset[str]:
    named = {source for question in review.questions for source in question.sources}
    if named:
        return frozenset(named)
    quoted = {talk.sources.id_of(e) for claim in answer.claims for e in claim.evidence}
    return frozenset(quoted - {""})


def _refuse_if_nothing_read(readings: Sequence[PackReading]) -> None:
    """Raises what the first pack failed by, if none was read."""
    failed = [reading for reading in readings if reading.problem]
    if not readings or len(failed) < len(readings):
        return
    raise failed[0].failure or ReplyUnusable(
        failed[0].gap, hint="Choose another heavy model, or ask again."
    )


def _nothing_found(material: Material) -> Answer:
    sentence = "The heavy model found nothing in what it read that answers the task."
    return material.answer("Nothing found", [Claim("C1", sentence, ())])
