"""The Costs & Cache screen: header with the range, and the body once its charts are loaded."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QToolButton

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.navigator import Navigator, OpenRun
from agentflow_desktop.desktop.screens.costs.chart_data import range_words
from agentflow_desktop.desktop.screens.costs.periods import RangeKind
from agentflow_desktop.desktop.screens.costs.state import State
from agentflow_desktop.desktop.screens.costs.view_model import CostsViewModel
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.desktop.window_memory import WindowMemory
from agentflow_desktop.llm.costs import CostGroup, Days

if TYPE_CHECKING:
    from agentflow_desktop.desktop.screens.costs.body import CostsBody

_KINDS = tuple(RangeKind)
_STEPS = (CostGroup.DAY, CostGroup.WEEK, CostGroup.MONTH)
_DATE_PX = 98
_NARROW_BELOW_PX = 1_100


class CostsScreen(Screen):
    """Renders the view-model's State and forwards gestures to it."""

    def __init__(
        self,
        theme: Theme,
        model: CostsViewModel,
        *,
        navigator: Navigator,
        memory: WindowMemory,
        clock: Clock,
    ) -> None:
        super().__init__(theme, "Costs & Cache")
        self._theme, self._model = theme, model
        self._navigator, self._memory, self._clock = navigator, memory, clock
        self.content: CostsBody | None = None
        self.kinds = Segmented(theme, tuple(kind.value for kind in _KINDS), "Range of days")
        self.steps = Segmented(theme, ("Day", "Week", "Month"), "What a bar stands for")
        self.first, self.last = QLineEdit(), QLineEdit()
        self._range = TextLabel(theme, size_px=12, weight=500)
        self._earlier, self._later = QToolButton(), QToolButton()
        self._csv, self._png = QPushButton("CSV"), QPushButton("PNG")
        self._waiting = TextLabel(theme, "Opening the ledger", color="muted")
        self._lay_out(theme)
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()
        self._stop_listening: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def commands(self) -> Sequence[Command]:
        model = self._model
        has_figures = lambda: model.state.figures is not None  # noqa: E731
        return (
            Command("Earlier days", model.go_earlier, "Alt+Left", "caret-left", has_figures),
            Command("Later days", model.go_later, "Alt+Right", "caret-right", self._can_go_later),
            Command("Read the ledger again", model.refresh, "F5", "arrow-clockwise", has_figures),
            Command("Change spending limits", model.edit_limits, "", "sliders-horizontal"),
            Command("Manage kept results", self._manage, "", "database", has_figures),
            Command("Export the costs", self._export_csv, "", "download-simple", has_figures),
            Command(
                "Export the chart as a picture", self._export_png, "", "download-simple",
                lambda: self.content is not None and has_figures(),
            ),
        )  # fmt: skip

    def shown(self) -> None:
        self.setFocus()  # the page itself: no control is chosen before a person chooses one
        self._model.set_shown(True)

    def left(self) -> None:
        self._model.set_shown(False)

    def release(self) -> None:
        """Stop following the view-model; the screen may then be deleted."""
        self._stop_listening()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._show_range(self._model.state)

    def render_state(self, state: State) -> None:
        """Draw the state; the body is built with the first one that has loaded charts."""
        if state.is_drawable and self.content is None:
            self._build_content()
        self.kinds.set_index(_KINDS.index(state.kind))
        self.steps.set_index(_STEPS.index(state.step))
        self._show_range(state)
        for button in (self._csv, self._png):
            button.setEnabled(state.figures is not None and self.content is not None)
        self._earlier.setEnabled(state.days is not None)
        self._later.setEnabled(state.can_go_later)
        self._waiting.setVisible(self.content is None or (not state.figures and not state.problem))
        if self.content is not None:
            self.content.render_state(state, can_keep_limits=self._model.can_keep_limits)

    def _show_range(self, state: State) -> None:
        is_typed = state.kind is RangeKind.RANGE and state.days is not None
        for field in (self.first, self.last):
            field.setVisible(is_typed)
        self._range.setVisible(not is_typed)
        self.steps.setVisible(not is_typed or self.width() >= _NARROW_BELOW_PX)
        if state.days is None:
            self._range.setText("")
            return
        self._range.setText(range_words(state.days))
        for field, day in ((self.first, state.days.first), (self.last, state.days.last)):
            if not field.hasFocus():
                field.setText(day.isoformat())
                _mark(field, is_wrong=False)

    def _take_range(self) -> None:
        """Show the days that were typed, or mark what is no day."""
        days: list[date] = []
        for field in (self.first, self.last):
            try:
                days.append(date.fromisoformat(field.text().strip()))
                _mark(field, is_wrong=False)
            except ValueError:
                _mark(field, is_wrong=True)
        if len(days) < 2:
            return
        try:
            self._model.choose_days(Days(days[0], days[1]))
        except InputRefused as error:
            _mark(self.last, is_wrong=True)
            self.last.setToolTip(error.message)

    def _can_go_later(self) -> bool:
        return self._model.state.can_go_later

    def _manage(self) -> None:
        self._model.manage(True)

    def _open_run(self, run_id: str) -> None:
        self._navigator.go("tasks", OpenRun(run_id))

    def _export_csv(self) -> None:
        self._ask_where("costs", ".csv", lambda: self._model.chart_csv().encode())

    def _export_table(self) -> None:
        group = self._model.state.group.value
        self._ask_where(f"costs by {group}", ".csv", lambda: self._model.table_csv().encode())

    def _export_png(self) -> None:
        content = self.content
        if content is not None:
            self._ask_where("costs", ".png", content.chart_png)

    def _ask_where(self, name: str, suffix: str, content: Callable[[], bytes]) -> None:
        days = self._model.state.days
        words = f"{name} {days.first} to {days.last}" if days is not None else name
        dialog = QFileDialog(self, "Export")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{words}{suffix}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self._model.write(Path(chosen), content()))
        dialog.open()

    def _build_content(self) -> None:
        from agentflow_desktop.desktop.screens.costs.body import CostsBody  # noqa: PLC0415

        content = self.content = CostsBody(self._theme, self._clock, self._memory)
        model = self._model
        content.group_chosen.connect(model.choose_group)
        content.table_csv_asked.connect(self._export_table)
        content.problem.acted.connect(model.refresh)
        content.notice.acted.connect(model.forget_notice)
        content.strip.acted.connect(model.edit_limits)
        content.strip.closed.connect(model.close_banner)
        content.editor.typed.connect(model.type_limit)
        content.editor.kept.connect(model.keep_limits)
        content.editor.left.connect(model.leave_limits)
        content.table.run_opened.connect(self._open_run)
        content.side.manage_asked.connect(self._manage)
        content.side.change_asked.connect(model.edit_limits)
        content.kept.removal_asked.connect(model.remove_entry)
        content.kept.undo_asked.connect(model.undo_removal)
        content.kept.clearing_asked.connect(lambda old: model.clear_entries(only_old=old))
        content.kept.closed.connect(lambda: model.manage(False))
        self.body.addWidget(content, 1)

    def _connect(self) -> None:
        self.kinds.chosen.connect(lambda index: self._model.choose_kind(_KINDS[index]))
        self.steps.chosen.connect(lambda index: self._model.choose_step(_STEPS[index]))
        self._earlier.clicked.connect(self._model.go_earlier)
        self._later.clicked.connect(self._model.go_later)
        self._csv.clicked.connect(self._export_csv)
        self._png.clicked.connect(self._export_png)
        for field in (self.first, self.last):
            field.editingFinished.connect(self._take_range)

    def _restyle(self) -> None:
        self._earlier.setIcon(self._theme.icon("caret-left"))
        self._later.setIcon(self._theme.icon("caret-right"))
        for button in (self._csv, self._png):
            button.setIcon(self._theme.icon("download-simple"))

    def _lay_out(self, theme: Theme) -> None:
        self.header.add_fact(self.kinds)
        self.header.add_fact(self.steps)
        self.header.end_facts()
        for field, name in ((self.first, "First day"), (self.last, "Last day")):
            field.setFixedWidth(_DATE_PX)
            field.setAccessibleName(name)
        self._earlier.setAccessibleName("Earlier days")
        self._later.setAccessibleName("Later days")
        for button in (self._earlier, self._later):
            button.setFixedSize(28, 28)
        tools = (
            self._range, self.first, self.last, self._earlier, self._later, self._csv, self._png,
        )  # fmt: skip
        for tool in tools:
            self.header.add_tool(tool)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self._waiting, 1)


def _mark(field: QLineEdit, *, is_wrong: bool) -> None:
    state = "error" if is_wrong else ""
    if field.property("state") != state:
        field.setProperty("state", state)
        field.style().unpolish(field)
        field.style().polish(field)
    if not is_wrong:
        field.setToolTip("")
