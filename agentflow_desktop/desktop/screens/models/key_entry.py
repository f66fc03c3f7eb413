"""Where a key is typed: a password field that is emptied as soon as the key is handed over."""

from pydantic import SecretStr
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel


class KeyEntry(QWidget):
    """``entered`` gives the key as a SecretStr; it stands in no widget afterwards."""

    entered = Signal(object)

    def __init__(self, theme: Theme, button: str) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("Paste the key")
        self.field.setAccessibleName("Key, not shown")
        self.button = QPushButton(button)
        self.button.setEnabled(False)
        self._place = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self.outcome = TextLabel(theme, size_px=12, wraps=True)
        self.outcome.hide()
        self.field.textChanged.connect(lambda text: self.button.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self._enter)
        self.button.clicked.connect(self._enter)
        line = row()
        line.addWidget(self.field, 1)
        line.addWidget(self.button)
        body = column(self, spacing=6)
        body.addLayout(line)
        body.addWidget(self._place)
        body.addWidget(self.outcome)

    def show_place(self, keyring: str) -> None:
        """Say before anything is typed where the key will be kept."""
        words = f"Kept in {keyring}, never in a file, and not shown again."
        if not keyring:
            words = (
                "This machine has no keyring: the key is kept for this session only, in memory, "
                "and must be entered again after the next start."
            )
        self._place.setText(words)
        self._place.set_color("muted" if keyring else "warning")

    def show_outcome(self, words: str, tone: str) -> None:
        """What became of the key; empty hides it."""
        self.outcome.setText(words)
        self.outcome.set_color(tone)
        self.outcome.setVisible(bool(words))

    def _enter(self) -> None:
        text = self.field.text().strip()
        if text:
            key = SecretStr(text)
            self.field.clear()
            self.field.setModified(False)
            self.entered.emit(key)
