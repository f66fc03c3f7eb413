"""The heavy model reads packs, several at once. A pack that fails is a gap, never a silence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from agentflow_desktop.core.errors import BudgetExceeded, PromptTooLong, ReplyUnusable
from agentflow_desktop.core.routing import Role
from agentflow_desktop.llm.claims import Finding, PlannedQuestion
from agentflow_desktop.llm.conversation import Conversation
from agentflow_desktop.llm.packs import Pack, halve_pack
from agentflow_desktop.llm.reading_requests import ReadingWriter
from agentflow_desktop.llm.replies import FindingsForm
from agentflow_desktop.llm.verification import check_findings


@dataclass(frozen=True, slots=True)
class PackReading:
    """What became of one pack: its findings, or in ``problem`` a sentence on why it was not read.
    ``was_begun``: its model was asked, or was about to be."""

    pack: Pack
    findings: tuple[Finding, ...]
    failure: Exception | None = None
    problem: str = ""
    was_begun: bool = True

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
        """Every pack in order, read or not, or its halves.

        Cancelling cancels every call that goes on. Raises what is no model's fault
        (StorageError), after the other calls are cancelled.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._read(pack, questions, verb)) for pack in packs]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return tuple(reading for task in tasks for reading in task.result())

    async def _read(
        self, pack: Pack, questions: Sequence[PlannedQuestion], verb: str
    ) -> tuple[PackReading, ...]:
        """One pack. One that the server finds too long is read in halves: our estimate of tokens
        was off, and half a pack is within any such error."""
        reading = await self._read_once(pack, questions, verb)
        if not isinstance(reading.failure, PromptTooLong) or pack.is_half:
            await self._tell(reading)
            return (reading,)
        halves = halve_pack(pack, self._talk.question.documents)
        readings = [await self._read_once(half, questions, verb) for half in halves]
        for half in readings:
            await self._tell(half)
        return tuple(readings)

    async def _tell(self, reading: PackReading) -> None:
        if reading.gap and reading.was_begun:
            await self._talk.watcher.show_notice(reading.gap)

    async def _read_once(
        self, pack: Pack, questions: Sequence[PlannedQuestion], verb: str
    ) -> PackReading:
        async with self._places:
            if self.budget_error is not None:
                error = self.budget_error
                return PackReading(pack, (), error, error.message, was_begun=False)
            if self._talk.is_late:
                self.is_out_of_time = True
                problem = "the time for this answer was over."
                return PackReading(pack, (), None, problem, was_begun=False)
            try:
                return await self._ask(pack, questions, verb)
            except BudgetExceeded as error:
                self.budget_error = error
                return PackReading(pack, (), error, error.message)

    async def _ask(
        self, pack: Pack, questions: Sequence[PlannedQuestion], verb: str
    ) -> PackReading:
        talk = self._talk
        step = await talk.begin(Role.HEAVY, f"Heavy model {verb} {pack.title}")
        request = await asyncio.to_thread(
            self._writer.findings, talk.question, talk.heavy, pack, questions
        )
        asked = await talk.ask_within(step, Role.HEAVY, request, FindingsForm)
        if asked.value is None:
            return PackReading(pack, (), asked.error, asked.problem)
        findings = await asyncio.to_thread(check_findings, asked.value, talk.sources, questions)
        await asked.step.show_findings(findings)
        return PackReading(pack, findings)


def refuse_if_nothing_read(readings: Sequence[PackReading]) -> None:
    """Raises what the first pack failed by, if none was read."""
    failed = [reading for reading in readings if reading.problem]
    if not readings or len(failed) < len(readings):
        return
    raise failed[0].failure or ReplyUnusable(
        failed[0].gap, hint="Choose another heavy model, or ask again."
    )
