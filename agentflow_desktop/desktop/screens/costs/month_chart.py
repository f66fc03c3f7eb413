"""A month against its limit: what was spent day by day, where that leads, and how far off."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QTransform

from agentflow_desktop.core.money import ZERO_USD, format_usd
from agentflow_desktop.desktop.screens.costs.chart_data import usd_mark, value_marks
from agentflow_desktop.desktop.screens.costs.figures import whole
from agentflow_desktop.desktop.screens.costs.plot import DeviceItem, LimitLine, Plot
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.forecast import MonthOutlook, OutlookDay

SIDE_LEFT_PX = 56
_ROOM_ABOVE = 1.22
_EVERY_DAYS = 7


class _OutlookItem(DeviceItem):
    """The line of what was, the dashed line of what is expected, and the spread around it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.outlook: MonthOutlook | None = None

    def draw(self, painter: QPainter, to_device: QTransform, room: QRectF) -> None:
        outlook = self.outlook
        if outlook is None:
            return
        past = [day for day in outlook.days if day.day <= outlook.today]
        ahead = [day for day in outlook.days if day.day >= outlook.today]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if outlook.forecast_usd is not None:
            self._draw_spread(painter, to_device, ahead)
            self._draw_line(painter, to_device, ahead, Qt.PenStyle.DashLine)
        self._draw_line(painter, to_device, past, Qt.PenStyle.SolidLine)
        self._draw_words(painter, to_device, room, past)

    def _draw_line(
        self, painter: QPainter, to_device: QTransform, days: Sequence[OutlookDay], style
    ) -> None:
        painter.setPen(QPen(self.theme.color("accent"), 2, style))
        painter.drawPolyline(QPolygonF([_point(to_device, d, d.until_usd) for d in days]))

    def _draw_spread(
        self, painter: QPainter, to_device: QTransform, days: Sequence[OutlookDay]
    ) -> None:
        upper = [_point(to_device, d, d.until_usd + d.spread_usd) for d in days]
        lower = [_point(to_device, d, max(d.until_usd - d.spread_usd, ZERO_USD)) for d in days]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent_soft"))
        painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))

    def _draw_words(
        self, painter: QPainter, to_device: QTransform, room: QRectF, past: Sequence[OutlookDay]
    ) -> None:
        outlook = self.outlook
        assert outlook is not None
        painter.setFont(self.theme.font(11, 600))
        painter.setPen(self.theme.color("accent"))
        if past:
            words = format_usd(outlook.spent_usd)
            place = _point(to_device, past[-1], past[-1].until_usd) + QPointF(6, 16)
            width = painter.fontMetrics().horizontalAdvance(words)
            place.setX(min(place.x(), room.right() - width - 2))
            limit_y = to_device.map(QPointF(0, float(outlook.limit_usd))).y()
            if limit_y - 4 < place.y() < limit_y + 16:
                place.setY(limit_y + 16)  # below the limit's line, not across it
            place.setY(min(place.y(), room.bottom() - 4))
            painter.drawText(place, words)
        if outlook.forecast_usd is not None:
            end = _point(to_device, outlook.days[-1], outlook.forecast_usd + outlook.spread_usd)
            words = f"forecast {whole(outlook.forecast_usd)} ± {whole(outlook.spread_usd)}"
            left = room.right() - painter.fontMetrics().horizontalAdvance(words) - 2
            painter.drawText(QPointF(left, max(end.y() - 6, room.top() + 11)), words)


def _point(to_device: QTransform, day: OutlookDay, usd) -> QPointF:
    return to_device.map(QPointF(day.day.day, float(usd)))


class MonthChart(Plot):
    """Days of the month to the right, dollars since its first day upwards."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, left_px=SIDE_LEFT_PX, name="The month against its limit")
        self._line = _OutlookItem(theme)
        self.addItem(self._line)

    def show_outlook(self, outlook: MonthOutlook, *, has_limit: bool) -> None:
        if outlook == self._line.outlook:
            return
        self._line.outlook = outlook
        end = max((day.until_usd + day.spread_usd for day in outlook.days), default=ZERO_USD)
        limit = outlook.limit_usd
        is_near = has_limit and (limit <= end * 4 or not end)
        marks = value_marks(float(max(end, limit) if is_near else end), about=3)
        count = len(outlook.days)
        times = [(day, str(day)) for day in range(1, count + 1, _EVERY_DAYS)]
        self.show_axes(
            [(value, usd_mark(value, marks[1])) for value in marks],
            times,
            (0.5, count + 0.5),
            room_above=_ROOM_ABOVE,
        )
        words = f"monthly limit {format_usd(limit)}"
        self.limits.lines = [LimitLine(float(limit), words, "danger")] if is_near else []
        self.setAccessibleDescription(outlook_words(outlook))
        self.scene().update()


def outlook_words(outlook: MonthOutlook) -> str:
    """The chart as a sentence."""
    words = f"{format_usd(outlook.spent_usd)} of {format_usd(outlook.limit_usd)} are spent"
    if outlook.forecast_usd is None:
        return f"{words}."
    forecast = f"{format_usd(outlook.forecast_usd)} give or take {format_usd(outlook.spread_usd)}"
    return f"{words}; the forecast is {forecast}."
