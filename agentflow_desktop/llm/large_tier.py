"""The large tier: the planner breaks the task into questions over an outline, the heavy model
reads everything in packs, the planner writes the answer from the findings.

The planner is never given the documents. What was not read stands in the answer as a gap.
"""

import asyncio

from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.claims import StopReason
from agentflow_desktop.llm.conversation import Conversation, TierParts
from agentflow_desktop.llm.deliberation import write_and_settle
from agentflow_desktop.llm.follow_ups import FollowUps
from agentflow_desktop.llm.material import Material, nothing_found
from agentflow_desktop.llm.outcome import Outcome, Watcher
from agentflow_desktop.llm.pack_reading import PackReader, refuse_if_nothing_read
from agentflow_desktop.llm.planner_desk import Draft, PlannerDesk
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.reading_requests import ReadingWriter


class LargeTier:
    """Answers tasks of any size."""

    def __init__(self, parts: TierParts) -> None:
        self._parts = parts
        self._writer = ReadingWriter(parts.prompts, parts.settings)

    async def answer(self, question: Question, purpose: CallPurpose, watcher: Watcher) -> Outcome:
        """The answer. Raises ProviderError or BudgetExceeded only if no pack could be read."""
        talk = Conversation(self._parts, question, purpose, watcher)
        outline = await asyncio.to_thread(outline_documents, question.documents)
        follow_ups = FollowUps(talk, self._writer)
        packs = await asyncio.to_thread(follow_ups.packs)
        desk = PlannerDesk(talk, outline)
        plan = await desk.plan("Planner breaks the task into questions")
        reader = PackReader(talk, self._writer)
        readings = await reader.read(packs, plan)
        refuse_if_nothing_read(readings)
        material = Material()
        for reading in readings:
            material.add(reading.findings)
            if reading.gap:
                material.gaps.append(reading.gap)
        draft = Draft(material.answer(""))
        if not material.findings:
            return desk.outcome(nothing_found(material), StopReason.NOTHING_FOUND)
        if reader.budget_error is not None or reader.is_out_of_time:
            reason = StopReason.BUDGET if reader.budget_error else StopReason.TIME
            return desk.outcome(draft.answer, reason)
        return await write_and_settle(talk, desk, material, draft, follow_ups.answer)
