"""A table in the window's look: hairlines, numbers at the right, a sentence where it is empty."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.table_delegate import TableDelegate
from agentflow_desktop.desktop.widgets.table_model import (
    Cell,
    Column,
    GivenRows,
    TableModel,
    TableRows,
)

ROW_PX = 28
TWO_LINE_ROW_PX = 42
HEADER_PX = 28


class DataTable(QTableView):
    """``row_chosen`` is the row that is now current, ``row_opened`` one that Enter or a double
    click wants to open."""

    row_chosen = Signal(int)
    row_opened = Signal(int)

    def __init__(
        self, theme: Theme, columns: Sequence[Column], name: str, *, row_px: int = ROW_PX
    ) -> None:
        super().__init__()
        self._theme = theme
        self._empty_words = ""
        self.rows = TableModel(columns)
        self._delegate = TableDelegate(theme, row_px)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self._prepare(row_px)
        self.selectionModel().currentRowChanged.connect(self._note_current)
        self.doubleClicked.connect(lambda index: self.row_opened.emit(index.row()))
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows; the row that was current stays so if it is still there."""
        self.show_source(GivenRows(rows))

    def show_source(self, source: TableRows) -> None:
        """Show rows that are asked for as they are drawn."""
        current = self.currentIndex().row()
        at = self.verticalScrollBar().value()
        self.rows.show_source(source)
        if 0 <= current < source.count:
            self.select(current)
        self.verticalScrollBar().setValue(at)

    def select(self, row: int) -> None:
        """Make the row the current one, without telling that a person chose it."""
        blocked = self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self.rows.index(row, 0))
        self.selectionModel().blockSignals(blocked)
        self.viewport().update()

    def place(self) -> tuple[int, int]:
        """The row at the top, and how much of it, in pixels, is above the edge."""
        return divmod(self.verticalScrollBar().value(), self.verticalHeader().defaultSectionSize())

    def go_to_place(self, row: int, offset_px: int = 0) -> None:
        """Scroll so that the row is at the top, less so much of it."""
        self.updateGeometries()  # else the bar ends where the rows of before did
        self.verticalScrollBar().setValue(
            row * self.verticalHeader().defaultSectionSize() + offset_px
        )

    @property
    def empty_words(self) -> str:
        return self._empty_words

    def set_empty_words(self, words: str) -> None:
        """The muted sentence that stands in the middle while there is no row."""
        self._empty_words = words
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_opened.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.rows.rowCount() or not self._empty_words:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.font(13))
        room = self.viewport().rect().adjusted(24, 0, -24, 0)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, self._empty_words)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.viewport().update()

    def _note_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(current.row())

    def _prepare(self, row_px: int) -> None:
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setProperty("kind", "plain")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        lines = self.verticalHeader()
        lines.hide()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setMinimumSectionSize(row_px)
        lines.setDefaultSectionSize(row_px)
        header = self.horizontalHeader()
        header.setFixedHeight(HEADER_PX)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(24)
        for number, column in enumerate(self.rows.columns):
            if column.width_px is None:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(number, column.width_px)
