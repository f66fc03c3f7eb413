"""One task: request at the left, result in the centre, evidence at the right."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.screens.tasks.evidence_pane import EvidencePane
from agentflow_desktop.desktop.screens.tasks.reach import reach_notice
from agentflow_desktop.desktop.screens.tasks.request_pane import RequestPane
from agentflow_desktop.desktop.screens.tasks.result_pane import ResultPane
from agentflow_desktop.desktop.screens.tasks.route_dialog import RouteDialog
from agentflow_desktop.desktop.screens.tasks.state import State
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel
from agentflow_desktop.desktop.status_model import StatusModel, StatusState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground, column
from agentflow_desktop.desktop.window_memory import WindowMemory

ANSWER, EVIDENCE = 0, 1
_USUAL_WIDTHS_PX = {True: (336, 0), False: (356, 380)}  # left and right, narrow and wide


class TaskPage(Ground):
    """Renders the view-model's State and forwards gestures to it.

    ``view_changed`` gives ANSWER or EVIDENCE where these share one place.
    """

    view_changed = Signal(int)

    def __init__(
        self, theme: Theme, model: TaskViewModel, memory: WindowMemory, status: StatusModel
    ) -> None:
        super().__init__(theme)
        self._model, self._memory, self._status = model, memory, status
        self._is_narrow: bool | None = None
        self.request = RequestPane(theme)
        self.result = ResultPane(theme, model.clock)
        self.evidence = EvidencePane(theme)
        self._centre = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()
        memory.follow_splitter("tasks-evidence", self.evidence.splitter)
        self._stop_listening: Callable[[], None] = model.listen(self.render_state)
        self._stop_watching: Callable[[], None] = status.listen(self._show_reach)
        self.render_state(model.state)

    @property
    def model(self) -> TaskViewModel:
        return self._model

    @property
    def view(self) -> int:
        """ANSWER or EVIDENCE."""
        return EVIDENCE if self._centre.currentWidget() is self.evidence else ANSWER

    def release(self) -> None:
        """Stop following the view-model; the page may then be deleted."""
        self._stop_listening()
        self._stop_watching()
        self.result.empty.release()

    def render_state(self, state: State) -> None:
        """Draw the state. Cheap where nothing changed."""
        self.request.render_state(state)
        self.result.render_state(state)
        self.evidence.render_state(state)
        self._show_reach(self._status.state)

    def _show_reach(self, status: StatusState) -> None:
        state = self._model.state
        plan = None if state.is_running else state.plan.plan
        notice = reach_notice(plan, status) if plan is not None else None
        self.request.route.reach.show_notice(notice)

    def set_shape(self, *, is_narrow: bool, is_low: bool) -> None:
        """Give way in a small window: the evidence shares its place with the answer."""
        self.request.set_low(is_low)
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        if is_narrow:
            self._centre.addWidget(self.evidence)
            self._centre.setCurrentWidget(self.result)
        else:
            self._splitter.addWidget(self.evidence)
            self.evidence.show()
            self._splitter.setStretchFactor(2, 0)
        self._share_width()
        self.view_changed.emit(ANSWER)

    def show_view(self, view: int) -> None:
        """Bring the answer or the evidence to the front where they share one place."""
        if self._is_narrow:
            self._centre.setCurrentWidget(self.evidence if view == EVIDENCE else self.result)
            self.view_changed.emit(view)

    def focus_task(self) -> None:
        """Ready to type."""
        self.request.task.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def run(self) -> None:
        """Run what is typed."""
        self._model.run()

    def _share_width(self) -> None:
        left_px, right_px = _USUAL_WIDTHS_PX[bool(self._is_narrow)]
        kept = self._memory.value(self._splitter_name()).split(",")
        if len(kept) == 2 and all(part.isdecimal() for part in kept):
            left_px, right_px = int(kept[0]), int(kept[1])
        centre_px = max(1, self.width() - left_px - right_px)
        self._splitter.setSizes([left_px, centre_px, *([] if self._is_narrow else [right_px])])

    def _keep_widths(self) -> None:
        left_px, _, *right = self._splitter.sizes()
        self._memory.keep(self._splitter_name(), f"{left_px},{right[0] if right else 0}")

    def _splitter_name(self) -> str:
        return f"splitters/tasks-{'narrow' if self._is_narrow else 'wide'}"

    def _cite(self, number: int) -> None:
        self._model.look_at_citation(number)
        self.show_view(EVIDENCE)

    def _look_at(self, evidence: Evidence) -> None:
        self._model.look_at(evidence)
        self.show_view(EVIDENCE)

    def _add_paths(self, paths: list[Path]) -> None:
        self._model.add_paths(paths)

    def _rerun(self, may_use_cache: bool) -> None:
        self._model.run(use_cache=None if may_use_cache else False)

    def _explain_route(self) -> None:
        plan = self._model.state.plan.plan
        if plan is not None:
            RouteDialog(self._theme, self, plan.route).open()

    def _choose_report(self, ending: str) -> None:
        """Ask where the report goes, without blocking; the dialog asks before it replaces."""
        dialog = QFileDialog(self, "Write a report")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.setNameFilter(f"*.{ending}")
        dialog.selectFile(f"answer.{ending}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._model.export(Path(name)))
        dialog.open()

    def _leaf(self, later: bool) -> None:
        self._model.leaf(later=later)

    def _turn_quote(self, later: bool) -> None:
        self._model.look_beside(later=later)

    def _connect(self) -> None:
        model, request, route = self._model, self.request, self.request.route
        request.task_typed.connect(model.set_task)
        request.context_typed.connect(model.set_context)
        request.kind_chosen.connect(model.set_kind)
        request.check_chosen.connect(model.set_check)
        request.paths_dropped.connect(self._add_paths)
        request.removal_asked.connect(model.remove_path)
        request.run_asked.connect(self.run)
        request.cancel_asked.connect(model.cancel)
        route.tier_chosen.connect(model.set_tier)
        route.cache_switched.connect(model.set_use_cache)
        route.recheck_asked.connect(model.replan)
        route.test_asked.connect(self._status.test_again)
        route.explanation_asked.connect(self._explain_route)
        request.earlier_dropped.connect(model.forget_earlier)
        self.result.empty.example_asked.connect(model.load_example)
        self.result.cited.connect(self._cite)
        self.result.quote_asked.connect(self._look_at)
        self.result.rerun_asked.connect(self._rerun)
        self.result.follow.typed.connect(model.set_follow_up)
        self.result.follow.asked.connect(model.ask_follow_up)
        self.result.follow.rated.connect(model.rate)
        self.result.follow.export_asked.connect(self._choose_report)
        self.evidence.quote_chosen.connect(model.look_at)
        header = self.evidence.header
        header.leafed.connect(self._leaf)
        header.quote_turned.connect(self._turn_quote)
        header.view_chosen.connect(model.show_pages)
        self.evidence.page.width_changed.connect(model.set_page_width)
        self._splitter.splitterMoved.connect(self._keep_widths)

    def _lay_out(self) -> None:
        self._centre.addWidget(self.result)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.request)
        self._splitter.addWidget(self._centre)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        column(self).addWidget(self._splitter)
