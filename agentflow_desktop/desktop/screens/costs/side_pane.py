"""Beside the spend: the month against its limit, and what kept results did."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.formatting import (
    format_age,
    format_bytes,
    format_count,
    format_duration,
)
from agentflow_desktop.desktop.screens.costs.cache_chart import USE_TONES, CacheChart
from agentflow_desktop.desktop.screens.costs.figures import cents, month_name
from agentflow_desktop.desktop.screens.costs.legend import Legend, LegendEntry
from agentflow_desktop.desktop.screens.costs.month_chart import MonthChart
from agentflow_desktop.desktop.screens.costs.state import Figures
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, Hairline, column, pane_header
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.cache import uses_by

_FACTS = ("Saved", "Size, oldest entry", "Found too old")
_FACT_PX = 22
_ANY_PX = 16_777_215


class SidePane(Ground):
    """``manage_asked`` wants the list of kept results, ``change_asked`` the limits."""

    manage_asked = Signal()
    change_asked = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._clock = clock
        self.month, self.cache = MonthChart(theme), CacheChart(theme)
        self.manage, self.change = QPushButton("Manage"), QPushButton("Change")
        self.change.setAccessibleName("Change limits")
        self.change.clicked.connect(self.change_asked)
        self._month_title = TextLabel(theme, weight=600)
        self._legend = Legend(theme)
        self._facts = {words: ElidingLabel(theme, size_px=12, weight=600) for words in _FACTS}
        self.manage.clicked.connect(self.manage_asked)
        self._lay_out(theme)

    def show_figures(self, figures: Figures, starts: Sequence[date], limits: CostSettings) -> None:
        """``starts`` are the periods of the range, as the spend chart shows them."""
        outlook = figures.outlook
        name = month_name(outlook.month.first, outlook.today)
        words = f"{name} against its limit" if limits.enabled else f"{name} so far"
        self._month_title.setText(words)
        self.month.show_outlook(outlook, has_limit=limits.enabled)
        self.cache.show_uses(starts, uses_by(figures.uses, figures.step), figures.step)
        self._show_counts(figures)

    def _show_counts(self, figures: Figures) -> None:
        uses, cache = figures.uses, figures.cache
        hits, misses = sum(use.hits for use in uses), sum(use.misses for use in uses)
        stale = sum(use.stale for use in uses)
        words = ("hits", "misses", "too old")
        counts = zip((hits, misses, stale), words, USE_TONES, strict=True)
        self._legend.show_entries(
            [
                LegendEntry(f"{format_count(count)} {word}", tone)
                for count, word, (_, tone) in counts
                if count or word != "too old"
            ]
        )
        saved_usd = sum((use.saved_usd for use in uses), ZERO_USD)
        saved_s = sum(use.saved_s for use in uses)
        saved = cents(saved_usd)
        self._facts["Saved"].setText(
            f"{saved} and {format_duration(saved_s)}" if saved_s else saved
        )
        size = format_bytes(cache.byte_count)
        if cache.oldest_at is not None:
            size = f"{size}, {format_age(cache.oldest_at, self._clock.now())}"
        self._facts["Size, oldest entry"].setText(size if cache.entries else "nothing is kept")
        run_anew = "1 run anew" if stale == 1 else f"{format_count(stale)} run anew"
        self._facts["Found too old"].setText(run_anew if stale else "none")

    def add_switch(self, switch: QWidget) -> None:
        """Take the switch between the charts into the header, where the pane has all the room."""
        self._upper_line.addWidget(switch)

    def set_wide(self, is_wide: bool) -> None:
        """Side by side where the pane has all the width, else one below the other."""
        direction = QBoxLayout.Direction
        self._halves.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
        self._parting.setMaximumSize(*((1, _ANY_PX) if is_wide else (_ANY_PX, 1)))
        self._parting.setMinimumSize(1, 1)

    def _lay_out(self, theme: Theme) -> None:
        upper, self._upper_line = pane_header(theme)
        self._upper_line.addWidget(self._month_title, 1)
        self.change.setProperty("kind", "quiet")
        self._upper_line.addWidget(self.change)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(0)
        month = column()
        month.addWidget(upper)
        month.addWidget(self.month, 1)
        self._halves.addLayout(month, 5)
        self._parting = Ground(theme, "border")
        self._halves.addWidget(self._parting)
        self._halves.addLayout(self._cache_half(theme), 6)

    def _cache_half(self, theme: Theme) -> QVBoxLayout:
        lower, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Cache", weight=600))
        line.addWidget(self._legend, 1)
        self.manage.setProperty("kind", "quiet")
        self.manage.setAccessibleDescription("List the kept results, to remove some of them")
        line.addWidget(self.manage)
        facts = QGridLayout()
        facts.setContentsMargins(EDGE_PX, 5, EDGE_PX, 5)
        facts.setVerticalSpacing(0)
        for number, (words, value) in enumerate(self._facts.items()):
            facts.setRowMinimumHeight(number, _FACT_PX)
            facts.addWidget(TextLabel(theme, words, size_px=12, color="muted"), number, 0)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            facts.addWidget(value, number, 1)
        facts.setColumnStretch(0, 1)
        half = column()
        half.addWidget(lower)
        half.addWidget(self.cache, 1)
        half.addWidget(Hairline(theme))
        half.addLayout(facts)
        return half
