"""The chosen folders and the files in them, with what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath
from typing import overload

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from agentflow_desktop.desktop.formatting import (
    as_plain_tip,
    as_plain_word,
    format_bytes,
    format_count,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.documents.document import FileState, Selection
from agentflow_desktop.workflows.ask.model import FileLine

ROW_PX = 27
NOTHING_CHOSEN = Selection()
_ICONS = {
    ".pdf": "file-pdf", ".csv": "table", ".tsv": "table", ".xlsx": "table",
    ".json": "brackets-curly", ".yaml": "brackets-curly", ".yml": "brackets-curly",
    ".html": "globe", ".htm": "globe",
    ".py": "code", ".c": "code", ".h": "code", ".cpp": "code", ".js": "code", ".ts": "code",
}  # fmt: skip
_Index = QModelIndex | QPersistentModelIndex


class _Column(Enum):
    FILE = 0
    TOKENS = 1
    STATUS = 2


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of the table. ``path`` is set where the line can be taken out."""

    name: str
    icon: str
    tokens: int | None
    status: str
    state_icon: str
    tone: str
    tip: str
    path: Path | None


class DocumentRows(Sequence[DocumentRow]):
    """Chosen folders first, then files; each row is made when it is drawn, for a folder may hold
    thousands. ``files`` is None while nothing was surveyed yet."""

    def __init__(
        self, selection: Selection = NOTHING_CHOSEN, files: tuple[FileLine, ...] | None = None
    ) -> None:
        self.selection = selection
        self.files = files
        self._chosen: dict[str, list[Path]] | None = None  # chosen files by their last name

    def __len__(self) -> int:
        below = self.selection.files if self.files is None else self.files
        return len(self.selection.directories) + len(below)

    @overload
    def __getitem__(self, index: int) -> DocumentRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[DocumentRow]: ...
    def __getitem__(self, index: int | slice) -> DocumentRow | list[DocumentRow]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        folders = self.selection.directories
        if index < len(folders):
            return _folder_row(folders[index])
        below = index - len(folders)
        if self.files is None:
            return _chosen_row(self.selection.files[below])
        line = self.files[below]
        return _file_row(line, self._chosen_path(line.name))

    def shows_same(self, other: "DocumentRows") -> bool:
        return (self.selection, self.files) == (other.selection, other.files)

    def _chosen_path(self, name: str) -> Path | None:
        if self._chosen is None:
            self._chosen = {}
            for path in self.selection.files:
                self._chosen.setdefault(path.name, []).append(path)
        parts = PurePath(name).parts
        found = self._chosen.get(parts[-1], ()) if parts else ()
        return next((p for p in found if p.parts[-len(parts) :] == parts), None)


def _folder_row(path: Path) -> DocumentRow:
    return DocumentRow(
        path.name or str(path), "folder", None, "folder", "", "muted", str(path), path
    )


def _chosen_row(path: Path) -> DocumentRow:
    return DocumentRow(path.name, file_icon(path.name), None, "", "", "muted", str(path), path)


def _file_row(line: FileLine, path: Path | None) -> DocumentRow:
    size = format_bytes(line.byte_count)
    icon = file_icon(line.name)
    match line.state:
        case FileState.READ:
            tone, mark, status = "success", "check-circle-fill", "read"
        case FileState.SKIPPED:
            tone, mark, status = "muted", "minus-circle", "skipped"
        case FileState.FAILED:
            tone, mark, status = "warning", "warning-fill", "not read"
    if line.state is not FileState.READ and line.reason:
        status = line.reason
    elif line.reason:
        tone, mark, status = "warning", "warning-fill", "read, with a note"
    tip = "\n".join(part for part in (f"{line.name}, {size}", line.reason) if part)
    return DocumentRow(line.name, icon, line.tokens, status, mark, tone, tip, path)


def file_icon(name: str) -> str:
    """The icon of a file by its ending."""
    return _ICONS.get(PurePath(name).suffix.lower(), "file-text")


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows = DocumentRows()

    def set_rows(self, rows: DocumentRows) -> None:
        if not rows.shows_same(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(_Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0):  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("File", "Tokens", "Status")[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = 0):
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_plain_tip(row.tip)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            tokens = "" if row.tokens is None else format_count(row.tokens)
            return (row.name, tokens, row.status)[index.column()]
        return None


class _Delegate(QStyledItemDelegate):
    """Draws every cell: icon and name, tokens at the right, state icon and word."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:  # noqa: N802
        return QSize(40, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        row = model.rows[index.row()]
        theme, rect = self._theme, option.rect  # type: ignore[attr-defined]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(rect, theme.color("accent_soft"))
            if index.column() == 0:
                bar = QRect(rect.left(), rect.top(), 3, rect.height())
                painter.fillRect(bar, theme.color("accent"))
        painter.setPen(theme.color("grid"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        match _Column(index.column()):
            case _Column.FILE:
                self._paint_name(painter, rect, row)
            case _Column.TOKENS:
                painter.setPen(theme.color("text"))
                painter.setFont(theme.font(12))
                tokens = "-" if row.tokens is None else format_count(row.tokens)
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                shown = "" if row.icon == "folder" else tokens
                painter.drawText(rect.adjusted(0, 0, -12, 0), right, shown)
            case _Column.STATUS:
                self._paint_status(painter, rect, row)
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRect, row: DocumentRow) -> None:
        top = rect.top() + (rect.height() - 16) // 2
        self._theme.paint_icon(painter, QRect(rect.left() + 10, top, 16, 16), row.icon, "muted")
        painter.setFont(self._theme.font(12, 500))
        painter.setPen(self._theme.color("text"))
        room = rect.adjusted(33, 0, -4, 0)
        _draw_elided(painter, room, row.name, Qt.TextElideMode.ElideMiddle)

    def _paint_status(self, painter: QPainter, rect: QRect, row: DocumentRow) -> None:
        left = rect.left() + 12
        if row.state_icon:
            top = rect.top() + (rect.height() - 14) // 2
            icon = QRect(left, top, 14, 14)
            self._theme.paint_icon(painter, icon, row.state_icon, row.tone)
            left += 20
        painter.setFont(self._theme.font(12))
        painter.setPen(self._theme.color("warning" if row.tone == "warning" else "muted"))
        room = QRect(left, rect.top(), rect.right() - left - 8, rect.height())
        _draw_elided(painter, room, row.status, Qt.TextElideMode.ElideRight)


def _draw_elided(painter: QPainter, room: QRect, text: str, mode: Qt.TextElideMode) -> None:
    shown = QFontMetrics(painter.font()).elidedText(text, mode, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class DocumentsTable(QTableView):
    """``removal_asked`` gives the path of a chosen file or folder to take out."""

    removal_asked = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._model = _Model()
        self._delegate = _Delegate(theme)
        self._is_drop_wanted = False
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Documents")
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(26 + 3 * ROW_PX)
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(ROW_PX)
        columns = self.horizontalHeader()
        columns.setFixedHeight(26)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        columns.resizeSection(1, 68)
        columns.resizeSection(2, 92)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: DocumentRows) -> None:
        self._model.set_rows(rows)
        self.horizontalHeader().setVisible(len(rows) > 0)

    def set_drop_wanted(self, is_wanted: bool) -> None:
        """Show that what is dragged can be let go here."""
        self._is_drop_wanted = is_wanted
        self.viewport().update()

    @property
    def rows(self) -> DocumentRows:
        return self._model.rows

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        used = len(self._model.rows) * ROW_PX - self.verticalScrollBar().value()
        room = self.viewport().rect().adjusted(0, used, 0, 0)
        painter = QPainter(self.viewport())
        if self._is_drop_wanted:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -2, -2))
        if room.height() >= 32:
            painter.setPen(self._theme.color("accent" if self._is_drop_wanted else "muted"))
            painter.setFont(self._theme.font(12))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "Drop files or folders here")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove_selected()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        index = self.indexAt(event.pos())
        if not index.isValid():
            return
        row = self._model.rows[index.row()]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove = menu.addAction(f"Take {as_plain_word(row.name)} out")
        remove.setEnabled(row.path is not None)
        if row.path is None:
            remove.setText("Part of a chosen folder")
        remove.triggered.connect(self._remove_selected)
        menu.popup(event.globalPos())

    def _remove_selected(self) -> None:
        rows = {index.row() for index in self.selectionModel().selectedRows()}
        for path in [self._model.rows[row].path for row in sorted(rows)]:
            if path is not None:
                self.removal_asked.emit(path)
