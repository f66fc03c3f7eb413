"""What the Tasks screen knows and decides. Plain Python: no widget, no file, no socket.

The screen renders ``state`` and forwards gestures. Work is done behind the two doors, which are
given by ``connect`` once the program has opened its parts.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.routing import TaskKind, Tier
from agentflow_desktop.desktop.event_feed import follow_events
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.tasks.examples import Example
from agentflow_desktop.desktop.screens.tasks.run_state import RunState, advance
from agentflow_desktop.desktop.screens.tasks.source_excerpt import Excerpt, cut_excerpt
from agentflow_desktop.desktop.view_model import ViewModel
from agentflow_desktop.documents.document import Document, FileReading, Selection
from agentflow_desktop.workflows.ask.citations import number_citations
from agentflow_desktop.workflows.ask.model import AskPlan, AskRequest

PLAN_DEBOUNCE_S = 0.3
NOTHING_ASKED = AskRequest(task="")


class StartedRun(Protocol):
    """What the screen uses of a run's handle."""

    @property
    def run_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def bug(self) -> Exception | None: ...
    def events(self) -> AsyncIterator[RunEvent]: ...
    def cancel(self) -> None: ...


class RunDoor(Protocol):
    def start(self, request: object) -> StartedRun: ...


class SourceDoor(Protocol):
    async def source_text(self, selection: Selection, name: str) -> FileReading: ...


class QueryDoor(Protocol):
    @property
    def sources(self) -> SourceDoor: ...
    async def plan_ask(self, request: AskRequest) -> AskPlan: ...


class PlanPhase(StrEnum):
    EMPTY = "empty"  # nothing to plan yet
    PLANNING = "planning"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlanState:
    """The route and price of what is typed. While planning, ``plan`` is the one before."""

    phase: PlanPhase = PlanPhase.EMPTY
    plan: AskPlan | None = None
    problem: Problem | None = None


class EvidencePhase(StrEnum):
    NONE = "none"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EvidenceState:
    """The quote that is looked at. ``is_changed``: the file is not the one that was quoted."""

    phase: EvidencePhase = EvidencePhase.NONE
    evidence: Evidence | None = None
    number: int | None = None
    excerpt: Excerpt | None = None
    is_changed: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that the screen shows."""

    request: AskRequest = NOTHING_ASKED
    plan: PlanState = PlanState()
    run: RunState | None = None
    evidence: EvidenceState = EvidenceState()
    is_open: bool = False
    is_run_awaited: bool = False  # Run was asked before the price was known

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.is_running

    @property
    def can_run(self) -> bool:
        has_task = bool(self.request.task.strip())
        plannable = self.plan.phase in (PlanPhase.PLANNING, PlanPhase.READY)
        return self.is_open and has_task and plannable and not self.is_running


Spawn = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]


class TasksViewModel(ViewModel[State]):
    """Decides for the Tasks screen. ``spawn`` runs its coroutines, owned by the screen's scope."""

    def __init__(self, *, spawn: Spawn, clock: Clock, debounce_s: float = PLAN_DEBOUNCE_S) -> None:
        super().__init__(State())
        self._spawn = spawn
        self._clock = clock
        self._debounce_s = debounce_s
        self._runs: RunDoor | None = None
        self._queries: QueryDoor | None = None
        self._handle: StartedRun | None = None
        self._planning: asyncio.Task[Any] | None = None
        self._looking: asyncio.Task[Any] | None = None
        self._document: Document | None = None

    @property
    def clock(self) -> Clock:
        return self._clock

    def connect(self, runs: RunDoor, queries: QueryDoor) -> None:
        """The program is open: planning and running are possible from now on."""
        self._runs, self._queries = runs, queries
        self._change(is_open=True)
        self._replan()

    def disconnect(self) -> None:
        """The doors are closing: nothing new is begun."""
        self._stop_planning()
        self._runs = self._queries = None
        self._change(is_open=False)

    def set_task(self, task: str) -> None:
        if task != self._state.request.task:
            self._set_request(replace(self._state.request, task=task))

    def set_context(self, context: str) -> None:
        if context != self._state.request.context:
            self._set_request(replace(self._state.request, context=context))

    def set_kind(self, kind: TaskKind) -> None:
        self._set_request(replace(self._state.request, task_kind=kind))

    def set_tier(self, tier: Tier | None) -> None:
        self._set_request(replace(self._state.request, tier=tier))

    def set_use_cache(self, use_cache: bool) -> None:
        self._set_request(replace(self._state.request, use_cache=use_cache))

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Add files and folders to the selection, each once, in the order given."""
        self._spawn(self._add_paths(tuple(paths)))

    def remove_path(self, path: Path) -> None:
        """Take a chosen file or folder out of the selection."""
        chosen = self._state.request.selection
        selection = Selection(
            tuple(p for p in chosen.files if p != path),
            tuple(p for p in chosen.directories if p != path),
        )
        self._set_request(replace(self._state.request, selection=selection))

    def replan(self) -> None:
        """Work the route and price out again: a file or a server may be there now."""
        self._replan()

    def run(self, *, use_cache: bool | None = None) -> None:
        """Start the run, as soon as its price is known. Does nothing while that is impossible."""
        if use_cache is not None and use_cache != self._state.request.use_cache:
            self.set_use_cache(use_cache)
        if not self._state.can_run:
            return
        if self._state.plan.phase is PlanPhase.PLANNING:
            self._change(is_run_awaited=True)
            return
        self._start()

    def cancel(self) -> None:
        """Ask the run to stop, or forget that one was asked for."""
        run = self._state.run
        if self._handle is not None and run is not None and run.is_running:
            self._handle.cancel()
            self._change(run=replace(run, is_cancelling=True))
        elif self._state.is_run_awaited:
            self._change(is_run_awaited=False)

    def clear(self) -> None:
        """An empty screen for another task. A run that goes on is left alone: nothing changes."""
        if self._state.is_running:
            return
        self._stop_looking()
        self._handle = None
        self._change(run=None, evidence=EvidenceState())
        self._set_request(NOTHING_ASKED)

    def load_example(self, example: Example) -> None:
        """Put the example's task and folder in place of what was chosen; nothing is run yet."""
        self.clear()
        if not self._state.is_running:
            selection = Selection(directories=(example.folder,))
            self._set_request(
                replace(
                    NOTHING_ASKED,
                    task=example.task,
                    selection=selection,
                    task_kind=example.task_kind,
                )
            )

    def apply(self, events: Sequence[RunEvent]) -> None:
        """Take in what happened in the run, in order."""
        run = self._state.run
        if run is None:
            return
        had_result = run.result is not None
        for event in events:
            if event.run_id == run.run_id:
                run = advance(run, event)
        self._change(run=run)
        if run.result is not None and not had_result:
            citations = number_citations(run.result.answer)
            if citations.quotes:
                self.look_at(citations.quotes[0])

    def look_at(self, evidence: Evidence) -> None:
        """Show the quote in its file."""
        run = self._state.run
        if run is None or self._queries is None:
            return
        self._stop_looking()
        number = None
        if run.answer is not None:
            number = number_citations(run.answer).number(evidence)
        self._change(evidence=EvidenceState(EvidencePhase.LOADING, evidence, number))
        work = self._load(self._queries, run.request.selection, evidence)
        self._looking = self._spawn(work)

    def look_at_citation(self, number: int) -> None:
        """Show the quote of that number; an unknown number is ignored."""
        answer = self._state.run.answer if self._state.run is not None else None
        quotes = number_citations(answer).quotes if answer is not None else ()
        if 1 <= number <= len(quotes):
            self.look_at(quotes[number - 1])

    def page_evidence(self, *, later: bool) -> None:
        """Go to the part of the document after or before the one shown."""
        shown = self._state.evidence
        if self._document is None or shown.excerpt is None:
            return
        at = shown.excerpt.later_at if later else shown.excerpt.earlier_at
        if at is not None:
            self._stop_looking(keep_document=True)
            self._looking = self._spawn(self._cut(self._document, at, shown))

    def _set_request(self, request: AskRequest) -> None:
        self._change(request=request, is_run_awaited=False)
        self._replan()

    def _replan(self) -> None:
        self._stop_planning()
        request, queries = self._state.request, self._queries
        if queries is None:
            return
        if not request.task.strip():
            self._change(plan=PlanState())
            return
        self._change(plan=PlanState(PlanPhase.PLANNING, self._state.plan.plan))
        self._planning = self._spawn(self._plan(queries, request))

    async def _plan(self, queries: QueryDoor, request: AskRequest) -> None:
        await asyncio.sleep(self._debounce_s)
        try:
            plan = PlanState(PlanPhase.READY, await queries.plan_ask(request))
        except AgentFlowError as error:
            plan = PlanState(PlanPhase.FAILED, None, problem_of(error))
        is_awaited = self._state.is_run_awaited and plan.phase is PlanPhase.READY
        self._change(plan=plan, is_run_awaited=False)
        if is_awaited:
            self._start()

    def _start(self) -> None:
        if self._runs is None or self._state.is_running:
            return
        self._stop_looking()
        request = self._state.request
        handle = self._runs.start(request)
        self._handle = handle
        run = RunState(handle.run_id, handle.title, request, self._clock.now())
        self._change(run=run, evidence=EvidenceState())
        self._spawn(self._follow(handle))

    async def _follow(self, handle: StartedRun) -> None:
        await follow_events(handle, self.apply)
        self._replan()  # what was run may be answered from the cache next time
        if handle.bug is not None:
            raise handle.bug  # for the scope, which reports it

    async def _add_paths(self, paths: tuple[Path, ...]) -> None:
        folders = await asyncio.to_thread(lambda: {path for path in paths if path.is_dir()})
        chosen = self._state.request.selection
        files = dict.fromkeys((*chosen.files, *(p for p in paths if p not in folders)))
        directories = dict.fromkeys((*chosen.directories, *(p for p in paths if p in folders)))
        selection = Selection(tuple(files), tuple(directories))
        if selection != chosen:
            self._set_request(replace(self._state.request, selection=selection))

    async def _load(self, queries: QueryDoor, selection: Selection, evidence: Evidence) -> None:
        shown = self._state.evidence
        try:
            reading = await queries.sources.source_text(selection, evidence.file)
        except AgentFlowError as error:
            problem = problem_of(error)
            self._change(evidence=replace(shown, phase=EvidencePhase.FAILED, problem=problem))
            return
        document = reading.document
        if document is None:
            problem = Problem(reading.reason or "The file can't be read now.")
            self._change(evidence=replace(shown, phase=EvidencePhase.FAILED, problem=problem))
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
        self._change(evidence=replace(shown, phase=EvidencePhase.READY, excerpt=excerpt))

    def _stop_planning(self) -> None:
        if self._planning is not None:
            self._planning.cancel()
            self._planning = None

    def _stop_looking(self, *, keep_document: bool = False) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if not keep_document:
            self._document = None


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
