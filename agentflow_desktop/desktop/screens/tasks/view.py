"""The Tasks screen: request at the left, result in the centre, evidence at the right."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.tasks.evidence_pane import EvidencePane
from agentflow_desktop.desktop.screens.tasks.request_pane import RequestPane
from agentflow_desktop.desktop.screens.tasks.result_pane import ResultPane
from agentflow_desktop.desktop.screens.tasks.view_model import State, TasksViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel

NARROW_BELOW_PX = 1_280
LOW_BELOW_PX = 760


class TasksScreen(Screen):
    """Renders the view-model's State and forwards gestures to it."""

    def __init__(self, theme: Theme, model: TasksViewModel) -> None:
        super().__init__(theme, "Tasks")
        self._theme, self._model = theme, model
        self._is_narrow: bool | None = None
        self.request = RequestPane(theme)
        self.result = ResultPane(theme, model.clock)
        self.evidence = EvidencePane(theme)
        self._title = ElidingLabel(theme, color="muted")
        self._new_button = QPushButton("New task")
        self._views = Segmented(theme, ("Answer", "Evidence"), "What the centre shows")
        self._centre = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out(theme)
        self._connect()
        self._stop_listening: Callable[[], None] = model.listen(self.render_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(model.state)

    def commands(self) -> Sequence[Command]:
        request, model = self.request, self._model
        can_cancel = lambda: model.state.is_running or model.state.is_run_awaited  # noqa: E731
        return (
            Command("Run the task", self._run, "Ctrl+Return; Ctrl+Enter", "play", self._can_run),
            Command("Cancel the run", model.cancel, "Escape", "stop", can_cancel),
            Command("New task", self._new_task, "Ctrl+N", "plus"),
            Command("Go to the task", self._focus_task, "Ctrl+L", "pencil-simple"),
            Command("Add files", request.choose_files, "Ctrl+O", "file-plus"),
            Command("Add a folder", request.choose_folder, "Ctrl+Shift+O", "folder-plus"),
        )

    def shown(self) -> None:
        self.request.task.setFocus()

    def release(self) -> None:
        """Stop following the view-model; the screen may then be deleted."""
        self._stop_listening()
        self.result.empty.release()

    def render_state(self, state: State) -> None:
        """Draw the state. Cheap where nothing changed."""
        self._title.setText(state.run.title if state.run is not None else "")
        self._new_button.setEnabled(not state.is_running)
        self.request.render_state(state)
        self.result.render_state(state)
        self.evidence.render_state(state)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        window = self.window()
        self._set_narrow(window.width() < NARROW_BELOW_PX)
        self.request.set_low(window.height() < LOW_BELOW_PX)

    def show_evidence(self) -> None:
        """Bring the evidence to the front where it shares its place with the answer."""
        if self._is_narrow:
            self._views.set_index(1)
            self._centre.setCurrentWidget(self.evidence)

    def _set_narrow(self, is_narrow: bool) -> None:
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        self._views.setVisible(is_narrow)
        self._views.set_index(0)
        if is_narrow:
            self._centre.addWidget(self.evidence)
            self._centre.setCurrentWidget(self.result)
            self._share_width(336, 0)
        else:
            self._splitter.addWidget(self.evidence)
            self.evidence.show()
            self._splitter.setStretchFactor(2, 0)
            self._share_width(356, 380)

    def _share_width(self, left_px: int, right_px: int) -> None:
        centre_px = max(1, self.width() - left_px - right_px)
        self._splitter.setSizes([left_px, centre_px, *([right_px] if right_px else [])])

    def _cite(self, number: int) -> None:
        self._model.look_at_citation(number)
        self.show_evidence()

    def _look_at(self, evidence: Evidence) -> None:
        self._model.look_at(evidence)
        self.show_evidence()

    def _add_paths(self, paths: list[Path]) -> None:
        self._model.add_paths(paths)

    def _new_task(self) -> None:
        self._model.clear()
        self._focus_task()

    def _focus_task(self) -> None:
        self.request.task.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _can_run(self) -> bool:
        return self._model.state.can_run

    def _connect(self) -> None:
        model, request = self._model, self.request
        request.task_typed.connect(model.set_task)
        request.context_typed.connect(model.set_context)
        request.kind_chosen.connect(model.set_kind)
        request.paths_dropped.connect(self._add_paths)
        request.removal_asked.connect(model.remove_path)
        request.run_asked.connect(self._run)
        request.cancel_asked.connect(model.cancel)
        request.route.tier_chosen.connect(model.set_tier)
        request.route.cache_switched.connect(model.set_use_cache)
        request.route.recheck_asked.connect(model.replan)
        self.result.empty.example_asked.connect(model.load_example)
        self.result.cited.connect(self._cite)
        self.result.quote_asked.connect(self._look_at)
        self.result.rerun_asked.connect(self._rerun)
        self.evidence.quote_chosen.connect(model.look_at)
        self.evidence.paged.connect(lambda later: model.page_evidence(later=later))
        self._new_button.clicked.connect(self._new_task)
        self._views.chosen.connect(self._centre.setCurrentIndex)

    def _run(self) -> None:
        self._model.run()

    def _rerun(self, may_use_cache: bool) -> None:
        self._model.run(use_cache=None if may_use_cache else False)

    def _restyle(self) -> None:
        self._new_button.setIcon(self._theme.icon("plus"))

    def _lay_out(self, theme: Theme) -> None:
        self.header.add_fact(self._title, 1)
        self.header.add_tool(self._views)
        self.header.add_tool(self._new_button)
        self._new_button.setToolTip("Ctrl+N")
        self._centre.addWidget(self.result)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.request)
        self._splitter.addWidget(self._centre)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self.body.addWidget(self._splitter, 1)
