"""What narrows the list: search, days, and values with the number of runs that they would leave."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit, QWidget

from agentflow_desktop.core.history import Facet, FacetCount, Mark
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.desktop.formatting import as_plain_tip, format_count
from agentflow_desktop.desktop.screens.history.rows import STATES
from agentflow_desktop.desktop.screens.history.state import Days, HistoryState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.filter_chip import FilterChip
from agentflow_desktop.desktop.widgets.flow_row import FlowLayout
from agentflow_desktop.desktop.widgets.pane import Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_DAYS = {
    Days.ANY: "Any time",
    Days.TODAY: "Today",
    Days.WEEK: "Last 7 days",
    Days.MONTH: "Last 30 days",
    Days.RANGE: "From and to\u2026",
}
_MARKS = {
    Mark.USEFUL: ("Useful", "thumbs-up", "success"),
    Mark.NOT_USEFUL: ("Not useful", "thumbs-down", "danger"),
}
_CHOICES = {
    Facet.TASK_KIND: "Kind",
    Facet.MODEL: "Model",
    Facet.BADGE: "Badge",
}
_COSTS = (None, Decimal("0.000000001"), Decimal("0.01"), Decimal("0.1"), Decimal(1))
_COST_WORDS = ("Cost", "Not free", "$0.01 or more", "$0.10 or more", "$1 or more")
_BADGE_WORDS = {
    Badge.BUILT_IN: "Built-in engine",
    Badge.SELF_VERIFIED: "Self-verified",
    Badge.NOT_VERIFIED: "Not verified",
    Badge.OTHER_MODEL_SERVED: "Another model answered",
    Badge.ESTIMATED_COST: "Cost estimated",
    Badge.UNSTRUCTURED: "Plain text",
    Badge.INCOMPLETE: "Incomplete",
    Badge.FALLBACK: "Fallback asked",
}
_ANY_DATE = (QDate(2000, 1, 1), QDate(2100, 12, 31))  # what every system's clock can name


class SearchField(QLineEdit):
    """``left_down`` is the down arrow: on to the list."""

    left_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left_down.emit()
            return
        super().keyPressEvent(event)


class FilterBar(Ground):
    """``toggled`` gives a Facet and the value that was pressed, empty for any."""

    text_typed = Signal(str)
    toggled = Signal(object, str)
    days_chosen = Signal(object, object, object)  # Days, first and last date or None
    cost_chosen = Signal(object)  # Decimal or None

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_below=True)
        self.search = SearchField()
        self.days = QComboBox()
        self.first, self.last = QDateEdit(), QDateEdit()
        self.states = {state: FilterChip(theme, *_chip(STATES[state])) for state in STATES}
        self.marks = {mark: FilterChip(theme, *_MARKS[mark]) for mark in _MARKS}
        self.choices = {facet: QComboBox() for facet in _CHOICES}
        self.costs = QComboBox()
        self._range = QWidget()
        self._lay_out(theme)
        self._connect()

    def render_state(self, state: HistoryState) -> None:
        """Draw the filters as they are, with what each would leave."""
        wanted = state.wanted
        if self.search.text() != wanted.text:
            self.search.setText(wanted.text)
        self.search.setToolTip(as_plain_tip(state.search_notice))
        _set_index(self.days, list(_DAYS).index(state.range.days))
        self._range.setVisible(state.range.days is Days.RANGE)
        for field, day in ((self.first, state.range.first), (self.last, state.range.last)):
            if day is not None and state.range.days is Days.RANGE:
                _set_date(field, day)
        _set_index(self.costs, _COSTS.index(wanted.at_least_usd))
        facets = state.counts.facets if state.counts is not None else {}
        for run_state, chip in self.states.items():
            _show_chip(chip, facets.get(Facet.STATE, ()), run_state.value, wanted.state)
        for mark, chip in self.marks.items():
            _show_chip(chip, facets.get(Facet.MARK, ()), mark.value, wanted.mark)
        for facet, box in self.choices.items():
            _show_choices(box, facet, facets.get(facet, ()), wanted.value(facet))

    def _connect(self) -> None:
        self.search.textEdited.connect(self.text_typed)
        self.days.activated.connect(self._choose_days)
        self.first.dateChanged.connect(self._choose_first)
        self.last.dateChanged.connect(self._choose_last)
        self.costs.activated.connect(lambda index: self.cost_chosen.emit(_COSTS[index]))
        for state, chip in self.states.items():
            chip.clicked.connect(
                lambda _=False, value=state.value: self.toggled.emit(Facet.STATE, value)
            )
        for mark, chip in self.marks.items():
            chip.clicked.connect(
                lambda _=False, value=mark.value: self.toggled.emit(Facet.MARK, value)
            )
        for facet, box in self.choices.items():
            box.activated.connect(
                lambda index, facet=facet, box=box: self.toggled.emit(
                    facet, box.itemData(index) or ""
                )
            )

    def _choose_days(self, index: int) -> None:
        self.days_chosen.emit(list(_DAYS)[index], None, None)

    def _choose_first(self, shown: QDate) -> None:
        """The last day follows a first one that passes it."""
        first, last = _day(shown), _day(self.last.date())
        self.days_chosen.emit(Days.RANGE, first, max(first, last))

    def _choose_last(self, shown: QDate) -> None:
        first, last = _day(self.first.date()), _day(shown)
        self.days_chosen.emit(Days.RANGE, min(first, last), last)

    def _lay_out(self, theme: Theme) -> None:
        self.search.setPlaceholderText("Search tasks and answers")
        self.search.setAccessibleName("Search tasks and answers")
        self.search.setClearButtonEnabled(True)
        self.days.addItems(list(_DAYS.values()))
        self.days.setAccessibleName("Days")
        self.costs.addItems(list(_COST_WORDS))
        self.costs.setAccessibleName("Cost")
        for facet, box in self.choices.items():
            box.addItem(_CHOICES[facet], "")
            box.setAccessibleName(_CHOICES[facet])
        for box in (*self.choices.values(), self.costs, self.days):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(10)
        body = column(self, left=12, top=12, right=12, bottom=11, spacing=8)
        line = row(spacing=8)
        line.addWidget(self.search, 1)
        line.addWidget(self.days)
        body.addLayout(line)
        body.addWidget(self._range)
        self._lay_out_range(theme)
        more = row(spacing=8)
        for box in (*self.choices.values(), self.costs):
            box.setMinimumWidth(72)
            more.addWidget(box, 1)
        body.addLayout(more)
        chips = QWidget()
        flow = FlowLayout(chips, spacing=6)
        for chip in (*self.states.values(), *self.marks.values()):
            flow.addWidget(chip)
        body.addWidget(chips)

    def _lay_out_range(self, theme: Theme) -> None:
        line = row(spacing=8)
        for word, field in (("From", self.first), ("to", self.last)):
            field.setDateRange(*_ANY_DATE)
            field.setDisplayFormat("d MMM yyyy")
            field.setCalendarPopup(True)
            field.setAccessibleName(f"{word.capitalize()} day")
            line.addWidget(TextLabel(theme, word, size_px=12, color="muted"))
            line.addWidget(field, 1)
        self._range.setLayout(line)
        self._range.hide()


def _chip(words: tuple[str, str, str]) -> tuple[str, str, str]:
    """A state's word, icon and tone, in a chip's order."""
    word, tone, icon = words
    return word, icon, "muted" if tone == "neutral" else tone


def _show_chip(
    chip: FilterChip, counts: Sequence[FacetCount], value: str, chosen: str | None
) -> None:
    found = next((count.runs for count in counts if count.value == value), 0)
    if chip.count != found:
        chip.show_count(found)
    chip.setChecked(chosen == value)
    chip.setVisible(bool(found) or chosen == value)


def _show_choices(box: QComboBox, facet: Facet, counts: Sequence[FacetCount], chosen: str) -> None:
    """The values there are, the chosen one even if nothing is left of it."""
    shown = [
        (count.value, f"{_word(facet, count.value)}  {format_count(count.runs)}")
        for count in counts
    ]
    if chosen and chosen not in [value for value, _ in shown]:
        shown.append((chosen, f"{_word(facet, chosen)}  0"))
    shown.insert(0, ("", _CHOICES[facet]))
    if [(box.itemData(i), box.itemText(i)) for i in range(box.count())] != shown:
        box.clear()
        for value, words in shown:
            box.addItem(words, value)
    _set_index(box, [value for value, _ in shown].index(chosen))
    box.setEnabled(len(shown) > 1)


def _word(facet: Facet, value: str) -> str:
    if facet is Facet.BADGE:
        return _BADGE_WORDS[Badge(value)]
    return value.capitalize() if facet is Facet.TASK_KIND else value


def _set_index(box: QComboBox, index: int) -> None:
    if box.currentIndex() != index:
        box.setCurrentIndex(index)


def _set_date(field: QDateEdit, day: date) -> None:
    shown = QDate(day.year, day.month, day.day)
    if field.date() != shown:
        blocked = field.blockSignals(True)
        field.setDate(shown)
        field.blockSignals(blocked)


def _day(shown: QDate) -> date:
    return date(shown.year(), shown.month(), shown.day())
