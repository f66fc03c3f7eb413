"""The Tasks screen: open tasks as tabs in the header, and the one that is shown below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget

from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.formatting import as_plain_tip
from agentflow_desktop.desktop.navigator import AskAgain, OpenRun, Subject
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.tasks.close_question import CloseQuestion
from agentflow_desktop.desktop.screens.tasks.draft_keeper import SavePhase, SaveState
from agentflow_desktop.desktop.screens.tasks.empty_answer import EmptyAnswer
from agentflow_desktop.desktop.screens.tasks.page import TaskPage
from agentflow_desktop.desktop.screens.tasks.tab_strip import TabStrip
from agentflow_desktop.desktop.screens.tasks.tabs import TabsState, TaskTabs
from agentflow_desktop.desktop.status_model import StatusModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.desktop.window_memory import WindowMemory

NARROW_BELOW_PX = 1_280
LOW_BELOW_PX = 760
_BESIDE_TABS_PX = 330  # title, new task, what is told of drafts
_VIEWS_PX = 150


class TasksScreen(Screen):
    """Owns a page for each task that was looked at; a page keeps its scroll and its stream."""

    def __init__(
        self,
        theme: Theme,
        tabs: TaskTabs,
        memory: WindowMemory,
        status: StatusModel,
        invite: Callable[[EmptyAnswer], None],
    ) -> None:
        """``invite`` adds what else a newcomer may do to where an answer will stand."""
        super().__init__(theme, "Tasks")
        self._theme, self._tabs, self._memory = theme, tabs, memory
        self._status = status
        self._invite = invite
        self._pages: dict[str, TaskPage] = {}
        self._question: CloseQuestion | None = None
        self.strip = TabStrip(theme)
        self._saved = ElidingLabel(theme, size_px=12, color="muted")
        self.new_button = QPushButton("New task")
        self._views = Segmented(theme, ("Answer", "Evidence"), "What the centre shows")
        self._stack = QStackedWidget()
        self._lay_out()
        self.strip.shown.connect(tabs.show)
        self.strip.close_asked.connect(tabs.close)
        self.new_button.clicked.connect(self._new_task)
        self._views.chosen.connect(self._show_view)
        self._stop_listening: Callable[[], None] = tabs.listen(self.render_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(tabs.state)

    @property
    def page(self) -> TaskPage:
        """The task that is looked at."""
        return self._pages[self._tabs.state.shown]

    def commands(self) -> Sequence[Command]:
        tabs = self._tabs
        return (
            Command("Run the task", self._run, "Ctrl+Return; Ctrl+Enter", "play", self._can_run),
            Command("Cancel the run", self._cancel, "Escape", "stop", self._can_cancel),
            Command("New task", self._new_task, "Ctrl+T; Ctrl+N", "plus"),
            Command("Close this task", self._close_shown, "Ctrl+W", "x"),
            Command("Open the closed task again", tabs.reopen_closed, "Ctrl+Shift+T",
                    "arrow-counter-clockwise", tabs.can_reopen),
            Command("Next task", self._show_next, "Ctrl+Tab; Ctrl+PgDown", "caret-right",
                    self._has_others),
            Command("Previous task", self._show_previous, "Ctrl+Shift+Tab; Ctrl+PgUp",
                    "caret-left", self._has_others),
            Command("Go to the task", self.focus_task, "Ctrl+L", "pencil-simple"),
            Command("Add files", self._add_files, "Ctrl+O", "file-plus"),
            Command("Add a folder", self._add_folder, "Ctrl+Shift+O", "folder-plus"),
        )  # fmt: skip

    def shown(self) -> None:
        self.focus_task()

    def open_subject(self, subject: Subject) -> None:
        match subject:
            case OpenRun(run_id):
                self._tabs.open_run(run_id)
            case AskAgain(request):
                self._tabs.ask_again(request)
            case _:
                pass  # another screen's

    def focus_task(self) -> None:
        """Ready to type."""
        self.page.focus_task()

    def release(self) -> None:
        """Stop following the view-models; the screen may then be deleted."""
        self._stop_listening()
        for page in self._pages.values():
            page.release()

    def render_state(self, state: TabsState) -> None:
        """Draw the tabs and bring the shown task to the front."""
        self.strip.render_state(state)
        self._show_saved(state.save)
        open_ids = {line.tab_id for line in state.tabs}
        closed = [key for key in self._pages if key not in open_ids]
        for tab_id in closed:
            self._drop_page(tab_id)
        if state.shown not in self._pages:
            self._add_page(state.shown)
        page = self._pages[state.shown]
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            self._views.set_index(page.view)
        if closed and self.isVisible():
            self.focus_task()  # else the focus falls to wherever the window's order goes on
        if state.closing and self._question is None:
            self._ask_about(state)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        for page in self._pages.values():
            self._shape(page)
        is_narrow = self._is_narrow()
        self._views.setVisible(is_narrow)
        beside_px = _BESIDE_TABS_PX + (_VIEWS_PX if is_narrow else 0)
        self.strip.set_room(self.width() - beside_px)

    def _is_narrow(self) -> bool:
        return self.window().width() < NARROW_BELOW_PX

    def _shape(self, page: TaskPage) -> None:
        is_low = self.window().height() < LOW_BELOW_PX
        page.set_shape(is_narrow=self._is_narrow(), is_low=is_low)

    def _add_page(self, tab_id: str) -> None:
        page = TaskPage(self._theme, self._tabs.model(tab_id), self._memory, self._status)
        self._invite(page.result.empty)
        page.resize(self._stack.size())
        page.view_changed.connect(self._views.set_index)
        self._pages[tab_id] = page
        self._stack.addWidget(page)
        self._shape(page)

    def _drop_page(self, tab_id: str) -> None:
        page = self._pages.pop(tab_id)
        page.release()
        self._stack.removeWidget(page)
        page.deleteLater()

    def _ask_about(self, state: TabsState) -> None:
        title = next(line.title for line in state.tabs if line.tab_id == state.closing)
        question = self._question = CloseQuestion(self._theme, self, title)
        question.closed.connect(self._close_with_run)
        question.rejected.connect(self._tabs.keep_open)
        question.finished.connect(self._forget_question)
        question.open()

    def _close_with_run(self, is_cancelled: bool) -> None:
        self._tabs.close_with_run(is_cancelled=is_cancelled)

    def _forget_question(self) -> None:
        self._question = None

    def _show_saved(self, save: SaveState) -> None:
        match save.phase:
            case SavePhase.NOTHING | SavePhase.WAITING:
                words = ""
            case SavePhase.SAVED:
                words = "Draft saved"
            case SavePhase.FAILED:
                words = "Draft not saved"
        problem = save.problem
        if words or save.phase is SavePhase.NOTHING:  # no flicker while one types
            self._saved.setText(words)
        self._saved.set_color("muted" if problem is None else "danger")
        self._saved.setToolTip(as_plain_tip(problem.words) if problem is not None else "")

    def _show_view(self, view: int) -> None:
        self.page.show_view(view)

    def _new_task(self) -> None:
        self._tabs.open_new()
        self.focus_task()

    def _close_shown(self) -> None:
        self._tabs.close(self._tabs.state.shown)

    def _show_next(self) -> None:
        self._tabs.show_beside(1)

    def _show_previous(self) -> None:
        self._tabs.show_beside(-1)

    def _has_others(self) -> bool:
        return len(self._tabs.state.tabs) > 1

    def _run(self) -> None:
        self.page.run()

    def _can_run(self) -> bool:
        return self._tabs.shown.state.can_run

    def _cancel(self) -> None:
        self._tabs.shown.cancel()

    def _can_cancel(self) -> bool:
        state = self._tabs.shown.state
        return (state.is_running and not state.is_elsewhere) or state.is_run_awaited

    def _add_files(self) -> None:
        self.page.request.choose_files()

    def _add_folder(self) -> None:
        self.page.request.choose_folder()

    def _restyle(self) -> None:
        self.new_button.setIcon(self._theme.icon("plus"))

    def _lay_out(self) -> None:
        self.header.add_fact(self.strip)
        self.header.add_fact(self.new_button)
        self.header.end_facts()
        self.header.add_tool(self._saved)
        self.header.add_tool(self._views)
        self.new_button.setProperty("kind", "quiet")
        self.new_button.setToolTip("Ctrl T")
        self._saved.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.body.addWidget(self._stack, 1)
