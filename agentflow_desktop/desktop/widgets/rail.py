"""The rail at the left edge: the program's mark, Ctrl K, and one button for each screen."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton
from agentflow_desktop.desktop.widgets.pane import Ground
from agentflow_desktop.desktop.widgets.rail_mark import Mark
from agentflow_desktop.desktop.widgets.text_label import TextLabel

WIDE_PX = 192
NARROW_PX = 56
_ICON_PX = 18


class RailButton(KeyButton):
    """An icon with its word, and how many things wait behind it; an accent bar on the current
    screen's."""

    def __init__(self, theme: Theme, icon: str, word: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon
        self._count = 0
        self._is_wide = True
        self.setText(word)
        self.setCheckable(True)
        self.setAccessibleName(word)
        self.setFixedHeight(32)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def set_wide(self, is_wide: bool) -> None:
        """With its word, or as an icon whose word is its tooltip."""
        self._is_wide = is_wide
        self.setToolTip("" if is_wide else self.text())
        self.update()

    def set_count(self, count: int) -> None:
        """How many things go on behind it; none is not shown."""
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self.text()}, {count}" if count else self.text())
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROW_PX - 16, 32)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        ink = "accent" if self.isChecked() else "muted"
        left = 13 if self._is_wide else (self.width() - _ICON_PX) // 2
        top = (self.height() - _ICON_PX) // 2
        icon = QRect(left, top, _ICON_PX, _ICON_PX)
        self._theme.paint_icon(painter, icon, self._icon_name, ink)
        if self._is_wide:
            painter.setFont(self._theme.font(13, 600 if self.isChecked() else 500))
            painter.setPen(self._theme.color("text" if self.isChecked() else "muted"))
            words = self.rect().adjusted(41, 0, -36, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(words, flags, self.text())
        if self._count:
            self._paint_count(painter)

    def _paint_ground(self, painter: QPainter) -> None:
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked() or self.underMouse() or self.hasFocus():
            painter.setBrush(self._theme.color("surface" if self.isChecked() else "hover"))
            outline = "accent" if self.hasFocus() else "border" if self.isChecked() else "hover"
            painter.setPen(QPen(self._theme.color(outline)))
            painter.drawRoundedRect(whole, 6, 6)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(4, 10, 3, self.height() - 20), 1.5, 1.5)

    def _paint_count(self, painter: QPainter) -> None:
        font = self._theme.font(11, 600)
        words = str(self._count) if self._count < 100 else "99+"
        width = max(18, QFontMetrics(font).horizontalAdvance(words) + 10)
        right = self.width() - (10 if self._is_wide else 0)
        top = (self.height() - 18) // 2 if self._is_wide else 0
        place = QRect(right - width, top, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft"))
        painter.drawRoundedRect(place, 9, 9)
        painter.setFont(font)
        painter.setPen(self._theme.color("accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


class _FindButton(KeyButton):
    """Looks like a field; opens what Ctrl K opens."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setText("Find or run")
        self.setAccessibleName("Find or run, Ctrl K")
        self.setFixedHeight(30)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("accent" if self.hasFocus() else "border"))
        painter.setBrush(self._theme.color("hover" if self.underMouse() else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        is_wide = self.width() > NARROW_PX
        left = 9 if is_wide else (self.width() - 16) // 2
        icon = QRect(left, 7, 16, 16)
        self._theme.paint_icon(painter, icon, "magnifying-glass", "muted")
        if not is_wide:
            return
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.font(12))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            self.rect().adjusted(32, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, self.text()
        )
        painter.setFont(self._theme.font(11, 500))
        keys = self.rect().adjusted(0, 0, -10, 0)
        painter.drawText(keys, middle | Qt.AlignmentFlag.AlignRight, "Ctrl K")


class Rail(Ground):
    """``chosen`` gives the index of the screen that is wanted, ``find_asked`` wants Ctrl K."""

    chosen = Signal(int)
    find_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window")
        self._buttons: list[RailButton] = []
        self._name = TextLabel(theme, "AgentFlow", size_px=15, weight=600)
        self._find = _FindButton(theme)
        self._find.clicked.connect(self.find_asked)
        head = QHBoxLayout()
        head.setContentsMargins(6, 0, 0, 0)
        head.setSpacing(10)
        head.addWidget(Mark(theme))
        head.addWidget(self._name, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 12, 8, 8)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self._column.addSpacing(10)
        self._column.addWidget(self._find)
        self._column.addSpacing(10)
        self._stretch_at = self._column.count()
        self._column.addStretch(1)
        self.set_wide(True)

    def set_wide(self, is_wide: bool) -> None:
        """192 px with words, or 56 px with icons alone."""
        self.setFixedWidth(WIDE_PX if is_wide else NARROW_PX)
        self._name.setVisible(is_wide)
        self._find.setToolTip("" if is_wide else "Find or run, Ctrl K")
        for button in self._buttons:
            button.set_wide(is_wide)

    def add_screen(self, icon: str, word: str, *, at_foot: bool = False) -> RailButton:
        """One more button, below those that are there, or at the rail's foot."""
        index = len(self._buttons)
        button = RailButton(self._theme, icon, word)
        button.setAutoExclusive(True)
        button.clicked.connect(lambda: self.chosen.emit(index))
        self._buttons.append(button)
        if at_foot:
            self._column.addWidget(button)
        else:
            self._column.insertWidget(self._stretch_at, button)
            self._stretch_at += 1
        return button
