"""The program's mark: a step that leads on to two."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from agentflow_desktop.desktop.theme import Theme


class Mark(QWidget):
    """Drawn in the accent, 28 px square."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(28, 28)
        self.setAccessibleName("AgentFlow")
        theme.changed.connect(self.update)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(QRectF(0, 0, 28, 28), 7, 7)
        self._theme.paint_icon(painter, QRect(5, 5, 18, 18), "git-branch-bold", "on_accent")
