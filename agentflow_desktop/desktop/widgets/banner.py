"""A banner: what happened, what happens next, and one action."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_ICONS = {
    "danger": "warning-circle-fill",
    "warning": "warning-fill",
    "info": "info-fill",
    "neutral": "info",
}


class Banner(QWidget):
    """Hidden until ``show_message``. ``acted`` is the click on its one button."""

    acted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = "info"
        self._icon = QLabel()
        self._message = TextLabel(theme, weight=500, wraps=True)
        self._hint = TextLabel(theme, size_px=12, color="text", wraps=True)
        self._action = QPushButton()
        self._action.clicked.connect(self.acted)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self._restyle)
        self.hide()

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def action_button(self) -> QPushButton:
        return self._action

    def show_message(self, tone: str, message: str, hint: str = "", action: str = "") -> None:
        """Say it, in danger, warning, info or neutral."""
        self._tone = tone
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{message} {hint}".strip())
        self._restyle()
        self.show()

    def show_problem(self, problem: Problem | None, action: str = "") -> None:
        """Say what is wrong, or go if nothing is."""
        if problem is None:
            self.hide()
        else:
            self.show_message("danger", problem.message, problem.hint, action)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = "neutral" if self._tone == "neutral" else f"{self._tone}_soft"
        painter.setBrush(self._theme.color(ground))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)

    def _restyle(self) -> None:
        color = "muted" if self._tone == "neutral" else self._tone
        self._icon.setPixmap(self._theme.pixmap(_ICONS[self._tone], color, 18))
        self.update()
