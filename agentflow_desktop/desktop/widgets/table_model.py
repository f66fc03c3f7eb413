"""What a table shows: columns, cells, and rows that are asked for as they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from agentflow_desktop.desktop.formatting import as_plain_tip

_Index = QModelIndex | QPersistentModelIndex
_TEXT_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
)


@dataclass(frozen=True, slots=True)
class Column:
    """``width_px`` None shares what room there is. Numbers stand at the right, never elided."""

    title: str
    width_px: int | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows: words, and beside them what is set.

    ``second`` is a muted line below, for rows of TWO_LINE_ROW_PX. ``tone``, ``icon_tone``,
    ``badge_tone``, ``swatch`` and ``share_tone`` are tokens; ``share`` is from 0 to 1.
    """

    text: str = ""
    second: str = ""
    tone: str = "text"
    weight: int = 400
    icon: str = ""
    icon_tone: str = "muted"
    badge: str = ""
    badge_tone: str = "neutral"
    badge_icon: str = ""
    swatch: str = ""
    share: float | None = None
    share_tone: str = "accent"
    tip: str = ""


NO_CELL = Cell()


class TableRows(Protocol):
    """Rows that a table asks for as it draws them."""

    @property
    def count(self) -> int: ...

    def cells(self, row: int) -> Sequence[Cell] | None:
        """The cells of a row; None while they are fetched."""
        ...


class GivenRows:
    """Rows that are all there."""

    def __init__(self, rows: Sequence[Sequence[Cell]] = ()) -> None:
        self._rows = tuple(rows)

    @property
    def count(self) -> int:
        return len(self._rows)

    def cells(self, row: int) -> Sequence[Cell] | None:
        return self._rows[row]


class TableModel(QAbstractTableModel):
    """Rows under columns, for Qt and for what reads the screen aloud."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.source: TableRows = GivenRows()

    def show_source(self, source: TableRows) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.source = source
        self.endResetModel()

    def cell(self, index: _Index) -> Cell | None:
        """The cell, None while it is fetched."""
        cells = self.source.cells(index.row())
        return None if cells is None else cells[index.column()]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else self.source.count

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0):  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = 0):
        if role not in _TEXT_ROLES:
            return None
        cell = self.cell(index) or NO_CELL
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_plain_tip(cell.tip)
        words = (cell.text, cell.second, cell.badge)
        return ", ".join(word for word in words if word)
