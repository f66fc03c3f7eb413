"""Spend by period, stacked by model, with the budget's lines, what is held and what is expected."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.desktop.screens.costs.bars_item import BarPart, BarsItem
from agentflow_desktop.desktop.screens.costs.chart_data import (
    OTHERS,
    SpendData,
    Stack,
    period_words,
    time_marks,
    usd_mark,
    value_marks,
)
from agentflow_desktop.desktop.screens.costs.figures import cents
from agentflow_desktop.desktop.screens.costs.plot import LimitLine, Plot, Remark
from agentflow_desktop.desktop.screens.costs.readout import Readout, ReadoutLine
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.costs import CostGroup

_LEFT_PX = 56
_ROOM_ABOVE = 1.125


def series_tone(number: int) -> str:
    """The token of a series; what is not told apart is grey."""
    return "outline" if number == OTHERS else f"series_{number + 1}"


class SpendChart(Plot):
    """Arrow keys move the period that is pointed at, as the mouse does."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, left_px=_LEFT_PX, name="Spend over time")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._shown: SpendData | None = None
        self.bars = BarsItem(theme)
        self.addItem(self.bars)
        self.readout = Readout(theme, self)

    def show_spend(self, spend: SpendData) -> None:
        """Draw other numbers; what is pointed at stays so."""
        if spend == self._shown:
            return
        self._shown = spend
        self.bars.show_bars(*_parts(spend.stacks))
        self._show_scale(spend)
        self._show_limits(spend)
        self.setAccessibleDescription(_description(spend))
        band = self.ground.band
        self.point_at(band if band is not None and band < len(spend.stacks) else None)
        self.scene().update()

    def point_at(self, index: int | None) -> None:
        """Tell the values of one period, or of none."""
        spend = self._shown
        self.ground.band = index
        self.ground.update()
        if index is None or spend is None:
            self.readout.hide()
            return
        stack = spend.stacks[index]
        lines = _readout(spend, stack)
        corner = self._to_pixels(index, float(spend.top_usd))
        span = self._to_pixels(index + 1, 0).x() - corner.x()
        self.readout.show_at(corner, lines, span_px=span)

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(ev)
        inside = self.view.sceneBoundingRect().contains(ev.position())
        self.point_at(self._index_at(ev.position()) if inside else None)

    def leaveEvent(self, ev) -> None:  # noqa: N802
        super().leaveEvent(ev)
        self.point_at(None)

    def keyPressEvent(self, ev: QKeyEvent) -> None:  # noqa: N802
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(ev.key()))
        if step is None or self._shown is None:
            super().keyPressEvent(ev)
            return
        last = len(self._shown.stacks) - 1
        band = self.ground.band
        start = (self._shown.today_index or 0) - step if band is None else band
        self.point_at(min(max(start + step, 0), last))

    def focusOutEvent(self, event) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.point_at(None)

    def _index_at(self, place: QPointF) -> int | None:
        if self._shown is None:
            return None
        index = round(self.view.mapSceneToView(place).x())
        return index if 0 <= index < len(self._shown.stacks) else None

    def _to_pixels(self, x: float, y: float) -> QPoint:
        return self.mapFromScene(self.view.mapViewToScene(QPointF(x, y)))

    def _show_scale(self, spend: SpendData) -> None:
        marks = value_marks(float(spend.top_usd))
        starts = [stack.start for stack in spend.stacks]
        self.show_axes(
            [(value, usd_mark(value, marks[1])) for value in marks],
            time_marks(starts, spend.step, spend.today_index),
            (-0.75, len(starts) - 0.25),
            room_above=_ROOM_ABOVE,
        )

    def _show_limits(self, spend: SpendData) -> None:
        top = float(spend.top_usd)
        period = "monthly" if spend.step is CostGroup.MONTH else "daily"
        lines: list[LimitLine] = []
        if spend.limit_usd is not None and float(spend.limit_usd) <= top:
            words = f"{period} limit {format_usd(spend.limit_usd)}"
            lines.append(LimitLine(float(spend.limit_usd), words, "danger"))
            if spend.warn_usd is not None and spend.warn_usd < spend.limit_usd:
                share = round(spend.warn_usd / spend.limit_usd * 100)
                words = f"warn at {share} %"
                lines.append(LimitLine(float(spend.warn_usd), words, "warning", is_dashed=True))
        self.limits.lines = lines
        ahead = any(stack.is_forecast for stack in spend.stacks)
        today = spend.today_index
        self.limits.parted_at = today + 0.5 if ahead and today is not None else None
        self.limits.parted_words = "forecast"
        self.limits.remark = _remark(spend)


def _parts(
    stacks: Sequence[Stack],
) -> tuple[dict[str, list[BarPart]], dict[str, list[BarPart]]]:
    """Pieces by the tone of their series, and hatched ones by the tone of their lines."""
    solid: dict[str, list[BarPart]] = {}
    hatched: dict[str, list[BarPart]] = {}
    for index, stack in enumerate(stacks):
        bottom = 0.0
        for number, usd in stack.parts:
            top = bottom + float(usd)
            solid.setdefault(series_tone(number), []).append(BarPart(index, bottom, top))
            bottom = top
        if stack.open_usd:
            tone = "danger" if stack.is_over else "muted"
            top = bottom + float(stack.open_usd)
            hatched.setdefault(tone, []).append(BarPart(index, bottom, top))
    return solid, hatched


def _remark(spend: SpendData) -> Remark | None:
    """What the red bars mean, over the last and above the highest of them."""
    over = [index for index, stack in enumerate(spend.stacks) if stack.is_over]
    if not over:
        return None
    top = max(spend.stacks[index].spent_usd + spend.stacks[index].open_usd for index in over)
    return Remark(over[-1], float(top), "over the month's limit", "danger")


def _readout(spend: SpendData, stack: Stack) -> Sequence[ReadoutLine]:
    lines = [ReadoutLine(period_words(stack.start, spend.step), cents(stack.spent_usd))]
    for number, usd in reversed(stack.parts):
        lines.append(ReadoutLine(spend.names[number], cents(usd), series_tone(number)))
    if stack.open_usd:
        words = "forecast" if stack.is_forecast else "held or expected yet"
        if stack.is_over:
            words = "forecast, over the month's limit"
        lines.append(ReadoutLine(words, cents(stack.open_usd)))
    return lines


def _description(spend: SpendData) -> str:
    dearest = max(spend.stacks, key=lambda stack: stack.spent_usd, default=None)
    if dearest is None or not dearest.spent_usd:
        return "Nothing was spent in this range."
    words = period_words(dearest.start, spend.step)
    return f"{len(spend.stacks)} bars; the highest is {words}: {format_usd(dearest.spent_usd)}."
