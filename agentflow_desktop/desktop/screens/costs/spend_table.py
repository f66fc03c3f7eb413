"""Where it went: calls, tokens and cost by model, kind of task, day or run, with their sum."""

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHeaderView

from agentflow_desktop.core.money import ZERO_USD, format_usd
from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.costs.chart_data import OTHERS, period_words
from agentflow_desktop.desktop.screens.costs.figures import cents, short_count
from agentflow_desktop.desktop.screens.costs.spend_chart import series_tone
from agentflow_desktop.desktop.screens.costs.state import Figures
from agentflow_desktop.desktop.screens.costs.view_model import MOST_RUNS
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground, Hairline, column
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.llm.costs import CostGroup, CostLine, CostSums, total_of

GROUPS = (CostGroup.MODEL, CostGroup.KIND, CostGroup.DAY, CostGroup.RUN)
GROUP_WORDS = ("Model", "Kind of task", "Day", "Run")
_NUMBERS = (
    ("Calls", 76), ("Tokens in", 88), ("Cached", 80), ("Out", 76), ("Thinking", 80),
    ("Cost", 84), ("A call", 84),
)  # fmt: skip
_TOTAL_PX = 29
_TOO_SMALL_TO_SEE = 0.01
_LEAST_SHARE_PX = 130
_LEAST_PX = 960
_SHARE_OF_SPARE = 0.7


def _columns(first: str) -> Sequence[Column]:
    numbers = (Column(title, width, is_number=True) for title, width in _NUMBERS)
    return (Column(first), *numbers, Column("Share"))


class SpendTable(Ground):
    """``run_opened`` gives the id of a run to be shown whole."""

    run_opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._lines: Sequence[CostLine] = ()
        self._group = CostGroup.MODEL
        self._shown: tuple[object, ...] = ()
        self.table = DataTable(theme, _columns("Model"), "Where it went")
        self.total = DataTable(theme, _columns("Total"), "Total")
        self.table.set_empty_words("Nothing was spent in this range.")
        self.table.row_opened.connect(self._open_row)
        self.total.horizontalHeader().hide()
        self.total.setFixedHeight(_TOTAL_PX)
        self.total.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.total.setSelectionMode(DataTable.SelectionMode.NoSelection)
        self.total.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalScrollBar().rangeChanged.connect(self._keep_columns_aligned)
        self._foot = column()
        self._foot.addWidget(self.total)
        body = column(self)
        body.addWidget(self.table, 1)
        body.addWidget(Hairline(theme))
        body.addLayout(self._foot)
        theme.changed.connect(self._restyle)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        spare_px = max(0, self.width() - _LEAST_PX)
        share_px = _LEAST_SHARE_PX + round(spare_px * _SHARE_OF_SPARE)
        for table in (self.table, self.total):
            header = table.horizontalHeader()
            header.setSectionResizeMode(header.count() - 1, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(header.count() - 1, share_px)

    def show_figures(self, figures: Figures, group: CostGroup, series: Mapping[str, int]) -> None:
        """Draw other lines; a row that was chosen stays so if it is still there."""
        shown = (figures.lines, figures.total, group, dict(series))
        if shown == self._shown:
            return
        self._shown = shown
        self._lines, self._group = figures.lines, group
        self.table.rows.columns = tuple(_columns(GROUP_WORDS[GROUPS.index(group)]))
        self.table.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)
        total = figures.total
        rows = [_row(line, group, total, series) for line in figures.lines]
        if len(figures.lines) == MOST_RUNS:
            rows.append(_rest(figures.lines, total))
        self.table.show_rows(rows)
        self.total.show_rows([(Cell("Total", weight=600), *_numbers(total, weight=600), Cell())])

    def _restyle(self) -> None:
        palette = QPalette(self.total.palette())
        palette.setColor(QPalette.ColorRole.Base, self._theme.color("raised"))
        self.total.setPalette(palette)

    def _keep_columns_aligned(self, _least: int, most: int) -> None:
        """Where the rows give room to a scroll bar, so does their sum."""
        bar_px = self.table.verticalScrollBar().sizeHint().width() if most else 0
        self._foot.setContentsMargins(0, 0, bar_px, 0)

    def _open_row(self, index: int) -> None:
        if self._group is CostGroup.RUN and index < len(self._lines):
            self.run_opened.emit(self._lines[index].group)


def _row(
    line: CostLine, group: CostGroup, total: CostSums, series: Mapping[str, int]
) -> Sequence[Cell]:
    return (_name(line, group, series), *_numbers(line.sums), _share(line, group, total, series))


def _name(line: CostLine, group: CostGroup, series: Mapping[str, int]) -> Cell:
    match group:
        case CostGroup.MODEL:
            tone = series_tone(series.get(line.group, OTHERS))
            badge, tip = _doubt(line)
            return Cell(
                line.group, weight=500, swatch=tone, tip=tip or line.group, badge=badge,
                badge_tone="warning", badge_icon="warning-fill" if badge else "",
            )  # fmt: skip
        case CostGroup.RUN:
            words = line.title or f"{line.group}, not in the history any more"
            return Cell(words, weight=500, tip=f"{words}\n{line.group}\nEnter opens it.")
        case CostGroup.KIND:
            return Cell(line.group.capitalize(), weight=500)
        case _:
            return Cell(period_words(date.fromisoformat(line.group), group), weight=500)


def _doubt(line: CostLine) -> tuple[str, str]:
    """What to say of a model in a word, and in a sentence; empty if there is no doubt."""
    sums = line.sums
    if line.served:
        others = ", ".join(line.served)
        return "other model served", f"{line.group}: some served as {others}, and priced so."
    if sums.unknown_calls:
        count = format_count(sums.unknown_calls)
        return f"{count} unknown", f"{line.group}: {count} of unknown cost, counted at the hold."
    return "", ""


def _numbers(sums: CostSums, *, weight: int = 400) -> Sequence[Cell]:
    tokens = (
        sums.input_tokens, sums.cached_input_tokens, sums.output_tokens, sums.thinking_tokens
    )  # fmt: skip
    average = round(sums.average_usd, 4)
    return (
        Cell(format_count(sums.calls), weight=weight),
        *(Cell(short_count(n), weight=weight, tip=f"{format_count(n)} tokens") for n in tokens),
        Cell(cents(sums.spent_usd), weight=600, tip=f"${sums.spent_usd:f}"),
        Cell(format_usd(average or round(sums.average_usd, 9)), weight=weight),
    )


def _share(line: CostLine, group: CostGroup, total: CostSums, series: Mapping[str, int]) -> Cell:
    sums = line.sums
    share = float(sums.spent_usd / total.spent_usd) if total.spent_usd else 0.0
    if line.served and share < _TOO_SMALL_TO_SEE:
        words = f"served as {', '.join(line.served)}, priced so"
        return Cell(words, tone="warning", icon="warning-fill", icon_tone="warning", tip=words)
    if not sums.spent_usd:
        words = f"{cents(sums.reserved_usd)} held" if sums.reserved_usd else "no call cost anything"
        return Cell(words, tone="muted")
    tone = "accent"
    if group is CostGroup.MODEL:
        tone = series_tone(series.get(line.group, OTHERS))
    note = ""
    if sums.estimated_calls:
        note = f"{format_count(sums.estimated_calls)} of {format_count(sums.calls)} are estimated."
    words = f"{share * 100:.0f} %" if share >= _TOO_SMALL_TO_SEE else "< 1 %"
    return Cell(words, tone="muted", share=share, share_tone=tone, tip=note)


def _rest(lines: Sequence[CostLine], total: CostSums) -> Sequence[Cell]:
    """The runs that are not listed: what the total has beyond those that are."""
    shown = total_of(line.sums for line in lines)
    rest = CostSums(
        calls=total.calls - shown.calls,
        spent_usd=total.spent_usd - shown.spent_usd,
        input_tokens=total.input_tokens - shown.input_tokens,
        cached_input_tokens=total.cached_input_tokens - shown.cached_input_tokens,
        output_tokens=total.output_tokens - shown.output_tokens,
        thinking_tokens=total.thinking_tokens - shown.thinking_tokens,
    )
    words = f"All other runs; the {len(lines)} dearest are listed"
    if not total.spent_usd or rest.spent_usd == ZERO_USD:
        return (Cell(words, tone="muted"), *_numbers(rest), Cell())
    share = float(rest.spent_usd / total.spent_usd)
    bar = Cell(f"{share * 100:.0f} %", tone="muted", share=share, share_tone="outline")
    return (Cell(words, tone="muted"), *_numbers(rest), bar)
