"""The chosen folders and the files in them, with what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import overload

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QMenu

from agentflow_desktop.desktop.formatting import as_plain_word, format_bytes, format_count
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.table import HEADER_PX, DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.documents.document import INSTALL_OCR, FileState, Selection
from agentflow_desktop.workflows.ask.model import FileLine

ROW_PX = 27
NOTHING_CHOSEN = Selection()
_ICONS = {
    ".pdf": "file-pdf", ".csv": "table", ".tsv": "table", ".xlsx": "table",
    ".json": "brackets-curly", ".yaml": "brackets-curly", ".yml": "brackets-curly",
    ".html": "globe", ".htm": "globe",
    ".py": "code", ".c": "code", ".h": "code", ".cpp": "code", ".js": "code", ".ts": "code",
}  # fmt: skip
_COLUMNS = (Column("File"), Column("Tokens", 66, is_number=True), Column("Status", 94))


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

    @property
    def cells(self) -> Sequence[Cell]:
        """Icon and name, tokens, and what became of it."""
        tokens = "-" if self.tokens is None else format_count(self.tokens)
        tone = "warning" if self.tone == "warning" else "muted"
        return (
            Cell(self.name, weight=500, icon=self.icon, tip=self.tip, elides_middle=True),
            Cell("" if self.icon == "folder" else tokens, tip=self.tip),
            Cell(self.status, tone=tone, icon=self.state_icon, icon_tone=self.tone, tip=self.tip),
        )


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
        status = "no OCR" if INSTALL_OCR in line.reason else line.reason
    elif line.reason:
        tone, mark, status = "warning", "warning-fill", "read, with a note"
    tip = "\n".join(part for part in (f"{line.name}, {size}", line.reason) if part)
    return DocumentRow(line.name, icon, line.tokens, status, mark, tone, tip, path)


def file_icon(name: str) -> str:
    """The icon of a file by its ending."""
    return _ICONS.get(PurePath(name).suffix.lower(), "file-text")


@dataclass(frozen=True, slots=True)
class _Cells:
    """Documents as a table asks for them."""

    documents: DocumentRows

    @property
    def count(self) -> int:
        return len(self.documents)

    def cells(self, row: int) -> Sequence[Cell]:
        return self.documents[row].cells


class DocumentsTable(DataTable):
    """``removal_asked`` gives the path of a chosen file or folder to take out."""

    removal_asked = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, _COLUMNS, "Documents", row_px=ROW_PX)
        self._theme = theme
        self._documents = DocumentRows()
        self._is_drop_wanted = False
        self.setProperty("kind", "")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMinimumHeight(HEADER_PX + 3 * ROW_PX)

    @property
    def documents(self) -> DocumentRows:
        return self._documents

    def show_documents(self, documents: DocumentRows) -> None:
        """Show these; what is shown already keeps its selection."""
        if not documents.shows_same(self._documents):
            self._documents = documents
            self.show_source(_Cells(documents))
        self.horizontalHeader().setVisible(bool(documents))

    def set_drop_wanted(self, is_wanted: bool) -> None:
        """Show that what is dragged can be let go here."""
        self._is_drop_wanted = is_wanted
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        used = len(self._documents) * ROW_PX - self.verticalScrollBar().value()
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
        row = self._documents[index.row()]
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
        for path in [self._documents[row].path for row in sorted(rows)]:
            if path is not None:
                self.removal_asked.emit(path)
