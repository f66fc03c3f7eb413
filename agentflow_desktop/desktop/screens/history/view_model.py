"""What the History screen knows and decides: what is listed, looked at, marked and deleted.

Plain Python. The list is one tuple of numbers; runs are read a page at a time where the person
looks, so that a hundred thousand scroll as ten do.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.history import EVERY_RUN, Facet, HistoryCounts, Mark, RunFilter
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.history.pages import RunPages
from agentflow_desktop.desktop.screens.history.state import (
    DayRange,
    Days,
    HistoryState,
    ListPhase,
    Preview,
    PreviewPhase,
)
from agentflow_desktop.desktop.screens.tasks.replay import replay
from agentflow_desktop.desktop.view_model import Spawn, ViewModel
from agentflow_desktop.workflows.ask.follow_up import kept_request
from agentflow_desktop.workflows.ask.model import KIND as ASK_KIND

SEARCH_DEBOUNCE_S = 0.15
PREVIEW_DEBOUNCE_S = 0.06
POLL_INTERVAL_S = 1.0
_BACK = {Days.TODAY: 0, Days.WEEK: 6, Days.MONTH: 29}


class HistoryDoor(Protocol):
    """What the screen uses of ``app.history_queries``."""

    async def numbers(self, wanted: RunFilter) -> tuple[int, ...]: ...
    async def numbered(self, numbers: Sequence[int]) -> Sequence[RunSummary]: ...
    async def counts(self, wanted: RunFilter) -> HistoryCounts: ...
    async def search_notice(self) -> str: ...
    async def run_events(self, run: str) -> tuple[RunSummary, Sequence[RunEvent]]: ...
    def outcome(self, events: Sequence[RunEvent]) -> str: ...
    async def rate(
        self, run: str, is_useful: bool | None, note: str | None = None
    ) -> RunSummary: ...
    async def delete(self, runs: Sequence[str]) -> Sequence[RunSummary]: ...
    async def undelete(self, runs: Sequence[str]) -> Sequence[RunSummary]: ...
    async def refresh(self) -> int: ...


class ReportDoor(Protocol):
    """What the screen uses of ``app.report_queries``."""

    async def write(self, run_id_prefix: str, path: Path, *, may_replace: bool) -> bool: ...


class HistoryViewModel(ViewModel[HistoryState]):
    """Decides for the History screen. ``spawn`` runs its coroutines, owned by the window."""

    def __init__(
        self,
        *,
        spawn: Spawn,
        clock: Clock,
        debounce_s: float = SEARCH_DEBOUNCE_S,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        super().__init__(HistoryState())
        self._spawn = spawn
        self._clock = clock
        self._debounce_s = debounce_s
        self._poll_interval_s = poll_interval_s
        self._door: HistoryDoor | None = None
        self._reports: ReportDoor | None = None
        self._pages = RunPages(self._note_runs)
        self._revision: int | None = None
        self._is_shown = False
        self._listing: asyncio.Task[Any] | None = None
        self._paging: asyncio.Task[Any] | None = None
        self._looking: asyncio.Task[Any] | None = None
        self._watching: asyncio.Task[Any] | None = None

    @property
    def clock(self) -> Clock:
        return self._clock

    def connect(self, door: HistoryDoor, reports: ReportDoor) -> None:
        """The program is open; the list is read as soon as it is looked at."""
        self._door, self._reports = door, reports
        self._change(phase=ListPhase.LOADING)
        if self._is_shown:
            self._watch()

    def disconnect(self) -> None:
        """The database is about to close. What was read stays to be seen."""
        for task in (self._listing, self._paging, self._looking, self._watching):
            if task is not None:
                task.cancel()
        self._door = self._reports = self._watching = self._revision = None
        self._change(phase=ListPhase.CLOSED)

    def show(self) -> None:
        """The screen is looked at: the list keeps itself up to date from now on."""
        self._is_shown = True
        self._watch()

    def leave(self) -> None:
        """The screen is no longer looked at. Its list, filters and choice stay."""
        self._is_shown = False
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def set_text(self, text: str) -> None:
        """Search, once the person pauses."""
        if text != self._state.wanted.text:
            self._narrow(replace(self._state.wanted, text=text), after_s=self._debounce_s)

    def toggle(self, facet: Facet, value: str) -> None:
        """Narrow to the value; or, if that is so already, or for no value, to none."""
        wanted = self._state.wanted
        chosen = "" if wanted.value(facet) == value else value
        self._narrow(_with_value(wanted, facet, chosen))

    def set_at_least(self, amount_usd: Decimal | None) -> None:
        """Only runs that cost this or more."""
        self._narrow(replace(self._state.wanted, at_least_usd=amount_usd))

    def set_days(self, days: Days, first: date | None = None, last: date | None = None) -> None:
        """Only runs of these days by the clock of this machine."""
        today = self._clock.now().astimezone().date()
        if days in _BACK:
            first, last = today - timedelta(days=_BACK[days]), None
        elif days is Days.RANGE:
            first, last = first or today, last or today
        else:
            first = last = None
        since = _start_of(first) if first is not None else None
        until = _start_of(last + timedelta(days=1)) if last is not None else None
        self._change(range=DayRange(days, first, last))
        self._narrow(replace(self._state.wanted, since=since, until=until))

    def clear_filters(self) -> None:
        """Every run again."""
        self._change(range=DayRange())
        self._narrow(EVERY_RUN)

    def retry(self) -> None:
        """Read the list again after a failure."""
        self._narrow(self._state.wanted)

    def look_at_rows(self, first: int, last: int) -> None:
        """These rows are before the person's eyes: they are read next."""
        if self._pages.want(first, last):
            self._load_pages()

    def choose_row(self, row: int) -> None:
        """Look at the run of that row, if it is read."""
        if 0 <= row < len(self._state.numbers):
            run = self._state.runs.get(self._state.numbers[row])
            if run is not None:
                self._choose(run)

    def rate(self, is_useful: bool | None, note: str | None = None) -> None:
        """Mark the chosen run; no note leaves the one there is."""
        run = self._state.chosen
        if run is not None and self._door is not None:
            self._act(self._rate(self._door, run, is_useful, note))

    def export(self, path: Path) -> None:
        """Write the chosen run's report, in the form that the file's ending names."""
        run = self._state.chosen
        if run is not None and self._reports is not None:
            self._act(self._export(self._reports, run, path))

    def delete(self) -> None:
        """Delete the chosen run and go to the next."""
        run = self._state.chosen
        if run is not None and self._door is not None and run.state is not RunState.RUNNING:
            self._act(self._delete(self._door, run))

    def undo(self) -> None:
        """Take the last deletion back."""
        if self._state.deleted and self._door is not None:
            self._act(self._undo(self._door, self._state.deleted[-1]))

    def dismiss_undo(self) -> None:
        """Let the banner go; the deletion can still be undone by its key."""
        self._change(shows_undo=False)

    def dismiss_notice(self) -> None:
        """The person has read what came of the last action."""
        self._change(problem=None, exported=None)

    def _watch(self) -> None:
        if self._door is not None and (self._watching is None or self._watching.done()):
            self._watching = self._spawn(self._keep_up(self._door))

    async def _keep_up(self, door: HistoryDoor) -> None:
        """Read the list when it has changed, by whatever process."""
        while True:
            try:
                await self._read_changes(door)
            except AgentFlowError as error:
                self._fail(error)
            await asyncio.sleep(self._poll_interval_s)

    async def _read_changes(self, door: HistoryDoor) -> None:
        revision = await door.refresh()
        if revision != self._revision:
            is_first = self._revision is None
            self._revision = revision
            if is_first:
                self._change(search_notice=await door.search_notice())
            while self._listing is not None and not self._listing.done():
                await asyncio.wait([self._listing])  # it may have read before the change
            self._listing = self._spawn(self._list(door, 0.0))
            await asyncio.wait([self._listing])
            await self._follow_chosen(door)
        elif any(run.state is RunState.RUNNING for run in self._state.runs.values()):
            await self._pages.read(door.numbered, again=True)  # what it costs grows
            await self._follow_chosen(door)

    async def _follow_chosen(self, door: HistoryDoor) -> None:
        """Show what became of the chosen run."""
        chosen = self._state.chosen
        known = self._state.runs.get(chosen.number) if chosen is not None else None
        if known is not None and known != chosen:
            self._choose(known)

    def _narrow(self, wanted: RunFilter, *, after_s: float = 0.0) -> None:
        if wanted != self._state.wanted:
            self._pages.want_top()
        self._change(wanted=wanted)
        if self._door is None:
            return
        if self._listing is not None:
            self._listing.cancel()
        self._listing = self._spawn(self._list(self._door, after_s))

    async def _list(self, door: HistoryDoor, after_s: float) -> None:
        await asyncio.sleep(after_s)
        wanted = self._state.wanted
        try:
            numbers = await door.numbers(wanted)
            self._pages.set_numbers(numbers)
            await self._pages.read(door.numbered, again=True)
            self._change(
                phase=ListPhase.READY, numbers=numbers, runs=self._pages.runs, list_problem=None
            )
            self._keep_choice()
            self._change(counts=await door.counts(wanted))
        except AgentFlowError as error:
            self._fail(error)

    def _keep_choice(self) -> None:
        """The run that is looked at stays so while it is in the list; else the first one is."""
        if self._state.chosen_row is None:
            self._change(chosen=None, preview=Preview())
            self.choose_row(0)

    def _load_pages(self) -> None:
        if self._door is not None and (self._paging is None or self._paging.done()):
            self._paging = self._spawn(self._page(self._door))

    async def _page(self, door: HistoryDoor) -> None:
        try:
            await self._pages.read(door.numbered)
        except AgentFlowError as error:
            self._fail(error)

    def _note_runs(self) -> None:
        if self._state.numbers == self._pages.numbers:
            self._change(runs=self._pages.runs)

    def _choose(self, run: RunSummary) -> None:
        is_other = self._state.chosen is None or self._state.chosen.run_id != run.run_id
        self._change(chosen=run)
        if self._door is None:
            return
        if self._looking is not None:
            self._looking.cancel()
        if is_other:
            self._change(preview=Preview(PreviewPhase.LOADING))
        self._looking = self._spawn(self._look(self._door, run.run_id))

    async def _look(self, door: HistoryDoor, run_id: str) -> None:
        await asyncio.sleep(PREVIEW_DEBOUNCE_S)  # a held arrow key passes many
        try:
            summary, events = await door.run_events(run_id)
            if summary.kind == ASK_KIND:
                run = await asyncio.to_thread(replay, summary, events)
                preview = Preview(PreviewPhase.READY, run, kept_request(events))
            else:
                preview = Preview(PreviewPhase.READY, words=door.outcome(events))
        except AgentFlowError as error:
            preview = Preview(PreviewPhase.FAILED, problem=problem_of(error))
        self._change(preview=preview)

    def _act(self, work: Coroutine[Any, Any, None]) -> None:
        self.dismiss_notice()
        self._spawn(self._try(work))

    async def _try(self, work: Awaitable[None]) -> None:
        try:
            await work
        except AgentFlowError as error:
            self._change(problem=problem_of(error))

    async def _rate(
        self, door: HistoryDoor, run: RunSummary, is_useful: bool | None, note: str | None
    ) -> None:
        rated = await door.rate(run.run_id, is_useful, note)
        self._pages.replace(rated)
        if self._state.chosen is not None and self._state.chosen.run_id == run.run_id:
            self._change(chosen=rated)

    async def _export(self, reports: ReportDoor, run: RunSummary, path: Path) -> None:
        await reports.write(run.run_id, path, may_replace=True)  # the dialog asked
        self._change(exported=path)

    async def _delete(self, door: HistoryDoor, run: RunSummary) -> None:
        row = self._state.chosen_row
        deleted = await door.delete([run.run_id])
        numbers = tuple(n for n in self._state.numbers if n != run.number)
        self._pages.set_numbers(numbers)
        self._change(
            numbers=numbers,
            deleted=(*self._state.deleted, *deleted),
            shows_undo=True,
            chosen=None,
            preview=Preview(),
        )
        if row is not None and numbers:
            self.choose_row(min(row, len(numbers) - 1))

    async def _undo(self, door: HistoryDoor, run: RunSummary) -> None:
        left = self._state.deleted[:-1]
        self._change(deleted=left, shows_undo=False)
        (back,) = await door.undelete([run.run_id])
        self._narrow(self._state.wanted)
        self._choose(replace(back, deleted_at=None))

    def _fail(self, error: AgentFlowError) -> None:
        """The list can't be read. What was read before stays, with the reason above it."""
        problem = Problem(error.message, error.hint)
        self._revision = None
        self._change(phase=ListPhase.FAILED, list_problem=problem)


def _with_value(wanted: RunFilter, facet: Facet, value: str) -> RunFilter:
    match facet:
        case Facet.STATE:
            return replace(wanted, state=RunState(value) if value else None)
        case Facet.KIND:
            return replace(wanted, kind=value)
        case Facet.TASK_KIND:
            return replace(wanted, task_kind=value)
        case Facet.MODEL:
            return replace(wanted, model=value)
        case Facet.BADGE:
            return replace(wanted, badge=Badge(value) if value else None)
        case Facet.MARK:
            return replace(wanted, mark=Mark(value) if value else None)


def _start_of(day: date) -> datetime:
    """The first moment of a day where this machine stands."""
    return datetime.combine(day, time()).astimezone()
