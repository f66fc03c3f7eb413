"""An on/off switch: the word beside it says which, so that its colour is never alone."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy

from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.key_button import KeyButton

_TRACK = QSize(32, 18)
_GAP_PX = 8


class Switch(KeyButton):
    """Checked is on. ``clicked`` comes of a person, never of ``setChecked``."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        words = QFontMetrics(self._theme.font(13)).horizontalAdvance("Off") + 4
        return QSize(_TRACK.width() + _GAP_PX + words, 28)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on, can = self.isChecked(), self.isEnabled()
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(0.5, top + 0.5, _TRACK.width() - 1, _TRACK.height() - 1)
        ground = "accent" if is_on and can else "sunken"
        edge = "text" if self.hasFocus() else "accent" if is_on and can else "outline"
        painter.setBrush(self._theme.color(ground))
        painter.setPen(QPen(self._theme.color(edge if can else "border"), 1))
        painter.drawRoundedRect(track, 8.5, 8.5)
        left = _TRACK.width() - 15 if is_on else 3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("on_accent" if is_on and can else "outline"))
        painter.drawEllipse(QRectF(left, top + 3, 12, 12))
        painter.setPen(self._theme.color("text" if can else "outline"))
        painter.setFont(self._theme.font(13))
        words = self.rect().adjusted(_TRACK.width() + _GAP_PX, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, "On" if is_on else "Off")
