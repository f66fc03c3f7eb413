"""What one task's panes know and decide. Plain Python: no widget, no file, no socket.

The panes render ``state`` and forward gestures. Work is done behind the two doors, which are
given by ``connect`` once the program has opened its parts.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.event_feed import follow_events
from agentflow_desktop.desktop.problem import problem_of
from agentflow_desktop.desktop.screens.tasks.doors import QueryDoor, RunDoor, StartedRun
from agentflow_desktop.desktop.screens.tasks.evidence_look import EvidenceLook, Spawn
from agentflow_desktop.desktop.screens.tasks.examples import Example
from agentflow_desktop.desktop.screens.tasks.replay import replay
from agentflow_desktop.desktop.screens.tasks.run_state import RunState, advance
from agentflow_desktop.desktop.screens.tasks.state import (
    NOTHING_ASKED,
    EvidenceState,
    PlanPhase,
    PlanState,
    Reopening,
    State,
)
from agentflow_desktop.desktop.view_model import ViewModel
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.citations import number_citations
from agentflow_desktop.workflows.ask.follow_up import ask_further
from agentflow_desktop.workflows.ask.model import AskRequest

PLAN_DEBOUNCE_S = 0.3
ELSEWHERE_POLL_S = 1.0


class TaskViewModel(ViewModel[State]):
    """Decides for one task. ``spawn`` runs its coroutines, owned by the window's scope."""

    def __init__(
        self,
        *,
        spawn: Spawn,
        clock: Clock,
        debounce_s: float = PLAN_DEBOUNCE_S,
        elsewhere_poll_s: float = ELSEWHERE_POLL_S,
        request: AskRequest = NOTHING_ASKED,
    ) -> None:
        super().__init__(State(request))
        self._spawn = spawn
        self._clock = clock
        self._debounce_s = debounce_s
        self._elsewhere_poll_s = elsewhere_poll_s
        self._runs: RunDoor | None = None
        self._queries: QueryDoor | None = None
        self._handle: StartedRun | None = None
        self._planning: asyncio.Task[Any] | None = None
        self._look = EvidenceLook(spawn, self._show_evidence)

    @property
    def clock(self) -> Clock:
        return self._clock

    def connect(self, runs: RunDoor, queries: QueryDoor) -> None:
        """The program is open: planning and running are possible from now on."""
        self._runs, self._queries = runs, queries
        self._look.connect(queries.sources)
        self._change(is_open=True)
        self._replan()
        run = self._state.run
        if self._state.reopening is not None:
            self._spawn(self._reopen(queries, self._state.reopening))
        elif run is not None and self._state.is_elsewhere:
            self._spawn(self._watch(queries, run.run_id))

    def disconnect(self) -> None:
        """The doors are closing: nothing new is begun. A run is followed to its end."""
        self._stop_planning()
        self._look.disconnect()
        self._runs = self._queries = None
        self._change(is_open=False)

    def release(self) -> None:
        """Nobody looks any more. A run that goes on is followed still, so that a bug in it is
        reported."""
        self.disconnect()
        self._look.away()

    def put(self, request: AskRequest) -> None:
        """Put the request in place of what was typed and chosen."""
        self._set_request(request)

    def set_task(self, task: str) -> None:
        if task != self._state.request.task:
            self._set_request(replace(self._state.request, task=task))

    def set_context(self, context: str) -> None:
        if context != self._state.request.context:
            self._set_request(replace(self._state.request, context=context))

    def set_kind(self, kind: TaskKind) -> None:
        self._set_request(replace(self._state.request, task_kind=kind))

    def set_check(self, check: VerificationMode | None) -> None:
        self._set_request(replace(self._state.request, check=check))

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

    def load_example(self, example: Example) -> None:
        """Put the example's task and folder in place of what was chosen; nothing is run yet."""
        if self._state.is_running:
            return
        self._look.away()
        self._handle = None
        self._change(run=None, reopening=None)
        selection = Selection(directories=(example.folder,))
        self._set_request(
            replace(
                NOTHING_ASKED,
                task=example.task,
                selection=selection,
                task_kind=example.task_kind,
            )
        )

    def set_follow_up(self, words: str) -> None:
        if words != self._state.follow_up:
            self._change(follow_up=words)

    def ask_follow_up(self) -> None:
        """Ask what is typed on the same documents, as soon as its price is known."""
        run, words = self._state.run, self._state.follow_up.strip()
        if run is None or run.result is None or not self._state.can_follow_up:
            return
        self._change(follow_up="")
        self._set_request(ask_further(run.request, run.result, words))
        self.run()

    def forget_earlier(self) -> None:
        """Ask without what was asked before."""
        self._set_request(replace(self._state.request, earlier=()))

    def rate(self, is_useful: bool | None) -> None:
        """Say whether the run was of use; None takes that back."""
        run, queries = self._state.run, self._queries
        if run is not None and queries is not None:
            before = self._state.is_useful
            self._change(is_useful=is_useful, aside=None)
            self._spawn(self._rate(queries, run.run_id, is_useful, before))

    def export(self, path: Path) -> None:
        """Write the run's report in the format that the file's ending names."""
        run, queries = self._state.run, self._queries
        if run is not None and queries is not None:
            self._change(told=f"Writing {path.name}…", aside=None)
            self._spawn(self._export(queries, run.run_id, path))

    def reopen(self, run_id: str, *, with_request: bool) -> None:
        """Show a run of the history, and with it what was asked unless something else is typed."""
        reopening = Reopening(run_id, with_request)
        self._change(reopening=reopening)
        if self._queries is not None:
            self._spawn(self._reopen(self._queries, reopening))

    def apply(self, events: Sequence[RunEvent]) -> None:
        """Take in what happened in the run, in order."""
        run = self._state.run
        if run is None:
            return
        for event in events:
            if event.run_id == run.run_id:
                run = advance(run, event)
        self._show_run(run)

    def look_at(self, evidence: Evidence) -> None:
        """Show the quote in its file."""
        run = self._state.run
        if run is None or self._queries is None:
            return
        number = None
        if run.answer is not None:
            number = number_citations(run.answer).number(evidence)
        self._look.at(run.request.selection, evidence, number)

    def look_at_citation(self, number: int) -> None:
        """Show the quote of that number; an unknown number is ignored."""
        answer = self._state.run.answer if self._state.run is not None else None
        quotes = number_citations(answer).quotes if answer is not None else ()
        if 1 <= number <= len(quotes):
            self.look_at(quotes[number - 1])

    def look_beside(self, *, later: bool) -> None:
        """Show the quote after or before the one that is looked at."""
        number = self._state.evidence.number
        self.look_at_citation(1 if number is None else number + (1 if later else -1))

    def leaf(self, *, later: bool) -> None:
        """Go to the page or the part of the document after or before the one shown."""
        self._look.leaf(later=later)

    def show_pages(self, is_page: bool) -> None:
        """Show documents that have pages as they look, or their text."""
        self._look.choose(page=is_page)

    def set_page_width(self, width_px: int) -> None:
        """The width that pages are drawn in."""
        self._look.set_width(width_px)

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
        request = self._state.request
        handle = self._runs.start(request)
        run = RunState(handle.run_id, handle.title, request, self._clock.now())
        self._follow(handle, run)

    def _follow(self, handle: StartedRun, run: RunState) -> None:
        self._look.away()
        self._handle = handle
        self._change(run=run, reopening=None, is_elsewhere=False, is_useful=None)
        self._change(told="", aside=None)
        self._spawn(self._follow_events(handle))

    async def _follow_events(self, handle: StartedRun) -> None:
        await follow_events(handle, self.apply)
        self._replan()  # what was run may be answered from the cache next time
        if handle.bug is not None:
            raise handle.bug  # for the scope, which reports it

    async def _reopen(self, queries: QueryDoor, wanted: Reopening) -> None:
        try:
            summary, run = await _stored_run(queries, wanted.run_id)
        except AgentFlowError as error:
            if self._state.reopening == wanted:
                self._change(reopening=replace(wanted, problem=problem_of(error)))
            return
        if self._state.reopening != wanted:
            return  # another run was begun meanwhile, or this one is shown already
        if wanted.with_request and self._state.request == NOTHING_ASKED:
            self._set_request(run.request)
        handle = self._handle_of(run.run_id)
        if handle is not None and run.is_running:
            fresh = RunState(run.run_id, run.title, run.request, run.started_at)
            self._follow(handle, fresh)
            return
        self._change(reopening=None, is_elsewhere=run.is_running, is_useful=summary.is_useful)
        self._show_run(run)
        if run.is_running:
            await self._watch(queries, run.run_id)

    async def _rate(
        self, queries: QueryDoor, run_id: str, is_useful: bool | None, before: bool | None
    ) -> None:
        try:
            await queries.history.rate(run_id, is_useful)
        except AgentFlowError as error:
            self._change(is_useful=before, aside=problem_of(error))

    async def _export(self, queries: QueryDoor, run_id: str, path: Path) -> None:
        try:
            await queries.reports.write(run_id, path, may_replace=True)  # the dialog has asked
        except AgentFlowError as error:
            self._change(told="", aside=problem_of(error))
        else:
            self._change(told=f"Written to {path}")

    async def _watch(self, queries: QueryDoor, run_id: str) -> None:
        """Look again until the other process has ended the run."""
        while self._state.is_running:
            await asyncio.sleep(self._elsewhere_poll_s)
            if self._queries is not queries:
                return
            try:
                _, run = await _stored_run(queries, run_id)
            except AgentFlowError as error:
                if self._queries is queries:
                    self._change(reopening=Reopening(run_id, False, problem_of(error)))
                return
            self._show_run(run)
        self._change(is_elsewhere=False)

    def _handle_of(self, run_id: str) -> StartedRun | None:
        running = self._runs.running if self._runs is not None else ()
        return next((handle for handle in running if handle.run_id == run_id), None)

    def _show_run(self, run: RunState) -> None:
        """Draw the run; with its result comes a look at the first quote."""
        before = self._state.run
        had_result = before is not None and before.result is not None
        self._change(run=run)
        if run.result is not None and not had_result:
            self.look_at_citation(1)

    def _show_evidence(self, evidence: EvidenceState) -> None:
        self._change(evidence=evidence)

    async def _add_paths(self, paths: tuple[Path, ...]) -> None:
        folders = await asyncio.to_thread(lambda: {path for path in paths if path.is_dir()})
        chosen = self._state.request.selection
        files = dict.fromkeys((*chosen.files, *(p for p in paths if p not in folders)))
        directories = dict.fromkeys((*chosen.directories, *(p for p in paths if p in folders)))
        selection = Selection(tuple(files), tuple(directories))
        if selection != chosen:
            self._set_request(replace(self._state.request, selection=selection))

    def _stop_planning(self) -> None:
        if self._planning is not None:
            self._planning.cancel()
            self._planning = None


async def _stored_run(queries: QueryDoor, run_id: str) -> tuple[RunSummary, RunState]:
    summary, events = await queries.history.run_events(run_id)
    return summary, await asyncio.to_thread(replay, summary, events)
