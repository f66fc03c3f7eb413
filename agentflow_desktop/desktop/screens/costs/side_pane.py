"""Beside the spend: the month against its limit, and what kept results did."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.formatting import (
    format_age,
    format_bytes,
    format_count,
    format_duration,
    plural,
)
from agentflow_desktop.desktop.screens.costs.cache_chart import USE_TONES, CacheChart
from agentflow_desktop.desktop.screens.costs.figures import cents, month_name
from agentflow_desktop.desktop.screens.costs.legend import Legend, LegendEntry
from agentflow_desktop.desktop.screens.costs.month_chart import MonthChart
from agentflow_desktop.desktop.screens.costs.view_model import Figures
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, Hairline, column, pane_header
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.cache import uses_by

_FACTS = ("Saved", "Size, oldest entry", "Found too old")
_FACT_PX = 22


class SidePane(Ground):
    """``manage_asked`` wants the list of kept results."""

    manage_asked = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._clock = clock
        self.month, self.cache = MonthChart(theme), CacheChart(theme)
        self.manage = QPushButton("Manage")
        self._month_title = TextLabel(theme, weight=600)
        self._counts = ElidingLabel(theme, size_px=12, color="muted")
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
        self._counts.setText(
            f"{format_count(hits)} {plural(hits, 'hit')}, {format_count(misses)}"
            f" {'miss' if misses == 1 else 'misses'}"
        )
        stale = sum(use.stale for use in uses)
        kinds = USE_TONES if stale else USE_TONES[:2]
        self._legend.show_entries([LegendEntry(word, tone) for word, tone in kinds])
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

    def _lay_out(self, theme: Theme) -> None:
        upper, upper_line = pane_header(theme)
        upper_line.addWidget(self._month_title, 1)
        lower, lower_line = pane_header(theme)
        lower_line.addWidget(TextLabel(theme, "Cache", weight=600))
        lower_line.addWidget(self._counts)
        lower_line.addWidget(self._legend, 1)
        self.manage.setProperty("kind", "quiet")
        self.manage.setAccessibleDescription("List the kept results, to remove some of them")
        lower_line.addWidget(self.manage)
        facts = QGridLayout()
        facts.setContentsMargins(EDGE_PX, 5, EDGE_PX, 5)
        facts.setVerticalSpacing(0)
        for number, (words, value) in enumerate(self._facts.items()):
            facts.setRowMinimumHeight(number, _FACT_PX)
            facts.addWidget(TextLabel(theme, words, size_px=12, color="muted"), number, 0)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            facts.addWidget(value, number, 1)
        facts.setColumnStretch(0, 1)
        body = column(self)
        body.addWidget(upper)
        body.addWidget(self.month, 5)
        body.addWidget(Hairline(theme))
        body.addWidget(lower)
        body.addWidget(self.cache, 4)
        body.addWidget(Hairline(theme))
        body.addLayout(facts)
