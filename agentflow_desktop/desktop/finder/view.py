"""Ctrl K: a field over the window, and below it what can be done and what was asked before."""

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from agentflow_desktop.desktop.finder.view_model import FinderModel, FinderState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_WIDTH_PX = 560
_ROWS_SHOWN = 12
_ROW_PX = 30


class Finder(QWidget):
    """Hidden until ``open_over``. ``run_chosen`` gives the id of a run to open."""

    run_chosen = Signal(str)

    def __init__(self, theme: Theme, model: FinderModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model
        self.setAccessibleName("Find or run")
        self.field = QLineEdit()
        self.field.setProperty("kind", "finder")
        self.field.setFont(theme.font(14))
        self.field.setPlaceholderText("Find a run, or something to do")
        self.field.setAccessibleName("Find or run")
        self.list = DataTable(theme, (Column(""), Column("", 150, is_number=True)), "Found")
        self.list.horizontalHeader().hide()
        self.list.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._problem = TextLabel(theme, size_px=12, color="danger", wraps=True)
        body = column(self, left=1, top=1, right=1, bottom=8)
        body.addWidget(self.field)
        body.addWidget(self.list)
        body.addWidget(self._problem)
        self.field.textEdited.connect(model.set_text)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self.field.installEventFilter(self)
        self._before: QWidget | None = None
        self._stop_listening = model.listen(self._render)
        theme.changed.connect(self.update)
        self.hide()

    def open_over(self) -> None:
        """Show it in the upper middle of the window, ready to be typed into."""
        self._before = QApplication.focusWidget()
        self.field.clear()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop_listening()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.FocusOut:
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._take_key(event)
        # Else a screen's own shortcut on Escape or Return would win over this list.
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("outline"))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self._leave()
            case Qt.Key.Key_Down:
                self._model.move(1)
            case Qt.Key.Key_Up:
                self._model.move(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(None)
            case _:
                return False
        return True

    def _choose(self, at: int | None) -> None:
        self._leave()
        run_id = self._model.choose(at)
        if run_id is not None:
            self.run_chosen.emit(run_id)

    def _leave(self) -> None:
        """Go, and give the focus back to where it was."""
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()

    def _render(self, state: FinderState) -> None:
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))
        self.list.show_rows(
            [
                (Cell(entry.words, icon=entry.icon, weight=500), Cell(entry.note, tone="muted"))
                for entry in state.entries
            ]
        )
        if state.entries:
            self.list.select(state.at)
        self.list.set_empty_words("Nothing is found.")
        self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        rows = min(max(len(self._model.state.entries), 2), _ROWS_SHOWN)
        self.list.setFixedHeight(rows * _ROW_PX)
        height = self.field.sizeHint().height() + rows * _ROW_PX + 10
        height += self._problem.sizeHint().height() if self._model.state.problem else 0
        width = min(_WIDTH_PX, parent.width() - 32)
        self.setGeometry(QRect((parent.width() - width) // 2, 72, width, height))
