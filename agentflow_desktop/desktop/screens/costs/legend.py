"""Names of the colours in a chart: a swatch and a word each, elided where they lack room."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentflow_desktop.desktop.theme import Theme

_SWATCH_PX = 9
_GAP_PX = 5
_APART_PX = 12
_HEIGHT_PX = 18
_LEAST_NAME_PX = 42


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """``tone`` is a token; hatched ones stand for what has not been spent yet."""

    name: str
    tone: str
    is_hatched: bool = False


class Legend(QWidget):
    """One line at the right of its room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: Sequence[LegendEntry] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_entries(self, entries: Sequence[LegendEntry]) -> None:
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(", ".join(entry.name for entry in entries))
            self.setToolTip("")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(80, _HEIGHT_PX)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setFont(self._theme.font(11))
        widths = self._name_widths(painter.fontMetrics())
        each = _SWATCH_PX + _GAP_PX
        left = self.width() - sum(widths) - len(widths) * each - (len(widths) - 1) * _APART_PX
        left = max(0, left)
        for entry, width in zip(self._entries, widths, strict=True):
            self._paint_swatch(painter, left, entry)
            room = QRect(left + each, 0, width, self.height())
            name = painter.fontMetrics().elidedText(entry.name, Qt.TextElideMode.ElideMiddle, width)
            painter.setPen(self._theme.color("muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            left += each + width + _APART_PX

    def _paint_swatch(self, painter: QPainter, left: int, entry: LegendEntry) -> None:
        place = QRect(left, (self.height() - _SWATCH_PX) // 2, _SWATCH_PX, _SWATCH_PX)
        color = self._theme.color(entry.tone)
        if not entry.is_hatched:
            painter.fillRect(place, color)
            return
        painter.setPen(color)
        painter.setBrush(QBrush(color, Qt.BrushStyle.BDiagPattern))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _name_widths(self, metrics: QFontMetrics) -> Sequence[int]:
        """What each name gets: all of it, or an even share where they don't fit together."""
        wanted = [metrics.horizontalAdvance(entry.name) + 1 for entry in self._entries]
        fixed = len(wanted) * (_SWATCH_PX + _GAP_PX + _APART_PX) - _APART_PX
        room = self.width() - fixed
        while sum(wanted) > room and max(wanted, default=0) > _LEAST_NAME_PX:
            longest = max(wanted)
            wanted[wanted.index(longest)] = max(_LEAST_NAME_PX, longest - 8)
        return wanted
