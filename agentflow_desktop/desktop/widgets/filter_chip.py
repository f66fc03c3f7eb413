"""A word with a count that narrows a list when it is pressed, and no longer when pressed again."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy

from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton

_HEIGHT_PX = 22
_ICON_PX = 12
_PADDING_PX = 8
_GAP_PX = 5


class FilterChip(KeyButton):
    """``tone`` colours the icon only: the words tell what the chip does."""

    def __init__(self, theme: Theme, word: str, icon: str = "", tone: str = "muted") -> None:
        super().__init__()
        self._theme = theme
        self._icon_name, self._tone = icon, tone
        self._count = 0
        self.setText(word)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_count(0)
        theme.changed.connect(self.updateGeometry)

    @property
    def count(self) -> int:
        return self._count

    def show_count(self, count: int) -> None:
        """How many lines of the list the chip would leave."""
        self._count = count
        self.setAccessibleName(f"{self.text()}, {format_count(count)}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        word = QFontMetrics(self._theme.font(12, 600)).horizontalAdvance(self.text())
        count = QFontMetrics(self._theme.font(12)).horizontalAdvance(format_count(self._count))
        icon = _ICON_PX + _GAP_PX if self._icon_name else 0
        return QSize(2 * _PADDING_PX + icon + word + _GAP_PX + count + 1, _HEIGHT_PX)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else "raised"
        painter.setBrush(self._theme.color(ground))
        is_lit = self.isChecked() or self.hasFocus()
        painter.setPen(self._theme.color("accent" if is_lit else "border"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        left = _PADDING_PX
        if self._icon_name:
            place = QRect(left, (self.height() - _ICON_PX) // 2, _ICON_PX, _ICON_PX)
            self._theme.paint_icon(painter, place, self._icon_name, self._tone)
            left += _ICON_PX + _GAP_PX
        side = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._theme.font(12, 600 if self.isChecked() else 500))
        painter.setPen(self._theme.color("text"))
        room = self.rect().adjusted(left, 0, -_PADDING_PX, 0)
        painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(self._theme.font(12))
        painter.setPen(self._theme.color("muted"))
        painter.drawText(room, side | Qt.AlignmentFlag.AlignRight, format_count(self._count))
