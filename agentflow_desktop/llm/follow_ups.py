"""The heavy model reads again what a review's questions are about. Large tasks, and every task
whose planner names one step at a time."""

import asyncio

from agentflow_desktop.llm.claims import Answer, Finding, Review
from agentflow_desktop.llm.conversation import Conversation
from agentflow_desktop.llm.pack_reading import PackReader
from agentflow_desktop.llm.packs import Pack, pack_documents
from agentflow_desktop.llm.planner_desk import Draft
from agentflow_desktop.llm.reading_requests import ReadingWriter

MOST_FOLLOW_UP_PACKS = 2


class FollowUps:
    """The packs of one question, and what is read of them once more."""

    def __init__(self, talk: Conversation, writer: ReadingWriter) -> None:
        self._talk = talk
        self._writer = writer

    def packs(self, only: frozenset[str] | None = None) -> tuple[Pack, ...]:
        """All documents in packs, or those of these source ids. For a thread."""
        question = self._talk.question
        room = self._talk.parts.windows.pack_room(self._talk.heavy, question.typed_raw)
        return pack_documents(question.documents, room, only)

    async def answer(self, review: Review, draft: Draft) -> tuple[Finding, ...]:
        """The documents that the questions name are read again, else those that the answer
        quotes: at most ``MOST_FOLLOW_UP_PACKS`` packs of them. Raises BudgetExceeded."""
        talk = self._talk
        packs = await asyncio.to_thread(self.packs, self._sources_of(review, draft.answer))
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

    def _sources_of(self, review: Review, answer: Answer) -> frozenset[str]:
        named = {source for question in review.questions for source in question.sources}
        return frozenset(named) if named else quoted_sources(self._talk, answer)


def quoted_sources(talk: Conversation, answer: Answer) -> frozenset[str]:
    """The ids of the documents that an answer quotes."""
    quoted = {talk.sources.id_of(e) for claim in answer.claims for e in claim.evidence}
    return frozenset(quoted - {""})
