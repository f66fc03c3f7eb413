"""A thin bar: a part that is done or spent, and a second, grey part that is held."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentflow_desktop.desktop.theme import Theme


class Meter(QWidget):
    """Shares are from 0 to 1. Without a known share a stretch in the middle stands for work."""

    def __init__(self, theme: Theme, width_px: int = 88, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width_px = width_px
        self._share: float | None = 0.0
        self._held = 0.0
        self._tone = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_share(self, share: float | None, held: float = 0.0, tone: str = "accent") -> None:
        self._share = None if share is None else min(max(share, 0.0), 1.0)
        self._held = min(max(held, 0.0), 1.0)
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._width_px, 4)

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        self._bar(painter, 0, 1, "border")
        if self._share is None:
            self._bar(painter, 0.35, 0.65, self._tone)
            return
        if self._held:
            self._bar(painter, 0, min(1.0, self._share + self._held), "outline")
        self._bar(painter, 0, self._share, self._tone)

    def _bar(self, painter: QPainter, start: float, end: float, color: str) -> None:
        width = (end - start) * self.width()
        if width > 0:
            painter.setBrush(self._theme.color(color))
            painter.drawRoundedRect(QRectF(start * self.width(), 0, width, self.height()), 2, 2)
