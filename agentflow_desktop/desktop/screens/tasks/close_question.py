"""Asks what shall become of a run whose task is being closed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel


class CloseQuestion(QDialog):
    """Opened with ``open()``. ``closed`` gives whether the run is to be cancelled; closing the
    dialog in any other way leaves the task as it is."""

    closed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("A run goes on")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        body = column(self, left=24, top=20, right=24, bottom=16, spacing=12)
        body.addWidget(TextLabel(theme, "This run is not finished", size_px=16, weight=600))
        body.addWidget(TextLabel(theme, title, weight=500, wraps=True))
        words = (
            "It can go on in the background: the status bar shows it, and its answer will be in "
            "the history. Cancelled, it spends nothing more; what it spent is in the ledger."
        )
        body.addWidget(TextLabel(theme, words, color="muted", wraps=True))
        self.go_on_button = QPushButton("Close and let it go on")
        self.cancel_button = QPushButton("Close and cancel the run")
        self.cancel_button.setProperty("kind", "danger")
        keep = QPushButton("Keep it open")
        self.go_on_button.setDefault(True)
        self.go_on_button.clicked.connect(lambda: self._answer(is_cancelled=False))
        self.cancel_button.clicked.connect(lambda: self._answer(is_cancelled=True))
        keep.clicked.connect(self.reject)
        buttons = row()
        buttons.addWidget(keep)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.go_on_button)
        body.addLayout(buttons)

    def _answer(self, *, is_cancelled: bool) -> None:
        self.closed.emit(is_cancelled)
        self.accept()
