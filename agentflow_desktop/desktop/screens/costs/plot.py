"""A chart's ground: axes of fixed width, a few lines at round values, lines that mean a limit.

Everything is drawn in whole pixels of the device rather than in the chart's own units, so that
edges are sharp without antialiasing. Imported with pyqtgraph, when the screen is first shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from agentflow_desktop.desktop.theme import Theme

_LABEL_GAP_PX = 8
_AXIS_BELOW_PX = 26
_EDGE_PX = 16


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A value that means something, with its words above the line."""

    value: float
    words: str
    tone: str
    is_dashed: bool = False


class DeviceItem(pg.GraphicsObject):
    """An item that fills the chart and draws itself in pixels."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self.viewRect() or QRectF()

    def viewTransformChanged(self) -> None:  # noqa: N802
        super().viewTransformChanged()
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, option, widget=None) -> None:
        to_device = QTransform(painter.worldTransform())
        room = to_device.mapRect(self.boundingRect())
        painter.save()
        painter.resetTransform()
        self.draw(painter, to_device, room)
        painter.restore()

    def draw(self, painter: QPainter, to_device: QTransform, room: QRectF) -> None:
        """Draw within ``room``, which is the chart's inside in pixels; what that is, each kind of
        item says."""


class GroundItem(DeviceItem):
    """Lines at the marked values, a band behind the period that is pointed at, and limits."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setZValue(-10)
        self.marks: Sequence[float] = ()
        self.band: int | None = None

    def draw(self, painter: QPainter, to_device: QTransform, room: QRectF) -> None:
        if self.band is not None:
            place = to_device.mapRect(QRectF(self.band - 0.5, 0, 1, 1))
            band = QRectF(round(place.left()), room.top(), round(place.width()), room.height())
            painter.fillRect(band, self.theme.color("accent_soft"))
        for value in self.marks:
            y = round(to_device.map(QPointF(0, value)).y())
            painter.setPen(self.theme.color("grid" if value else "border"))
            painter.drawLine(round(room.left()), y, round(room.right()), y)


@dataclass(frozen=True, slots=True)
class Remark:
    """Words that end over a place in the chart."""

    index: int
    value: float
    words: str
    tone: str


class LimitsItem(DeviceItem):
    """Limits and a remark over the bars; a line at ``parted_at`` parts what was from what is
    expected."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setZValue(10)
        self.lines: Sequence[LimitLine] = ()
        self.parted_at: float | None = None
        self.parted_words = ""
        self.remark: Remark | None = None

    def draw(self, painter: QPainter, to_device: QTransform, room: QRectF) -> None:
        painter.setFont(self.theme.font(11, 600))
        left, right = round(room.left()), round(room.right())
        for line in self.lines:
            y = round(to_device.map(QPointF(0, line.value)).y())
            pen = QPen(self.theme.color(line.tone), 1)
            if line.is_dashed:
                pen.setDashPattern([5, 2])
            painter.setPen(pen)
            painter.drawLine(left, y, right, y)
            self._draw_words(painter, QPointF(left + _LABEL_GAP_PX, y - 6), line.words)
        if self.parted_at is not None:
            x = round(to_device.map(QPointF(self.parted_at, 0)).x())
            painter.setPen(QPen(self.theme.color("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(x, round(room.top()), x, round(room.bottom()))
            painter.setFont(self.theme.font(11))
            painter.setPen(self.theme.color("muted"))
            painter.drawText(QPointF(x + _LABEL_GAP_PX, room.top() + 11), self.parted_words)
        if self.remark is not None:
            self._draw_remark(painter, to_device, room, self.remark)

    def _draw_remark(
        self, painter: QPainter, to_device: QTransform, room: QRectF, remark: Remark
    ) -> None:
        painter.setFont(self.theme.font(11, 600))
        painter.setPen(self.theme.color(remark.tone))
        place = to_device.map(QPointF(remark.index + 0.4, remark.value))
        width = painter.fontMetrics().horizontalAdvance(remark.words)
        left = min(place.x(), room.right()) - width
        self._draw_words(painter, QPointF(max(left, room.left()), place.y() - 8), remark.words)

    def _draw_words(self, painter: QPainter, place: QPointF, words: str) -> None:
        """On a ground of their own, so that they are read over bars and lines, too."""
        taken = painter.fontMetrics().tightBoundingRect(words).adjusted(-3, -2, 3, 2)
        painter.fillRect(taken.translated(place.toPoint()), self.theme.color("surface"))
        painter.drawText(place, words)


class Plot(pg.PlotWidget):
    """A chart that a person looks at, without dragging or zooming. ``left_px`` is the width of the
    axis, the same for charts below each other."""

    def __init__(self, theme: Theme, *, left_px: int, name: str) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName(name)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(0, 0)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.view: Any = self.getViewBox()
        self.view.disableAutoRange()
        for side, size in (("left", left_px), ("bottom", _AXIS_BELOW_PX)):
            axis = self.getAxis(side)
            axis.setStyle(tickLength=0, tickTextOffset=8, hideOverlappingLabels=False)
            (axis.setWidth if side == "left" else axis.setHeight)(size)
        cast(Any, self.plotItem).layout.setContentsMargins(0, 0, _EDGE_PX, 0)
        self.ground, self.limits = GroundItem(theme), LimitsItem(theme)
        self.addItem(self.ground)
        self.addItem(self.limits)
        theme.changed.connect(self.restyle)
        self.restyle()

    def wheelEvent(self, ev) -> None:  # noqa: N802
        ev.ignore()  # the pane around it may scroll

    def restyle(self) -> None:
        """Take the colours of the look."""
        self.setBackground(self.theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(self.theme.color("muted"))
            axis.setTickFont(self.theme.font(11))
        self.scene().update()

    def show_axes(
        self,
        values: Sequence[tuple[float, str]],
        times: Sequence[tuple[float, str]],
        x_range: tuple[float, float],
        *,
        room_above: float = 1.0,
    ) -> None:
        """Mark the axes; the highest value stands below ``room_above`` times its height."""
        self.ground.marks = [value for value, _ in values]
        self.getAxis("left").setTicks([list(values)])
        self.getAxis("bottom").setTicks([list(times)])
        top = max(self.ground.marks, default=1.0) or 1.0
        self.view.setRange(xRange=x_range, yRange=(0, top * room_above), padding=0)
