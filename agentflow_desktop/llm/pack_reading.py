"""The heavy model reads packs, several at once. A pack that fails is a gap, never a silence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.core.errors import BudgetExceeded
from agentflow_desktop.core.routing import Role
from agentflow_desktop.llm.claims import Finding, PlannedQuestion
from agentflow_desktop.llm.conversation import Conversation
from agentflow_desktop.llm.packs import Pack
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import FindingsForm
from agentflow_desktop.llm.verification import check_findings


@dataclass(frozen=True, slots=True)
class PackReading:
    """What became of one pack: its findings, or in ``failure`` why it was not read."""

    pack: Pack
    findings: tuple[Finding, ...]
    failure: Exception | None = None
    problem: str = ""

    @property
    def gap(self) -> str:
        """The sentence that stands in the answer; empty if the pack was read."""
        if not self.problem:
            return ""
        label = self.pack.label
        return f"{label[0].upper()}{label[1:]} was not read: {self.problem}"


class PackReader:
    """Reads the packs of one question."""

    def __init__(self, talk: Conversation, writer: ReadingWriter) -> None:
        self._talk = talk
        self._writer = writer
        self._places = asyncio.Semaphore(talk.parts.concurrent_packs)
        self.budget_error: BudgetExceeded | None = None
        self.is_out_of_time = False

    async def read(
        self, packs: Sequence[Pack], questions: Sequence[PlannedQuestion], verb: str = "reads"
    ) -> tuple[PackReading, ...]:
        """Every pack in order, read or not. Cancelling cancels every call that goes on.

        Raises what is no model's fault (StorageError), after the other calls are cancelled.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._read(pack, questions, verb)) for pack in packs]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return tuple(task.result() for task in tasks)

    async def _read(
        self, pack: Pack, questions: Sequence[PlannedQuestion], verb: str
    ) -> PackReading:
        async with self._places:
            if self.budget_error is not None:
                return PackReading(pack, (), self.budget_error, self.budget_error.message)
            if self._talk.is_late:
                self.is_out_of_time = True
                return PackReading(pack, (), None, "the time for this answer was over.")
            try:
                reading = await self._ask(pack, questions, verb)
            except BudgetExceeded as error:
                self.budget_error = error
                reading = PackReading(pack, (), error, error.message)
        if reading.gap:
            await self._talk.watcher.show_notice(reading.gap)
        return reading

    async def _ask(
        self, pack: Pack, questions: Sequence[PlannedQuestion], verb: str
    ) -> PackReading:
        talk = self._talk
        request = await asyncio.to_thread(
            self._writer.findings, talk.question, talk.heavy, pack, questions
        )
        title = f"Heavy model {verb} pack {pack.number} of {pack.total}"
        asked = await talk.ask(Role.HEAVY, title, request, FindingsForm)
        if asked.value is None:
            return PackReading(pack, (), asked.error, asked.problem)
        findings = await asyncio.to_thread(check_findings, asked.value, talk.sources, questions)
        await asked.step.show_findings(findings)
        return PackReading(pack, findings)
