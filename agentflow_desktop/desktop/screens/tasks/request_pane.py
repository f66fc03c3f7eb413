"""The left pane: the task, its kind, the documents, the route, and Run."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from agentflow_desktop.core.routing import TaskKind, VerificationMode
from agentflow_desktop.desktop.formatting import format_count, format_tokens, plural
from agentflow_desktop.desktop.screens.tasks.documents_table import DocumentRows, DocumentsTable
from agentflow_desktop.desktop.screens.tasks.ocr_note import OcrNote
from agentflow_desktop.desktop.screens.tasks.route_card import RouteCard
from agentflow_desktop.desktop.screens.tasks.state import State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.documents.document import FileState

_KINDS = {
    TaskKind.GENERAL: "General",
    TaskKind.DOCUMENTS: "Documents",
    TaskKind.CODEBASE: "Codebase",
    TaskKind.SECURITY: "Security",
    TaskKind.PERFORMANCE: "Performance",
    TaskKind.LOGS: "Logs",
    TaskKind.ARCHITECTURE: "Architecture",
    TaskKind.REFACTORING: "Refactoring",
}
_CHECKS: dict[VerificationMode | None, str] = {
    None: "Check: as set",
    **{mode: f"Check: {mode.words}" for mode in VerificationMode},
}


class _Field(QPlainTextEdit):
    """A field of several lines in which Tab goes on to the next field."""

    def __init__(self, theme: Theme, name: str, placeholder: str, height_px: int) -> None:
        super().__init__()
        self.setProperty("kind", "field")
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setFixedHeight(height_px)
        self.setAcceptDrops(False)  # the pane takes files; else their paths would become text
        self.setFont(theme.font(13))


class RequestPane(Ground):
    """Emits what the person does; draws what the State says."""

    task_typed = Signal(str)
    context_typed = Signal(str)
    kind_chosen = Signal(object)
    check_chosen = Signal(object)
    paths_dropped = Signal(list)
    removal_asked = Signal(Path)
    run_asked = Signal()
    earlier_dropped = Signal()
    cancel_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self.setAcceptDrops(True)
        self.setMinimumWidth(300)
        self._shown: State | None = None
        self.task = _Field(theme, "Task", "What do you want to know about your files?", 104)
        self.context = _Field(theme, "Context", "What the files don't say", 58)
        self.context.hide()
        self.kind = QComboBox()
        self.check = QComboBox()
        self.documents = DocumentsTable(theme)
        self.ocr_note = OcrNote(theme)
        self.route = RouteCard(theme)
        self.run_button = QPushButton("Run")
        self.cancel_button = QPushButton("Cancel run")
        self._context_button = QPushButton("Add context")
        self._earlier = QWidget()
        self._drop_button = QPushButton("Ask without")
        self._drop_button.setProperty("kind", "quiet")
        self._earlier_words = ElidingLabel(theme, size_px=12, color="muted")
        self._facts = ElidingLabel(theme, size_px=12, color="muted")
        self._add_button = QPushButton("Add")
        self._prepare(theme)
        self._lay_out(theme)

    def set_low(self, is_low: bool) -> None:
        """Give way in a low window: a shorter task field and a folded route."""
        self.task.setFixedHeight(76 if is_low else 104)
        self.route.set_folded(is_low)

    def render_state(self, state: State) -> None:
        shown = self._shown
        self._shown = state
        request = state.request
        _put_text(self.task, request.task)
        _put_text(self.context, request.context)
        if request.context:
            self._show_context()
        self._show_earlier(len(request.earlier))
        self.kind.setCurrentIndex(list(_KINDS).index(request.task_kind))
        self.check.setCurrentIndex(list(_CHECKS).index(request.check))
        if shown is None or shown.plan is not state.plan or shown.request != request:
            self._show_documents(state)
        self.route.render_state(state)
        self.run_button.setEnabled(state.can_run)
        self.run_button.setText("Run when counted" if state.is_run_awaited else "Run")
        self.run_button.setVisible(not state.is_running)
        self.cancel_button.setVisible(state.is_running or state.is_run_awaited)
        is_cancelling = state.run is not None and state.run.is_cancelling
        self.cancel_button.setEnabled(not is_cancelling)
        self.cancel_button.setText("Cancelling…" if is_cancelling else "Cancel run")

    def choose_files(self) -> None:
        """Ask for files, without blocking."""
        self._open_dialog(QFileDialog.FileMode.ExistingFiles, "Add files")

    def choose_folder(self) -> None:
        """Ask for a folder, without blocking."""
        self._open_dialog(QFileDialog.FileMode.Directory, "Add a folder")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if _local_paths(event):
            event.acceptProposedAction()
            self.documents.set_drop_wanted(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self.documents.set_drop_wanted(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self.documents.set_drop_wanted(False)
        event.acceptProposedAction()
        self.paths_dropped.emit(_local_paths(event))

    def _open_dialog(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self.paths_dropped.emit([Path(n) for n in names])
        )
        dialog.open()

    def _show_documents(self, state: State) -> None:
        plan = state.plan.plan
        selection = state.request.selection
        has_selection = bool(selection.files or selection.directories)
        files = plan.files if plan is not None and has_selection else None
        self.documents.show_documents(DocumentRows(selection, files))
        self.ocr_note.show_files(files or ())
        if files is None or plan is None:
            count = len(selection.files) + len(selection.directories)
            self._facts.setText(f"{count} chosen" if count else "")
            return
        read = [line for line in files if line.state is FileState.READ]
        tokens = sum(line.tokens or 0 for line in read)
        words = f"{format_count(len(read))} {plural(len(read), 'file')}"
        if tokens:
            words += f", {format_tokens(tokens, is_exact=False)}"
        if len(files) > len(read):
            words += f", {format_count(len(files) - len(read))} not read"
        self._facts.setText(words)

    def _show_earlier(self, count: int) -> None:
        self._earlier.setVisible(bool(count))
        self._earlier_words.setText(f"Follows {count} earlier {plural(count, 'question')}")

    def _show_context(self) -> None:
        self.context.show()
        self._context_gap.show()
        self._context_button.hide()

    def _prepare(self, theme: Theme) -> None:
        self.task.textChanged.connect(lambda: self.task_typed.emit(self.task.toPlainText()))
        self.context.textChanged.connect(
            lambda: self.context_typed.emit(self.context.toPlainText())
        )
        for kind, word in _KINDS.items():
            self.kind.addItem(word, kind)
        self.kind.setAccessibleName("Kind of task")
        self.kind.setToolTip("The kind of task picks the prompts")
        self.kind.activated.connect(lambda i: self.kind_chosen.emit(self.kind.itemData(i)))
        for check, word in _CHECKS.items():
            self.check.addItem(word, check)
        self.check.setAccessibleName("What the reviewer looks for")
        self.check.setToolTip("What the reviewer looks for; as set: what the settings say")
        self.check.activated.connect(lambda i: self.check_chosen.emit(self.check.itemData(i)))
        self._context_button.setProperty("kind", "quiet")
        self._context_button.clicked.connect(self._open_context)
        self.documents.removal_asked.connect(self.removal_asked)
        menu = QMenu(self)
        menu.addAction("Files…", self.choose_files)
        menu.addAction("Folder…", self.choose_folder)
        self._add_button.setProperty("kind", "quiet")
        self._add_button.setMenu(menu)
        self._add_button.setAccessibleName("Add documents")
        self.run_button.setProperty("kind", "primary")
        self.run_button.setToolTip("Ctrl+Return")
        self.run_button.clicked.connect(self.run_asked)
        self.cancel_button.setProperty("kind", "danger")
        self.cancel_button.setToolTip("Esc")
        self.cancel_button.clicked.connect(self.cancel_asked)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        for field in (self.task, self.context):
            field.setFont(self._theme.font(13))
        self._add_button.setIcon(self._theme.icon("plus"))
        self._context_button.setIcon(self._theme.icon("plus"))
        self.run_button.setFont(self._theme.font(13, 600))
        self.run_button.setIcon(self._theme.icon("play-fill", "on_accent"))
        self.cancel_button.setIcon(self._theme.icon("stop-fill", "danger"))

    def _open_context(self) -> None:
        self._show_context()
        self.context.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lay_out_task(self, theme: Theme) -> QVBoxLayout:
        """The fields for words: the task, and the context once it is wanted."""
        self._drop_button.clicked.connect(self.earlier_dropped)
        follows = row(top=4)
        follows.addWidget(self._earlier_words, 1)
        follows.addWidget(self._drop_button)
        self._earlier.setLayout(follows)
        title = row()
        title.addWidget(TextLabel(theme, "Task", weight=600), 1)
        title.addWidget(self._context_button)
        words = column()
        words.addLayout(title)
        words.addSpacing(4)
        words.addWidget(self.task)
        words.addWidget(self._earlier)
        words.addSpacing(8)
        words.addWidget(self.context)
        self._context_gap = QWidget()
        self._context_gap.setFixedHeight(8)
        self._context_gap.hide()
        words.addWidget(self._context_gap)
        return words

    def _lay_out(self, theme: Theme) -> None:
        body = column(self, left=EDGE_PX, top=12, right=EDGE_PX, bottom=12)
        body.addLayout(self._lay_out_task(theme))
        kinds = row()
        kinds.addWidget(self.kind, 2)
        kinds.addWidget(self.check, 3)
        body.addLayout(kinds)
        body.addSpacing(8)
        head = row()
        head.addWidget(TextLabel(theme, "Documents", weight=600))
        head.addWidget(self._facts, 1)
        head.addWidget(self._add_button)
        body.addLayout(head)
        body.addSpacing(4)
        body.addWidget(self.documents, 1)
        body.addWidget(self.ocr_note)
        body.addSpacing(12)
        body.addWidget(self.route)
        body.addSpacing(12)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.cancel_button)
        body.addLayout(buttons)
        order: Sequence[QWidget] = (
            self.task, self._context_button, self.context, self.kind, self.check,
            self._add_button, self.documents,
        )  # fmt: skip
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)


def _put_text(field: QPlainTextEdit, text: str) -> None:
    if field.toPlainText() != text:
        blocker = QSignalBlocker(field)
        field.setPlainText(text)
        blocker.unblock()


def _local_paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
