"""Manage: every kept result, to be removed one by one (with undo), if too old, or all."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QToolButton

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.desktop.formatting import as_one_line, format_age, format_bytes, format_count
from agentflow_desktop.desktop.screens.costs.figures import cents
from agentflow_desktop.desktop.screens.costs.state import State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground, column, pane_header
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.cache import CacheLine

_COLUMNS = (
    Column("Task"), Column("Kept", 150), Column("State", 110), Column("Cost", 92, is_number=True),
    Column("Size", 92, is_number=True), Column("Used", 76, is_number=True),
)  # fmt: skip


class KeptResultsPane(Ground):
    """Asks before all is removed, in its own header."""

    removal_asked = Signal(str)
    undo_asked = Signal()
    clearing_asked = Signal(bool)
    closed = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._theme, self._clock = theme, clock
        self._entries: tuple[CacheLine, ...] = ()
        self._fact = ElidingLabel(theme, size_px=12, color="muted")
        self.table = DataTable(theme, _COLUMNS, "Kept results")
        self.table.set_empty_words("Nothing is kept. A result is kept once a run has given one.")
        self.remove, self.undo = QPushButton("Remove"), QPushButton("Undo")
        self.clear_old, self.clear_all = QPushButton("Remove too old"), QPushButton("Remove all")
        self.confirm, self.keep = QPushButton(), QPushButton("Keep them")
        self.confirm.setProperty("kind", "danger")
        self._close = QToolButton()
        self._close.setAccessibleName("Close the kept results")
        self._close.setFixedSize(24, 24)
        self._connect()
        self._lay_out(theme)
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: State) -> None:
        entries = state.entries or ()
        self.undo.setVisible(bool(state.removed))
        if entries != self._entries:
            self._entries = entries
            now = self._clock.now()
            self.table.show_rows([_row(line, now) for line in entries])
            self._ask_about_all(False)
        size = sum(line.byte_count for line in entries)
        self._fact.setText(f"{format_count(len(entries))} in {format_bytes(size)}")
        self.remove.setEnabled(bool(entries))
        self.clear_old.setEnabled(any(not line.is_fresh for line in entries))
        self.clear_all.setEnabled(bool(entries))

    def _remove_current(self) -> None:
        index = self.table.currentIndex().row()
        if 0 <= index < len(self._entries):
            self.removal_asked.emit(self._entries[index].key)

    def _ask_about_all(self, is_asking: bool) -> None:
        self.confirm.setText(f"Remove all {format_count(len(self._entries))}: no way back")
        for button in (self.confirm, self.keep):
            button.setVisible(is_asking)
        for button in (self.remove, self.clear_old, self.clear_all):
            button.setVisible(not is_asking)

    def _connect(self) -> None:
        self.remove.clicked.connect(self._remove_current)
        self.undo.clicked.connect(self.undo_asked)
        self.clear_old.clicked.connect(lambda: self.clearing_asked.emit(True))
        self.clear_all.clicked.connect(lambda: self._ask_about_all(True))
        self.keep.clicked.connect(lambda: self._ask_about_all(False))
        self.confirm.clicked.connect(lambda: self.clearing_asked.emit(False))
        self._close.clicked.connect(self.closed)
        QShortcut(QKeySequence.StandardKey.Delete, self.table, self._remove_current)

    def _restyle(self) -> None:
        self._close.setIcon(self._theme.icon("x"))

    def _lay_out(self, theme: Theme) -> None:
        header, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Kept results", weight=600))
        line.addWidget(self._fact, 1)
        for button in (
            self.undo, self.remove, self.clear_old, self.clear_all, self.keep, self.confirm,
        ):  # fmt: skip
            line.addWidget(button)
        line.addWidget(self._close)
        body = column(self)
        body.addWidget(header)
        body.addWidget(self.table, 1)
        self._ask_about_all(False)


def _row(line: CacheLine, now: datetime) -> tuple[Cell, ...]:
    title = as_one_line(line.title)
    state = Cell(badge="fresh", badge_tone="success", badge_icon="check-circle-fill")
    if not line.is_fresh:
        state = Cell(badge="too old", badge_tone="warning", badge_icon="clock")
    return (
        Cell(title, weight=500, tip=f"{title}\n{line.key}"),
        Cell(format_age(line.stored_at, now), tone="muted"),
        state,
        Cell(cents(line.cost_usd), tip=f"${line.cost_usd:f}"),
        Cell(format_bytes(line.byte_count)),
        Cell(format_count(line.hits)),
    )
