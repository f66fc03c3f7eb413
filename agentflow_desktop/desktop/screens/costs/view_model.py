"""What the Costs & Cache screen shows: a range of the ledger, the month ahead, kept results."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from agentflow_desktop.app.cost_tables import bars_csv, lines_csv, uses_csv
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.formatting import format_count, plural
from agentflow_desktop.desktop.problem import problem_of
from agentflow_desktop.desktop.screens.costs.chart_data import assign_series, best_step
from agentflow_desktop.desktop.screens.costs.limits import draft_of
from agentflow_desktop.desktop.screens.costs.periods import RangeKind, earlier, later, range_of
from agentflow_desktop.desktop.screens.costs.state import Figures, State
from agentflow_desktop.desktop.view_model import ViewModel
from agentflow_desktop.llm.budget import Spending
from agentflow_desktop.llm.cache import (
    KeptResults,
    RemovedEntry,
    uses_by,
)
from agentflow_desktop.llm.costs import CostBar, CostGroup, CostLine, Days, total_of
from agentflow_desktop.llm.forecast import MonthOutlook

READ_EVERY_S = 10.0
MOST_RUNS = 500


class CostDoor(Protocol):
    """What the screen asks of the ledger; see ``app.cost_queries``."""

    @property
    def limits(self) -> CostSettings: ...
    def today(self) -> date: ...
    async def spending(self) -> Spending: ...
    async def lines(
        self, days: Days, group: CostGroup, at_most: int | None = None
    ) -> Sequence[CostLine]: ...
    async def bars(self, days: Days, step: CostGroup) -> Sequence[CostBar]: ...
    async def outlook(self, day: date) -> MonthOutlook: ...


KeepSettings = Callable[[Mapping[str, str]], Awaitable[None]]
"""Keeps settings by key. Raises ConfigurationError."""
WriteFile = Callable[[Path, bytes], object]
"""Writes a file whole or not at all, and blocks. Raises InputRefused or StorageError."""


class CostsViewModel(ViewModel[State]):
    """Reads again when the range changes, when told to, and every few seconds while shown.

    ``load`` imports what draws the charts; it is called once, off the loop's thread.
    ``on_changed`` is told when limits were kept, which an open program does not see.
    """

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        load: Callable[[], object],
        on_changed: Callable[[], None],
        interval_s: float = READ_EVERY_S,
    ) -> None:
        super().__init__(State())
        self._spawn = spawn
        self._load = load
        self._on_changed = on_changed
        self._loading: asyncio.Task[Any] | None = None
        self._interval_s = interval_s
        self._costs: CostDoor | None = None
        self._cache: KeptResults | None = None
        self._keep: KeepSettings | None = None
        self._write: WriteFile | None = None
        self._watching: asyncio.Task[Any] | None = None
        self._wanted = asyncio.Event()
        self._is_shown = False

    def connect(
        self,
        costs: CostDoor,
        cache: KeptResults,
        *,
        write: WriteFile,
        keep: KeepSettings,
    ) -> None:
        """The program is open."""
        self._costs, self._cache, self._write, self._keep = costs, cache, write, keep
        self._change(limits=costs.limits)
        self._watch()

    def disconnect(self) -> None:
        """The program is about to close."""
        self._costs, self._cache, self._write, self._keep = None, None, None, None
        self._stop()

    def set_shown(self, is_shown: bool) -> None:
        """Whether a person sees the screen: only then is anything read."""
        self._is_shown = is_shown
        if is_shown:
            if self._loading is None:
                self._loading = self._spawn(self._load_charts())
            self._watch()
        else:
            self._stop()

    @property
    def can_keep_limits(self) -> bool:
        """Whether the program is open, to take them."""
        return self._keep is not None

    def refresh(self) -> None:
        """Read now."""
        self._wanted.set()

    def choose_kind(self, kind: RangeKind) -> None:
        """Show the range of this kind that ends with today; RANGE keeps the days as they are."""
        if self.state.today is None or self.state.days is None:
            self._change(kind=kind)
            return
        days = self.state.days
        if kind is not RangeKind.RANGE:
            days = range_of(kind, self.state.today)
        self._show(kind, days)

    def choose_days(self, days: Days) -> None:
        """Show any range."""
        self._show(RangeKind.RANGE, days)

    def go_earlier(self) -> None:
        if self.state.days is not None:
            self._show(self.state.kind, earlier(self.state.days))

    def go_later(self) -> None:
        if self.state.days is not None and self.state.can_go_later:
            self._show(self.state.kind, later(self.state.days))

    def choose_step(self, step: CostGroup) -> None:
        """Bars by day, week or month."""
        self._change(step=step)
        self.refresh()

    def choose_group(self, group: CostGroup) -> None:
        """What the table sums by."""
        self._change(group=group)
        self.refresh()

    def close_banner(self) -> None:
        self._change(is_banner_closed=True)

    def edit_limits(self) -> None:
        self._change(draft=draft_of(self.state.limits), draft_problem="")

    def type_limit(self, name: str, text: str) -> None:
        if self.state.draft is not None:
            self._change(draft=self.state.draft.typed(name, text), draft_problem="")

    def leave_limits(self) -> None:
        self._change(draft=None, draft_problem="")

    def keep_limits(self) -> None:
        """Keep what was typed, if all of it is an amount."""
        draft = self.state.draft
        if draft is None or draft.problems or self._keep is None:
            return
        if not draft.changes:
            self.leave_limits()
            return
        self._spawn(self._keep_limits(self._keep, draft.changes))

    def manage(self, is_wanted: bool) -> None:
        """Show or hide the list of kept results."""
        if not is_wanted:
            self._change(entries=None, removed=())
        elif self._cache is not None:
            self._spawn(self._list_entries(self._cache))

    def remove_entry(self, key: str) -> None:
        if self._cache is not None:
            self._spawn(self._remove_entry(self._cache, key))

    def undo_removal(self) -> None:
        """Put back what was removed last."""
        if self._cache is not None and self.state.removed:
            self._spawn(self._put_back(self._cache, self.state.removed[-1]))

    def clear_entries(self, *, only_old: bool) -> None:
        """Remove the entries past their age, or all. The view has asked before."""
        if self._cache is not None:
            self._spawn(self._clear(self._cache, only_old=only_old))

    def chart_csv(self) -> str:
        """The numbers of the charts, exact: spend, then the cache's uses."""
        figures = self.state.figures
        if figures is None:
            return ""
        uses = uses_csv(figures.step, uses_by(figures.uses, figures.step))
        return f"{bars_csv(figures.step, figures.bars)}\n{uses}"

    def table_csv(self) -> str:
        """The table's numbers, exact."""
        figures = self.state.figures
        return "" if figures is None else lines_csv(self.state.group, figures.lines)

    def write(self, path: Path, content: bytes) -> None:
        """Write an export where the person chose."""
        if self._write is not None:
            self._spawn(self._export(self._write, path, content))

    def forget_notice(self) -> None:
        self._change(notice="")

    def _show(self, kind: RangeKind, days: Days) -> None:
        self._change(kind=kind, days=days, step=best_step(days))
        self.refresh()

    def _watch(self) -> None:
        self._stop()
        if self._is_shown and self._costs is not None and self._cache is not None:
            self._watching = self._spawn(self._keep_reading(self._costs, self._cache))

    def _stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _load_charts(self) -> None:
        await asyncio.to_thread(self._load)
        self._change(is_drawable=True)

    async def _keep_reading(self, costs: CostDoor, cache: KeptResults) -> None:
        while True:
            self._wanted.clear()
            await self._read(costs, cache)
            try:
                async with asyncio.timeout(self._interval_s):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def _read(self, costs: CostDoor, cache: KeptResults) -> None:
        today = costs.today()
        before = self.state
        if before.days is None or self._must_follow(today):
            days = range_of(before.kind, today)
            self._change(days=days, step=best_step(days))
        self._change(today=today)
        state = self.state
        days = state.days
        assert days is not None
        try:
            figures = await _read_figures(costs, cache, days, state)
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        if (self.state.days, self.state.step, self.state.group) == (days, state.step, state.group):
            series = assign_series(self.state.series, figures.models)
            self._change(figures=figures, series=series, problem=None)

    def _must_follow(self, today: date) -> bool:
        """Whether the day changed while the range ended with the day before."""
        state = self.state
        if state.today in (None, today) or state.kind is RangeKind.RANGE:
            return False
        return state.days == range_of(state.kind, state.today)

    async def _keep_limits(self, keep: KeepSettings, changes: Mapping[str, str]) -> None:
        try:
            await keep(changes)
        except AgentFlowError as error:
            self._change(draft_problem=f"{error.message} {error.hint}".strip())
            return
        self._change(draft=None, notice="The limits are kept.")
        self._on_changed()

    async def _list_again(self, cache: KeptResults) -> None:
        """Read the list anew, if it is still looked at."""
        if self.state.entries is not None:
            await self._list_entries(cache)

    async def _list_entries(self, cache: KeptResults) -> None:
        try:
            self._change(entries=tuple(await cache.lines()))
        except AgentFlowError as error:
            self._change(problem=problem_of(error))

    async def _remove_entry(self, cache: KeptResults, key: str) -> None:
        try:
            removed = await cache.remove(key)
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        if removed is not None:
            self._change(removed=(*self.state.removed, removed))
        await self._list_again(cache)
        self.refresh()

    async def _put_back(self, cache: KeptResults, removed: RemovedEntry) -> None:
        try:
            await cache.put_back(removed)
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        self._change(removed=tuple(r for r in self.state.removed if r is not removed))
        await self._list_again(cache)
        self.refresh()

    async def _clear(self, cache: KeptResults, *, only_old: bool) -> None:
        try:
            count = await (cache.clear_old() if only_old else cache.clear())
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        words = f"Removed {format_count(count)} kept {plural(count, 'result')}."
        self._change(removed=(), notice=words)
        await self._list_again(cache)
        self.refresh()

    async def _export(self, write: WriteFile, path: Path, content: bytes) -> None:
        try:
            await asyncio.to_thread(write, path, content)
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        self._change(notice=f"Wrote {path}", problem=None)


async def _read_figures(costs: CostDoor, cache: KeptResults, days: Days, state: State) -> Figures:
    models = tuple(await costs.lines(days, CostGroup.MODEL))
    lines = models
    if state.group is not CostGroup.MODEL:
        at_most = MOST_RUNS if state.group is CostGroup.RUN else None
        lines = tuple(await costs.lines(days, state.group, at_most))
    return Figures(
        days=days,
        step=state.step,
        spending=await costs.spending(),
        bars=tuple(await costs.bars(days, state.step)),
        models=models,
        lines=lines,
        total=total_of(line.sums for line in models),
        outlook=await costs.outlook(min(days.last, costs.today())),
        uses=tuple(await cache.uses(days)),
        uses_before=tuple(await cache.uses(earlier(days))),
        cache=await cache.stats(),
    )
