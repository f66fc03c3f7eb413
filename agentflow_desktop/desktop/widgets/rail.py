"""The rail at the left edge: the program's mark and one button for each screen there is."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground

RAIL_PX = 72


class RailButton(QAbstractButton):
    """An icon with its word below; the current screen's has an accent bar."""

    def __init__(self, theme: Theme, icon: str, word: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon
        self.setText(word)
        self.setCheckable(True)
        self.setAccessibleName(word)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(RAIL_PX - 12, 52)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = "accent" if self.isChecked() else "muted"
        if self.isChecked() or self.underMouse() or self.hasFocus():
            painter.setBrush(self._theme.color("surface" if self.isChecked() else "hover"))
            outline = "accent" if self.hasFocus() else "border"
            painter.setPen(QPen(self._theme.color(outline)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        icon = QRect((self.width() - 20) // 2, 8, 20, 20)
        self._theme.paint_icon(painter, icon, self._icon_name, ink)
        painter.setFont(self._theme.font(11, 600 if self.isChecked() else 500))
        painter.setPen(self._theme.color("text" if self.isChecked() else "muted"))
        words = QRect(0, 31, self.width(), 16)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())


class _Mark(QWidget):
    """The program's mark: a step that leads on to two."""

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


class Rail(Ground):
    """``chosen`` gives the index of the screen that is wanted."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window")
        self.setFixedWidth(RAIL_PX)
        self._buttons: list[RailButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 10, 6, 8)
        self._column.setSpacing(4)
        self._column.addWidget(_Mark(theme), 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(16)
        self._column.addStretch(1)

    def add_screen(self, icon: str, word: str) -> None:
        """One more button, below those that are there."""
        index = len(self._buttons)
        button = RailButton(self._theme, icon, word)
        button.setAutoExclusive(True)
        button.setChecked(index == 0)
        button.clicked.connect(lambda: self.chosen.emit(index))
        self._buttons.append(button)
        self._column.insertWidget(self._column.count() - 1, button)
