"""How questions fared at the cache over time: found, not found, found too old."""

from collections.abc import Sequence
from datetime import date

from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.costs.bars_item import BarPart, BarsItem
from agentflow_desktop.desktop.screens.costs.chart_data import time_marks, value_marks
from agentflow_desktop.desktop.screens.costs.month_chart import SIDE_LEFT_PX
from agentflow_desktop.desktop.screens.costs.plot import Plot
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.cache import CacheUse
from agentflow_desktop.llm.costs import CostGroup

USE_TONES = (("hit", "success"), ("miss", "outline"), ("too old", "warning"))
_MOST_MARKS = 4


class CacheChart(Plot):
    """Counts upwards, periods to the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, left_px=SIDE_LEFT_PX, name="Kept results over time")
        self._shown: tuple[object, ...] = ()
        self.bars = BarsItem(theme)
        self.addItem(self.bars)

    def show_uses(self, starts: Sequence[date], uses: Sequence[CacheUse], step: CostGroup) -> None:
        """``uses`` are summed by the step; a period without one stays empty."""
        shown = (tuple(starts), tuple(uses), step)
        if shown == self._shown:
            return
        self._shown = shown
        places = {start: index for index, start in enumerate(starts)}
        solid: dict[str, list[BarPart]] = {tone: [] for _, tone in USE_TONES}
        highest = 0
        for use in uses:
            bottom = 0
            for (_, tone), count in zip(USE_TONES, (use.hits, use.misses, use.stale), strict=True):
                if count:
                    solid[tone].append(BarPart(places[use.day], bottom, bottom + count))
                bottom += count
            highest = max(highest, bottom)
        self.bars.show_bars(solid, {})
        marks = [value for value in value_marks(float(highest), about=3) if value == round(value)]
        self.show_axes(
            [(value, format_count(round(value))) for value in marks],
            time_marks(starts, step, None, _MOST_MARKS),
            (-0.75, len(starts) - 0.25),
            room_above=1.05,
        )
        self.setAccessibleDescription(_description(uses))
        self.scene().update()


def _description(uses: Sequence[CacheUse]) -> str:
    hits, misses = sum(use.hits for use in uses), sum(use.misses for use in uses)
    stale = sum(use.stale for use in uses)
    return f"{hits:,} hits, {misses:,} misses, {stale:,} found too old."
