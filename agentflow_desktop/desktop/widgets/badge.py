"""A badge: an icon and a word on a soft ground, never colour alone."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentflow_desktop.desktop.formatting import as_plain_tip
from agentflow_desktop.desktop.theme import Theme

_HEIGHT_PX = 18
_ICON_PX = 12
_PADDING_PX = 6
_GAP_PX = 4


class Badge(QWidget):
    """``tone`` is accent, success, warning, danger, info or neutral."""

    def __init__(
        self, theme: Theme, text: str, tone: str, icon: str = "", *, tip: str = ""
    ) -> None:
        super().__init__()
        self._theme = theme
        self._text, self._tone, self._icon = text, tone, icon
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setToolTip(as_plain_tip(tip))
        theme.changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        return self._text

    def set_content(self, text: str, tone: str, icon: str = "", *, tip: str = "") -> None:
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.setToolTip(as_plain_tip(tip))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return badge_size(self._theme, self._text, self._icon)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(min(self.sizeHint().width(), 40), _HEIGHT_PX)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        paint_badge(painter, self._theme, self.rect(), self._text, self._tone, icon=self._icon)


def badge_size(theme: Theme, text: str, icon: str = "") -> QSize:
    """The room that the badge takes."""
    from_text = QFontMetrics(theme.font(11, 600)).horizontalAdvance(text) + 1
    from_icon = _ICON_PX + _GAP_PX if icon else 0
    return QSize(from_text + from_icon + 2 * _PADDING_PX, _HEIGHT_PX)


def paint_badge(
    painter: QPainter, theme: Theme, rect: QRect, text: str, tone: str, *, icon: str = ""
) -> None:
    """Draw a badge, for widgets and for rows of a list alike."""
    is_neutral = tone == "neutral"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("neutral" if is_neutral else f"{tone}_soft"))
    painter.drawRoundedRect(rect, 4, 4)
    ink = "text" if is_neutral else tone
    left = rect.left() + _PADDING_PX
    if icon:
        top = rect.top() + (rect.height() - _ICON_PX) // 2
        theme.paint_icon(painter, QRect(left, top, _ICON_PX, _ICON_PX), icon, ink)
        left += _ICON_PX + _GAP_PX
    painter.setFont(theme.font(11, 600))
    painter.setPen(theme.color(ink))
    room = QRect(left, rect.top(), rect.right() - _PADDING_PX - left + 2, rect.height())
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()
