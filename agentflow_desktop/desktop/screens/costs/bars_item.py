"""Stacked bars as one item, painted into a picture that is kept until a size, a number or the look
changes: pointing at a bar, or a curve over them, costs one copy of that picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPixmap, QTransform

from agentflow_desktop.desktop.screens.costs.plot import DeviceItem
from agentflow_desktop.desktop.theme import Theme

BAR_WIDTH = 0.68
_GAP_FROM_PX = 4


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of the bar at ``index``, in the chart's units."""

    index: int
    bottom: float
    top: float


class BarsItem(DeviceItem):
    """``show_bars`` takes pieces by colour token, and hatched pieces by that of their lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._solid: dict[str, np.ndarray] = {}
        self._hatched: dict[str, Sequence[BarPart]] = {}
        self._picture = QPixmap()
        self._made_for: tuple[object, ...] = ()

    def show_bars(
        self,
        solid: Mapping[str, Sequence[BarPart]],
        hatched: Mapping[str, Sequence[BarPart]],
    ) -> None:
        self._solid = {
            tone: np.array([(p.index, p.bottom, p.top) for p in parts], dtype=float)
            for tone, parts in solid.items()
            if parts
        }
        self._hatched = dict(hatched)
        self._made_for = ()
        self.update()

    def draw(self, painter: QPainter, to_device: QTransform, room: QRectF) -> None:
        place = room.toAlignedRect()
        ratio = painter.device().devicePixelRatioF()
        wanted = (QTransform(to_device), place, ratio, self.theme.tokens)
        if self._made_for != wanted:
            self._made_for = wanted
            self._picture = QPixmap(place.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            within = QPainter(self._picture)
            within.translate(-place.topLeft())
            self._paint_bars(within, to_device)
            within.end()
        painter.drawPixmap(place.topLeft(), self._picture)

    def _paint_bars(self, painter: QPainter, to_device: QTransform) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for tone, parts in self._solid.items():
            painter.setBrush(self.theme.color(tone))
            cast(Any, painter).drawRects(*_in_pixels(parts, to_device).drawargs())
        for tone, parts in self._hatched.items():
            painter.setPen(self.theme.color(tone))
            painter.setBrush(QBrush(self.theme.color(tone), Qt.BrushStyle.BDiagPattern))
            for part in parts:
                painter.drawRect(_hatched_rect(part, to_device))


def _in_pixels(parts: np.ndarray, to_device: QTransform) -> PrimitiveArray:
    """The rectangles as Qt reads them: whole pixels, so that stacked pieces meet exactly."""
    index, bottom, top = parts.T
    left, right = _edges(index, to_device)
    lower = np.rint(bottom * to_device.m22() + to_device.dy())
    upper = np.rint(top * to_device.m22() + to_device.dy())
    pixels = PrimitiveArray(QRectF, 4)
    pixels.resize(len(parts))
    pixels.ndarray()[:] = np.column_stack((left, upper, right - left, lower - upper))
    return pixels


def _edges(index: np.ndarray, to_device: QTransform) -> tuple[np.ndarray, np.ndarray]:
    """Left and right of bars. Where periods are narrow, bars leave at most a pixel between."""
    width = BAR_WIDTH if to_device.m11() >= _GAP_FROM_PX else 1.0
    left = np.rint((index - width / 2) * to_device.m11() + to_device.dx())
    right = np.rint((index + width / 2) * to_device.m11() + to_device.dx())
    return left, np.maximum(right, left + 1)


def _hatched_rect(part: BarPart, to_device: QTransform) -> QRectF:
    left, right = _edges(np.array([part.index]), to_device)
    lower = round(part.bottom * to_device.m22() + to_device.dy())
    upper = round(part.top * to_device.m22() + to_device.dy())
    return QRectF(left[0], upper, right[0] - left[0] - 1, lower - upper)
