"""The end of the log: which lines, by level and run, and everything that one of them says."""

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QWidget

from agentflow_desktop.core.log_lines import LogLevel, LogLine
from agentflow_desktop.desktop.formatting import as_one_line, local_moment
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepState, UpkeepViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.scroll_page import heading
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel

_LEVELS = (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING, LogLevel.ERROR)
_COLUMNS = (Column("At", 170), Column("Level", 96), Column("Event", 210), Column("Details"))
_TONES = {
    LogLevel.DEBUG: "neutral", LogLevel.INFO: "info", LogLevel.WARNING: "warning",
    LogLevel.ERROR: "danger", LogLevel.CRITICAL: "danger",
}  # fmt: skip
_TABLE_PX = 320
_DETAIL_PX = 110


class LogPane(QWidget):
    """Renders the log of an UpkeepState; the newest line stands at the foot."""

    def __init__(self, theme: Theme, model: UpkeepViewModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self._lines: tuple[LogLine, ...] = ()
        self.levels = Segmented(
            theme, tuple(level.value.capitalize() for level in _LEVELS), "Level"
        )
        self.run_field = QLineEdit()
        self.refresh_button = QPushButton("Read again")
        self.table = DataTable(theme, _COLUMNS, "Log")
        self.detail = QPlainTextEdit()
        self._file = ElidingLabel(theme, size_px=11, color="muted", elide_middle=True)
        self._problem = TextLabel(theme, color="danger", wraps=True)
        self._lay_out(theme)
        self.levels.chosen.connect(lambda index: self._filter(_LEVELS[index]))
        self.run_field.textEdited.connect(lambda _: self._filter(self._model.state.log_level))
        self.refresh_button.clicked.connect(model.show_log)
        self.table.row_chosen.connect(self._show_detail)
        self._stop: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: UpkeepState) -> None:
        """Draw the lines, if they changed."""
        self.levels.set_index(_LEVELS.index(state.log_level))
        self._file.setText(str(state.log_file) if state.log_file is not None else "")
        problem = state.problem
        self._problem.setVisible(problem is not None)
        self._problem.setText(problem.words if problem is not None else "")
        if state.log == self._lines:
            return
        self._lines = state.log
        self.table.show_rows([_cells(line) for line in state.log])
        self.table.scrollToBottom()
        self.detail.clear()

    def _filter(self, level: LogLevel) -> None:
        self._model.filter_log(level, self.run_field.text())

    def _show_detail(self, index: int) -> None:
        line = self._lines[index]
        fields = [f"{name}: {text}" for name, text in line.fields.items()]
        self.detail.setPlainText("\n".join([f"{line.event} ({line.logger})", *fields]))

    def _lay_out(self, theme: Theme) -> None:
        self.run_field.setPlaceholderText("Run id")
        self.run_field.setAccessibleName("Only lines of this run")
        self.run_field.setFixedWidth(200)
        self.table.set_empty_words("No line of that kind in the newest log file.")
        self.table.setFixedHeight(_TABLE_PX)
        self.detail.setReadOnly(True)
        self.detail.setProperty("kind", "field")
        self.detail.setFont(theme.mono_font(12))
        self.detail.setFixedHeight(_DETAIL_PX)
        self.detail.setAccessibleName("The chosen line of the log")
        self.detail.setPlaceholderText(
            "Choose a line to read all of it. Keys are never in the log."
        )
        filters = row(bottom=8, spacing=8)
        filters.addWidget(self.levels)
        filters.addWidget(self.run_field)
        filters.addStretch(1)
        filters.addWidget(self.refresh_button)
        body = column(self)
        body.addWidget(heading(theme, "End of the log"))
        body.addLayout(filters)
        body.addWidget(self._problem)
        body.addWidget(self.table)
        body.addSpacing(8)
        body.addWidget(self.detail)
        body.addSpacing(4)
        body.addWidget(self._file)


def _cells(line: LogLine) -> tuple[Cell, ...]:
    details = "  ".join(f"{name}={text}" for name, text in line.fields.items())
    return (
        Cell(local_moment(line.at), tone="muted"),
        Cell(badge=line.level.value, badge_tone=_TONES[line.level]),
        Cell(line.event, weight=500),
        Cell(as_one_line(details), tone="muted"),
    )
