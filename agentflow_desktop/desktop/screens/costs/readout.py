"""The values of what is pointed at, in a small box over the chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from agentflow_desktop.desktop.theme import Theme

_LINE_PX = 17
_PADDING_PX = 6
_SWATCH_PX = 9
_NAME_MOST_PX = 200
_GAP_PX = 12


@dataclass(frozen=True, slots=True)
class ReadoutLine:
    """One value with its name; ``tone`` is the token of its swatch, empty for none."""

    name: str
    value: str
    tone: str = ""


class Readout(QWidget):
    """Hidden until ``show_at``. Takes no mouse, so that it never hides what it tells about."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._over = theme, parent
        self._lines: Sequence[ReadoutLine] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def lines(self) -> Sequence[ReadoutLine]:
        """Head line first."""
        return self._lines

    def show_at(self, place: QPoint, lines: Sequence[ReadoutLine], *, span_px: int) -> None:
        """Show the lines beside a bar of ``span_px`` whose middle is at ``place``."""
        self._lines = lines
        size = self.sizeHint()
        room = self._over.rect()
        left = place.x() + span_px // 2 + 4
        if left + size.width() > room.right():
            left = max(room.left(), place.x() - span_px // 2 - 4 - size.width())
        top = min(max(place.y(), room.top() + 4), room.bottom() - size.height())
        self.setGeometry(left, top, size.width(), size.height())
        self.update()
        self.show()

    def sizeHint(self) -> QSize:  # noqa: N802
        names = QFontMetrics(self._theme.font(12, 600))
        widest = max((names.horizontalAdvance(line.name) for line in self._lines), default=0)
        values = max((names.horizontalAdvance(line.value) for line in self._lines), default=0)
        width = min(widest, _NAME_MOST_PX) + values + _SWATCH_PX + 4 + _GAP_PX + 2 * _PADDING_PX
        return QSize(width, len(self._lines) * _LINE_PX + 2 * _PADDING_PX)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        for number, line in enumerate(self._lines):
            top = _PADDING_PX + number * _LINE_PX
            self._paint_line(painter, QRect(0, top, self.width(), _LINE_PX), line, number == 0)

    def _paint_line(self, painter: QPainter, room: QRect, line: ReadoutLine, is_head: bool) -> None:
        room = room.adjusted(_PADDING_PX, 0, -_PADDING_PX, 0)
        painter.setFont(self._theme.font(12, 600 if is_head else 400))
        painter.setPen(self._theme.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, line.value)
        metrics = painter.fontMetrics()
        words = room.adjusted(0, 0, -metrics.horizontalAdvance(line.value) - _GAP_PX, 0)
        if not is_head:
            if line.tone:
                top = room.top() + (room.height() - _SWATCH_PX) // 2
                swatch = QRect(room.left(), top, _SWATCH_PX, _SWATCH_PX)
                painter.fillRect(swatch, self._theme.color(line.tone))
            words = words.adjusted(_SWATCH_PX + 4, 0, 0, 0)
        name = metrics.elidedText(line.name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, name)
