"""Reads the file of a quote and cuts the part around it. Plain Python, no widget."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.tasks.doors import QueryDoor
from agentflow_desktop.desktop.screens.tasks.source_excerpt import cut_excerpt
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, EvidenceState
from agentflow_desktop.documents.document import Document, Selection

Spawn = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]


class EvidenceLook:
    """Looks at one quote at a time; ``show`` is given each state of that."""

    def __init__(self, spawn: Spawn, show: Callable[[EvidenceState], None]) -> None:
        self._spawn = spawn
        self._show = show
        self._state = EvidenceState()
        self._document: Document | None = None
        self._looking: asyncio.Task[Any] | None = None

    def at(
        self, queries: QueryDoor, selection: Selection, evidence: Evidence, number: int | None
    ) -> None:
        """Show the quote in its file."""
        self._stop()
        self._document = None
        self._put(EvidenceState(EvidencePhase.LOADING, evidence, number))
        self._looking = self._spawn(self._load(queries, selection, evidence))

    def page(self, *, later: bool) -> None:
        """Go to the part of the document after or before the one shown."""
        excerpt = self._state.excerpt
        if self._document is None or excerpt is None:
            return
        at = excerpt.later_at if later else excerpt.earlier_at
        if at is not None:
            self._stop()
            self._looking = self._spawn(self._cut(self._document, at, self._state))

    def away(self) -> None:
        """Look at nothing."""
        self._stop()
        self._document = None
        self._put(EvidenceState())

    async def _load(self, queries: QueryDoor, selection: Selection, evidence: Evidence) -> None:
        shown = self._state
        try:
            reading = await queries.sources.source_text(selection, evidence.file)
        except AgentFlowError as error:
            self._fail(problem_of(error))
            return
        document = reading.document
        if document is None:
            self._fail(Problem(reading.reason or "The file can't be read now."))
            return
        self._document = document
        is_changed = document.digest != evidence.digest
        start = evidence.start or 0
        if is_changed:
            start = await asyncio.to_thread(document.text.find, evidence.quote)
        await self._cut(document, max(start, 0), replace(shown, is_changed=is_changed), start)

    async def _cut(
        self, document: Document, at: int, shown: EvidenceState, quote_at: int | None = None
    ) -> None:
        lit = _lit_place(shown, quote_at)
        excerpt = await asyncio.to_thread(cut_excerpt, document, at, lit)
        self._put(replace(shown, phase=EvidencePhase.READY, excerpt=excerpt))

    def _fail(self, problem: Problem) -> None:
        self._put(replace(self._state, phase=EvidencePhase.FAILED, problem=problem))

    def _put(self, state: EvidenceState) -> None:
        self._state = state
        self._show(state)

    def _stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None


def _lit_place(shown: EvidenceState, quote_at: int | None) -> tuple[int, int] | None:
    """Where the quote stands in the document as it is now, None if it no longer does."""
    evidence = shown.evidence
    if evidence is None:
        return None
    if shown.is_changed:
        if quote_at is None or quote_at < 0:
            return None
        return quote_at, quote_at + len(evidence.quote)
    if evidence.start is None or evidence.end is None:
        return None
    return evidence.start, evidence.end
