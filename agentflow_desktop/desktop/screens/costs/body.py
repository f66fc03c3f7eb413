"""What stands below the header: strip, tiles, charts, table. Imports pyqtgraph, so it is imported
and built when the screen is first shown."""

from decimal import Decimal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QWidget

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.screens.costs.chart_data import SpendData, spend_data
from agentflow_desktop.desktop.screens.costs.figures import banner_words, tiles
from agentflow_desktop.desktop.screens.costs.kept_results import KeptResultsPane
from agentflow_desktop.desktop.screens.costs.legend import Legend, LegendEntry
from agentflow_desktop.desktop.screens.costs.limits_strip import LimitsEditor, LimitStrip
from agentflow_desktop.desktop.screens.costs.side_pane import SidePane
from agentflow_desktop.desktop.screens.costs.spend_chart import SpendChart, series_tone
from agentflow_desktop.desktop.screens.costs.spend_table import GROUP_WORDS, GROUPS, SpendTable
from agentflow_desktop.desktop.screens.costs.state import Figures, State
from agentflow_desktop.desktop.screens.costs.tiles import TileStrip
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column, pane_header
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.desktop.window_memory import WindowMemory
from agentflow_desktop.llm.costs import CostGroup

NARROW_BELOW_PX = 1_280
_SIDE_PX = 390
_PNG_SCALE = 2
_TABLE_LEAST_PX = 180  # header, column heads, three rows and their sum
_NOTHING_YET = (
    "Nothing has been spent yet. Ask something in Tasks: what each call costs appears here, with "
    "the month's forecast and what kept results save."
)


class CostsBody(Ground):
    """Renders the view-model's State; the screen connects its parts to the view-model."""

    group_chosen = Signal(object)
    table_csv_asked = Signal()

    def __init__(self, theme: Theme, clock: Clock, memory: WindowMemory) -> None:
        super().__init__(theme)
        self._theme = theme
        self._is_narrow: bool | None = None
        self._limits = CostSettings()
        self.problem, self.notice = Banner(theme), Banner(theme)
        self.strip, self.editor = LimitStrip(theme), LimitsEditor(theme)
        self.tiles = TileStrip(theme)
        self.chart, self.legend = SpendChart(theme), Legend(theme)
        self.side = SidePane(theme, clock)
        self.table, self.kept = SpendTable(theme), KeptResultsPane(theme, clock)
        self.groups = Segmented(theme, GROUP_WORDS, "What the table sums by")
        self.views = Segmented(theme, ("Spend", "Month and cache"), "Which charts are shown")
        self.nothing_yet = TextLabel(theme, _NOTHING_YET, color="muted", wraps=True)
        self._title = TextLabel(theme, weight=600)
        self._csv = QPushButton("CSV")
        self._charts = QSplitter(Qt.Orientation.Horizontal)
        self._centre, self._pane = QStackedWidget(), Ground(theme)
        self._lower = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._lay_out(theme)
        memory.follow_splitter("costs", self._split)
        self.groups.chosen.connect(lambda index: self.group_chosen.emit(GROUPS[index]))
        self._csv.clicked.connect(self.table_csv_asked)
        self.views.chosen.connect(self._show_view)
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: State, *, can_keep_limits: bool) -> None:
        """Draw the state. Parts whose numbers did not change do nothing."""
        problem = state.problem
        if problem is None:
            self.problem.hide()
        else:
            self.problem.show_message("danger", problem.message, problem.hint, "Try again")
        if state.notice:
            self.notice.show_message("info", state.notice, action="Close")
        else:
            self.notice.hide()
        self.editor.show_draft(state.draft, state.draft_problem, can_keep=can_keep_limits)
        is_told = not state.is_banner_closed and state.draft is None
        self.strip.show_words(banner_words(state) if is_told else None)
        figures = state.figures
        self._split.setVisible(figures is not None and not figures.is_empty)
        self.nothing_yet.setVisible(figures is not None and figures.is_empty)
        self.tiles.setVisible(figures is not None)
        if figures is not None:
            self._render_figures(state, figures)
        self._lower.setCurrentIndex(1 if state.entries is not None else 0)
        if state.entries is not None:
            self.kept.render_state(state)

    def chart_png(self) -> bytes:
        """The spend chart with its title and names, as it looks now, at twice its size."""
        pane = self._pane
        picture = QPixmap(pane.size() * _PNG_SCALE)
        picture.setDevicePixelRatio(_PNG_SCALE)
        pane.render(picture)
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(buffer, "PNG")
        return bytes(content.data())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._set_narrow(self.window().width() < NARROW_BELOW_PX)

    def _render_figures(self, state: State, figures: Figures) -> None:
        limits = state.limits
        self.tiles.show_tiles(tiles(figures, limits))
        spend = spend_data(
            figures.days, figures.step, figures.bars, state.series,
            outlook=figures.outlook, limits=_lines(limits, figures.step),
        )  # fmt: skip
        self._title.setText(f"Spend by {figures.step.value} and model")
        self.chart.show_spend(spend)
        self.legend.show_entries(_entries(spend))
        self.side.show_figures(figures, [stack.start for stack in spend.stacks], limits)
        self.groups.set_index(GROUPS.index(state.group))
        self.table.show_figures(figures, state.group, state.series)

    def _set_narrow(self, is_narrow: bool) -> None:
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        self.views.setVisible(is_narrow)
        self.side.set_wide(is_narrow)
        self._show_view(0)
        if is_narrow:
            self._centre.addWidget(self.side)
        else:
            self._charts.addWidget(self.side)
            self.side.show()
            self._charts.setStretchFactor(0, 1)
            self._charts.setStretchFactor(1, 0)
            self._charts.setSizes([max(1, self.width() - _SIDE_PX), _SIDE_PX])

    def _show_view(self, index: int) -> None:
        """Show the spend or what else there is; the switch goes with it."""
        self._centre.setCurrentIndex(index)
        self.views.set_index(index)
        if index:
            self.side.add_switch(self.views)
        else:
            self._chart_line.addWidget(self.views)

    def _restyle(self) -> None:
        self._csv.setIcon(self._theme.icon("download-simple"))

    def _lay_out(self, theme: Theme) -> None:
        self._fill_pane(theme)
        self._centre.addWidget(self._pane)
        self._charts.addWidget(self._centre)
        self._lower.addWidget(self._table_pane(theme))
        self._lower.addWidget(self.kept)
        for splitter, parts in ((self._charts, ()), (self._split, (self._charts, self._lower))):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in parts:
                splitter.addWidget(part)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes([424, 250])
        self.nothing_yet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing_yet.setContentsMargins(64, 0, 64, 0)
        body = column(self)
        for part in (self.problem, self.notice, self.strip, self.editor, self.tiles):
            body.addWidget(part)
        body.addWidget(self.nothing_yet, 1)
        body.addWidget(self._split, 1)
        body.addStretch(0)

    def _fill_pane(self, theme: Theme) -> None:
        header, self._chart_line = pane_header(theme)
        self._chart_line.addWidget(self._title)
        self._chart_line.addWidget(self.legend, 1)
        whole = column(self._pane)
        whole.addWidget(header)
        whole.addWidget(self.chart, 1)
        self._pane.setMinimumSize(QSize(320, 150))

    def _table_pane(self, theme: Theme) -> QWidget:
        pane = Ground(theme)
        header, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Where it went", weight=600), 1)
        line.addWidget(self.groups)
        self._csv.setProperty("kind", "quiet")
        self._csv.setToolTip("Write this table as CSV, with exact values")
        line.addWidget(self._csv)
        whole = column(pane)
        whole.addWidget(header)
        whole.addWidget(self.table, 1)
        pane.setMinimumHeight(_TABLE_LEAST_PX)
        return pane


def _lines(limits: CostSettings, step: CostGroup):
    """The limit of a bar's period and its warning; none for weeks, which have no limit."""
    by_step = {CostGroup.DAY: limits.daily_limit, CostGroup.MONTH: limits.monthly_limit}
    limit_usd = by_step.get(step) if limits.enabled else None
    if limit_usd is None:
        return (None, None)
    return (limit_usd, limit_usd * limits.warn_at_percent / 100)


def _entries(spend: SpendData) -> list[LegendEntry]:
    """The names of what can be seen: a series of less than a hundredth is told by the table."""
    sums: dict[int, Decimal] = {}
    for stack in spend.stacks:
        for number, usd in stack.parts:
            sums[number] = sums.get(number, ZERO_USD) + usd
    seen = [n for n, usd in sums.items() if usd * 100 >= sum(sums.values(), ZERO_USD)]
    entries = [LegendEntry(spend.names[n], series_tone(n)) for n in spend.names if n in seen]
    if any(stack.open_usd for stack in spend.stacks):
        entries.append(LegendEntry("held or forecast", "muted", is_hatched=True))
    return entries
