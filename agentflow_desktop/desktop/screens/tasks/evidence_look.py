"""Reads the file of a quote, cuts the part around it, and has its page drawn. Plain Python."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.tasks.doors import SourceDoor
from agentflow_desktop.desktop.screens.tasks.source_excerpt import cut_excerpt
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, EvidenceState, PageState
from agentflow_desktop.documents.document import Document, MediaKind, Selection

Spawn = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]
DRAW_AFTER_S = 0.12  # of quick changes of width, or leafing, only the last is drawn


class EvidenceLook:
    """Looks at one quote at a time; ``show`` is given each state of that.

    A PDF is shown as its page unless the person chose its text; either stays chosen for the
    quotes that follow.
    """

    def __init__(self, spawn: Spawn, show: Callable[[EvidenceState], None]) -> None:
        self._spawn = spawn
        self._show = show
        self._state = EvidenceState()
        self._selection = Selection()
        self._sources: SourceDoor | None = None
        self._document: Document | None = None
        self._quote_at: tuple[int, int] | None = None  # in the document as it is now
        self._width_px = 0
        self._looking: asyncio.Task[Any] | None = None
        self._drawing: asyncio.Task[Any] | None = None

    def connect(self, sources: SourceDoor) -> None:
        """Documents can be read from now on; what was waited for is read now."""
        self._sources = sources
        evidence, page = self._state.evidence, self._state.page
        if self._state.phase is EvidencePhase.LOADING and evidence is not None:
            self._looking = self._spawn(self._load(sources, evidence))
        elif page is not None and page.is_drawing:
            self._draw(page.number)

    def disconnect(self) -> None:
        """The door is closing. What is shown stays, and is gone on with behind the next one."""
        self._stop()
        self._sources = None

    def at(self, selection: Selection, evidence: Evidence, number: int | None) -> None:
        """Show the quote in its file."""
        self._stop()
        self._document = self._quote_at = None
        self._selection = selection
        self._put(
            EvidenceState(
                EvidencePhase.LOADING, evidence, number, shows_page=self._state.shows_page
            )
        )
        if self._sources is not None:
            self._looking = self._spawn(self._load(self._sources, evidence))

    def leaf(self, *, later: bool) -> None:
        """Go to the page, or the part of the text, after or before the one shown."""
        page, excerpt = self._state.page, self._state.excerpt
        if page is not None and self._state.shows_page:
            self._draw(min(max(page.number + (1 if later else -1), 1), page.count))
            return
        if self._document is None or excerpt is None:
            return
        at = excerpt.later_at if later else excerpt.earlier_at
        if at is not None:
            self._stop()
            self._looking = self._spawn(self._cut(self._document, at, self._state))

    def choose(self, *, page: bool) -> None:
        """Show pages as they look, or their text."""
        self._put(replace(self._state, shows_page=page))
        if page and self._state.page is not None:
            self._draw(self._state.page.number)

    def set_width(self, width_px: int) -> None:
        """The width that a page is drawn in."""
        if width_px != self._width_px:
            self._width_px = width_px
            if self._state.page is not None:
                self._draw(self._state.page.number)

    def away(self) -> None:
        """Look at nothing."""
        self._stop()
        self._document = self._quote_at = None
        self._put(EvidenceState(shows_page=self._state.shows_page))

    async def _load(self, sources: SourceDoor, evidence: Evidence) -> None:
        shown = self._state
        try:
            reading = await sources.source_text(self._selection, evidence.file)
        except AgentFlowError as error:
            self._fail(problem_of(error))
            return
        document = reading.document
        if document is None:
            self._fail(Problem(reading.reason or "The file can't be read now."))
            return
        self._document = document
        is_changed = document.digest != evidence.digest
        self._quote_at = await _quote_place(document, evidence, is_changed=is_changed)
        start = self._quote_at[0] if self._quote_at is not None else 0
        shown = replace(shown, is_changed=is_changed, page=_page_of(document, start))
        await self._cut(document, start, shown)
        if self._state.page is not None and self._state.shows_page:
            self._draw(self._state.page.number)

    async def _cut(self, document: Document, at: int, shown: EvidenceState) -> None:
        excerpt = await asyncio.to_thread(cut_excerpt, document, at, self._quote_at)
        # What a person chose meanwhile stays chosen.
        kept = replace(shown, shows_page=self._state.shows_page)
        self._put(replace(kept, phase=EvidencePhase.READY, excerpt=excerpt))

    def _draw(self, number: int) -> None:
        page = self._state.page
        if page is None or not self._width_px:
            return
        if self._drawing is not None:
            self._drawing.cancel()
        wait_s = DRAW_AFTER_S if page.image is not None else 0
        waiting = replace(page, number=number, is_drawing=True, problem=None)
        self._put(replace(self._state, page=waiting))
        if self._sources is not None:
            self._drawing = self._spawn(self._draw_page(self._sources, waiting, wait_s))

    async def _draw_page(self, sources: SourceDoor, page: PageState, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        evidence = self._state.evidence
        if evidence is None:
            return
        try:
            image = await sources.page_image(
                self._selection, evidence.file, page.number, self._quote_at, self._width_px
            )
            drawn = replace(page, image=image, is_drawing=False)
        except AgentFlowError as error:
            drawn = replace(page, image=None, is_drawing=False, problem=problem_of(error))
        self._put(replace(self._state, page=drawn))

    def _fail(self, problem: Problem) -> None:
        self._put(replace(self._state, phase=EvidencePhase.FAILED, problem=problem))

    def _put(self, state: EvidenceState) -> None:
        self._state = state
        self._show(state)

    def _stop(self) -> None:
        for task in (self._looking, self._drawing):
            if task is not None:
                task.cancel()
        self._looking = self._drawing = None


def _page_of(document: Document, at: int) -> PageState | None:
    """The page that a place is on, where the document has pages that can be drawn."""
    if document.media is not MediaKind.PDF or not document.pages:
        return None
    number = document.span(at, at).page or 1
    return PageState(number, len(document.pages))


async def _quote_place(
    document: Document, evidence: Evidence, *, is_changed: bool
) -> tuple[int, int] | None:
    """Where the quote stands in the document as it is now, None if it no longer does."""
    if is_changed:
        start = await asyncio.to_thread(document.text.find, evidence.quote)
        return (start, start + len(evidence.quote)) if start >= 0 else None
    if evidence.start is None or evidence.end is None:
        return None
    return evidence.start, evidence.end
