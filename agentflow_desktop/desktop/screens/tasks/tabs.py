"""The open tasks: which there are and which is shown. Plain Python, no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.desktop.formatting import as_one_line
from agentflow_desktop.desktop.screens.tasks.doors import QueryDoor, RunDoor
from agentflow_desktop.desktop.screens.tasks.draft_keeper import (
    NOTHING_SAVED,
    SAVE_AFTER_S,
    DraftKeeper,
    SaveState,
)
from agentflow_desktop.desktop.screens.tasks.examples import Example
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase
from agentflow_desktop.desktop.screens.tasks.state import NOTHING_ASKED, State
from agentflow_desktop.desktop.screens.tasks.view_model import PLAN_DEBOUNCE_S, TaskViewModel
from agentflow_desktop.desktop.view_model import Spawn, ViewModel
from agentflow_desktop.workflows.ask.drafts import TaskDraft
from agentflow_desktop.workflows.ask.model import AskRequest

MOST_CLOSED_KEPT = 20
_TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class TabLine:
    """An open task in the row of tabs. ``phase`` is None where nothing was run."""

    tab_id: str
    title: str
    phase: RunPhase | None = None
    run_id: str = ""
    cost_usd: Decimal = ZERO_USD


@dataclass(frozen=True, slots=True)
class TabsState:
    """``closing`` is the tab whose run goes on while it is to be closed."""

    tabs: tuple[TabLine, ...] = ()
    shown: str = ""
    closing: str = ""
    save: SaveState = NOTHING_SAVED


class TaskTabs(ViewModel[TabsState]):
    """Owns a view-model for each open task; there is always one, and one is shown."""

    def __init__(
        self,
        *,
        spawn: Spawn,
        clock: Clock,
        debounce_s: float = PLAN_DEBOUNCE_S,
        save_after_s: float = SAVE_AFTER_S,
    ) -> None:
        super().__init__(TabsState())
        self._spawn = spawn
        self._clock = clock
        self._debounce_s = debounce_s
        self._doors: tuple[RunDoor, QueryDoor] | None = None
        self._is_restored = False
        self._models: dict[str, TaskViewModel] = {}
        self._deaf: dict[str, Callable[[], None]] = {}  # what ends listening to each
        self._closed: list[TaskDraft] = []
        self._keeper = DraftKeeper(spawn, self._current_drafts, self._tell_saved, save_after_s)
        self.open_new()

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def shown(self) -> TaskViewModel:
        """The task that is looked at."""
        return self._models[self._state.shown]

    def model(self, tab_id: str) -> TaskViewModel:
        """The view-model of an open task."""
        return self._models[tab_id]

    def connect(self, runs: RunDoor, queries: QueryDoor) -> None:
        """The program is open. The first time, the tasks of the last session come back."""
        self._doors = (runs, queries)
        for model in self._models.values():
            model.connect(runs, queries)
        if self._is_restored:
            self._keeper.connect(queries.drafts)
        else:
            self._spawn(self._restore(queries))

    def disconnect(self) -> None:
        """The doors are closing. What is not kept yet is kept now."""
        self._doors = None
        self._keeper.disconnect()
        for model in self._models.values():
            model.disconnect()

    def open_new(self) -> None:
        """Another empty task; the one that is shown, if it is untouched."""
        if not self._models or not self.shown.state.is_untouched:
            self._add(TaskDraft(new_id("draft"), NOTHING_ASKED))

    def open_run(self, run_id: str) -> None:
        """Show a run of the history, in its tab if it has one."""
        held = next((line for line in self._state.tabs if line.run_id == run_id), None)
        if held is not None:
            self.show(held.tab_id)
            return
        self.open_new()
        self.shown.reopen(run_id, with_request=True)

    def ask_again(self, request: AskRequest) -> None:
        """A task with this request put in; nothing is run yet."""
        self.open_new()
        self.shown.put(request)

    def load_example(self, example: Example) -> None:
        """A task with this example put in; nothing is run yet."""
        self.open_new()
        self.shown.load_example(example)

    def can_reopen(self) -> bool:
        """A task was closed since the start."""
        return bool(self._closed)

    def reopen_closed(self) -> None:
        """Bring back the task that was closed last, if any was."""
        if self._closed:
            self._add(self._closed.pop())

    def show(self, tab_id: str) -> None:
        """Look at this task; an unknown one is ignored."""
        if tab_id in self._models and tab_id != self._state.shown:
            self._change(shown=tab_id)
            self._keeper.note_change()

    def show_beside(self, steps: int) -> None:
        """Look at the task so many tabs further on, round and round."""
        ids = list(self._models)
        self.show(ids[(ids.index(self._state.shown) + steps) % len(ids)])

    def close(self, tab_id: str) -> None:
        """Close the task; while its run goes on, it is asked first what shall become of it."""
        model = self._models.get(tab_id)
        if model is None:
            return
        if model.state.is_running and not model.state.is_elsewhere:
            self._change(closing=tab_id)
        else:
            self._remove(tab_id)

    def close_with_run(self, *, is_cancelled: bool) -> None:
        """Close the task that asked: its run is cancelled, or goes on behind the window."""
        tab_id = self._state.closing
        self._change(closing="")
        model = self._models.get(tab_id)
        if model is None:
            return
        if is_cancelled:
            model.cancel()
        self._remove(tab_id)

    def keep_open(self) -> None:
        """Leave the task that asked as it is."""
        self._change(closing="")

    def _add(self, draft: TaskDraft) -> None:
        self._models[draft.draft_id] = self._make(draft)
        self._change(shown=draft.draft_id, tabs=self._lines())
        self._keeper.note_change()

    def _make(self, draft: TaskDraft) -> TaskViewModel:
        model = TaskViewModel(
            spawn=self._spawn,
            clock=self._clock,
            debounce_s=self._debounce_s,
            request=draft.request,
        )
        if self._doors is not None:
            model.connect(*self._doors)
        if draft.run_id:
            model.reopen(draft.run_id, with_request=False)
            model.set_follow_up(draft.follow_up)
        self._deaf[draft.draft_id] = model.listen(self._note_change)
        return model

    def _let_go(self, tab_id: str) -> None:
        self._deaf.pop(tab_id)()
        self._models.pop(tab_id).release()

    def _remove(self, tab_id: str) -> None:
        ids = list(self._models)
        state = self._models[tab_id].state
        if not state.is_untouched:
            self._closed = [*self._closed, _draft(tab_id, state)][-MOST_CLOSED_KEPT:]
        self._let_go(tab_id)
        if not self._models:
            self.open_new()
            return
        shown = self._state.shown
        if tab_id == shown:
            at = ids.index(tab_id)
            shown = ids[at + 1] if at + 1 < len(ids) else ids[at - 1]
        self._change(shown=shown, tabs=self._lines())
        self._keeper.note_change()

    async def _restore(self, queries: QueryDoor) -> None:
        drafts = await self._keeper.load(queries.drafts)
        self._is_restored = drafts is not None
        if drafts:
            self._put_before(drafts)
        self._keeper.note_change()

    def _put_before(self, drafts: Sequence[TaskDraft]) -> None:
        """Put the drafts before what was typed while they were read."""
        for tab_id in [key for key, m in self._models.items() if m.state.is_untouched]:
            self._let_go(tab_id)
        typed = self._models
        restored = {draft.draft_id: self._make(draft) for draft in drafts}
        self._models = restored | typed
        was_shown = next((d.draft_id for d in drafts if d.is_shown), drafts[-1].draft_id)
        shown = next(reversed(typed), was_shown)
        self._change(shown=shown, tabs=self._lines())

    def _current_drafts(self) -> Sequence[TaskDraft]:
        return [
            replace(_draft(key, model.state), is_shown=key == self._state.shown)
            for key, model in self._models.items()
            if not model.state.is_untouched
        ]

    def _tell_saved(self, save: SaveState) -> None:
        if save != self._state.save:
            self._change(save=save)

    def _note_change(self, _state: State) -> None:
        lines = self._lines()
        if lines != self._state.tabs:
            self._change(tabs=lines)
        self._keeper.note_change()

    def _lines(self) -> tuple[TabLine, ...]:
        return tuple(_line(tab_id, model.state) for tab_id, model in self._models.items())


def _draft(tab_id: str, state: State) -> TaskDraft:
    run_id = state.run.run_id if state.run is not None else ""
    if state.reopening is not None:
        run_id = state.reopening.run_id
    return TaskDraft(tab_id, state.request, run_id, state.follow_up)


def _line(tab_id: str, state: State) -> TabLine:
    run = state.run
    if run is not None:
        return TabLine(tab_id, run.title, run.phase, run.run_id, run.cost_usd)
    title = as_one_line(state.request.task, _TITLE_CHARACTERS) or "New task"
    run_id = state.reopening.run_id if state.reopening is not None else ""
    return TabLine(tab_id, title, run_id=run_id)
