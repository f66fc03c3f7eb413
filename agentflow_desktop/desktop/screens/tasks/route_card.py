"""The route before anything is spent: tier and reason, who does what, tokens, price."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.core.money import ZERO_USD, format_usd
from agentflow_desktop.core.routing import PlannedCall, Route, Tier
from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.tasks.reach_note import ReachNote
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase, State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import Card, Hairline, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.workflows.ask.wording import route_notes

_TIERS: tuple[tuple[str, Tier | None], ...] = (
    ("Automatic", None),
    *((tier.value.capitalize(), tier) for tier in Tier),
)

_MOST_CALLS = 8
_WIDEST_PURPOSE_PX = 132


class RouteCard(Card):
    """``tier_chosen`` gives a Tier or None, ``cache_switched`` whether the cache may answer."""

    tier_chosen = Signal(object)
    cache_switched = Signal(bool)
    recheck_asked = Signal()
    explanation_asked = Signal()
    test_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._is_folded = False
        self._route: Route | None = None
        self._tier = Badge(theme, "", "info")
        self._reason = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._folded_price = TextLabel(theme, size_px=12, weight=600)
        self._hint = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._notes = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._recheck = QPushButton("Check again")
        self._recheck.clicked.connect(self.recheck_asked)
        self.why_button = QPushButton("Why this route")
        self.why_button.setProperty("kind", "quiet")
        self.why_button.clicked.connect(self.explanation_asked)
        self.reach = ReachNote(theme)
        self.reach.test_asked.connect(self.test_asked)
        self._calls = _CallRows(theme)
        self._figures = _Figures(theme)
        self._override = QComboBox()
        self._cache = QCheckBox("Use cached result")
        self._controls = self._make_controls(theme)
        self._line = Hairline(theme)
        self._lay_out(theme)
        self.render_state(State())

    def set_folded(self, is_folded: bool) -> None:
        """One line of route and price, for low windows."""
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._arrange()

    def render_state(self, state: State) -> None:
        """Show what is planned, or why nothing can be."""
        plan = state.plan
        self._cache.setChecked(state.request.use_cache)
        self._override.setCurrentIndex(
            next((i for i, (_, t) in enumerate(_TIERS) if t == state.request.tier), 0)
        )
        self._route = plan.plan.route if plan.plan is not None else None
        self._recheck.setVisible(plan.phase is PlanPhase.FAILED)
        self._show_words(state)
        if self._route is not None:
            self._calls.show_calls(self._route.calls)
            self._figures.show_route(self._route)
        self._arrange()

    def _show_words(self, state: State) -> None:
        plan = state.plan
        hint = ""
        self._reason.set_color("danger" if plan.phase is PlanPhase.FAILED else "muted")
        if plan.problem is not None:
            reason, hint = "Not possible as it is", _both(plan.problem.message, plan.problem.hint)
        elif not state.is_open:
            reason = "Not open yet"
        elif self._route is not None:
            reason = self._route.reason
            hint = plan.plan.limit_notice if plan.plan is not None else ""
        elif plan.phase is PlanPhase.PLANNING:
            reason = "Counting…"
        else:
            reason, hint = "", "Type a task: the route and its price appear here before you run."
        self._reason.setText(_as_sentence(reason))
        self._reason.setVisible(bool(reason))
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        notes = route_notes(self._route) if self._route is not None else []
        self._notes.setText("\n".join(_as_sentence(note) for note in notes))
        if self._route is not None:
            self._tier.set_content(self._route.tier.value.upper(), "info")
            is_at_most = self._route.at_most_usd > self._route.about_usd
            about = "about " if is_at_most else ""
            self._folded_price.setText(f"{about}{format_usd(self._route.about_usd)}")

    def _arrange(self) -> None:
        has_route = self._route is not None
        is_full = not self._is_folded
        has_calls = self._route is not None and bool(self._route.calls)
        self._tier.setVisible(has_route)
        self.why_button.setVisible(has_route)
        self.why_button.setText("Why this route" if is_full else "Why")
        self._folded_price.setVisible(has_route and not is_full)
        self._calls.setVisible(has_calls and is_full)
        self._line.setVisible(has_calls and is_full)
        self._notes.setVisible(bool(self._notes.text()) and has_calls and is_full)
        self._figures.setVisible(has_route and is_full)

    def _make_controls(self, theme: Theme) -> QWidget:
        controls = QWidget()
        line = row()
        label = TextLabel(theme, "Tier", size_px=12, color="muted")
        label.setBuddy(self._override)
        for word, tier in _TIERS:
            self._override.addItem(word, tier)
        self._override.setAccessibleName("Tier")
        self._override.activated.connect(
            lambda index: self.tier_chosen.emit(self._override.itemData(index))
        )
        self._cache.clicked.connect(self.cache_switched)
        line.addWidget(label)
        line.addWidget(self._override)
        line.addStretch(1)
        line.addWidget(self._cache)
        controls.setLayout(line)
        return controls

    def _lay_out(self, theme: Theme) -> None:
        head = row()
        head.addWidget(TextLabel(theme, "Route", weight=600))
        head.addWidget(self._tier)
        head.addStretch(1)
        head.addWidget(self._folded_price)
        head.addWidget(self.why_button)
        head.addWidget(self._recheck)
        body = QVBoxLayout(self)
        body.setContentsMargins(12, 10, 12, 10)
        body.setSpacing(8)
        body.addLayout(head)
        body.addWidget(self._reason)
        body.addWidget(self._hint)
        body.addWidget(self.reach)
        body.addWidget(self._calls)
        body.addWidget(self._notes)
        body.addWidget(self._line)
        body.addWidget(self._figures)
        body.addWidget(self._controls)


class _CallRows(QWidget):
    """One line a call: number, purpose, model, price."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[PlannedCall, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(2, 1)

    def show_calls(self, calls: tuple[PlannedCall, ...]) -> None:
        if calls == self._shown:
            return
        self._shown = calls
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        line = 0
        is_certain = True
        in_order = sorted(calls, key=lambda call: not call.is_certain)
        shown = in_order if len(calls) <= _MOST_CALLS else in_order[: _MOST_CALLS - 1]
        for index, call in enumerate(shown):
            if is_certain and not call.is_certain:
                caption = TextLabel(self._theme, "If the review finds an issue", size_px=11)
                caption.set_color("muted")
                self._grid.addWidget(caption, line, 0, 1, 4)
                line += 1
                is_certain = False
            self._add_row(line, index, call)
            line += 1
        further = in_order[len(shown) :]
        if further:
            about_usd = sum((call.about_usd for call in further if call.is_certain), ZERO_USD)
            words = f"and {len(further)} more calls"
            self._grid.addWidget(TextLabel(self._theme, words, size_px=12), line, 1, 1, 2)
            price = TextLabel(self._theme, format_usd(about_usd), size_px=12, color="muted")
            self._grid.addWidget(price, line, 3, Qt.AlignmentFlag.AlignRight)

    def _add_row(self, line: int, index: int, call: PlannedCall) -> None:
        theme = self._theme
        number = TextLabel(theme, str(index + 1), size_px=12, weight=500)
        purpose = ElidingLabel(theme, call.purpose, size_px=12, color="muted", elide_middle=True)
        purpose.setMaximumWidth(_WIDEST_PURPOSE_PX)
        model = ElidingLabel(theme, call.model, size_px=12, weight=500, elide_middle=True)
        price = TextLabel(theme, format_usd(call.about_usd), size_px=12, color="muted")
        price.setToolTip(f"Reserves at most {format_usd(call.hold_usd)} before it is made")
        self._grid.addWidget(number, line, 0)
        self._grid.addWidget(purpose, line, 1)
        self._grid.addWidget(model, line, 2)
        self._grid.addWidget(price, line, 3, Qt.AlignmentFlag.AlignRight)


class _Figures(QWidget):
    """Tokens in, tokens out, price: name, number, and how sure it is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._numbers = [TextLabel(theme, size_px=15, weight=600) for _ in range(3)]
        self._notes = [TextLabel(theme, size_px=12, color="muted") for _ in range(3)]
        line = row(spacing=16)
        for index, word in enumerate(("Tokens in", "Tokens out", "Price")):
            stack = column(spacing=1)
            stack.addWidget(TextLabel(theme, word, size_px=12, color="muted"))
            stack.addWidget(self._numbers[index])
            stack.addWidget(self._notes[index])
            line.addLayout(stack)
            if index < 2:
                line.addStretch(1)
        self.setLayout(line)

    def show_route(self, route: Route) -> None:
        out = sum(call.max_output_tokens for call in route.calls)
        values = (
            (format_count(route.tokens), "exact" if route.is_exact else "about"),
            (format_count(out) if out else "0", "at most" if out else "none"),
            (format_usd(route.about_usd), f"at most {format_usd(route.at_most_usd)}"),
        )
        for index, (number, note) in enumerate(values):
            self._numbers[index].setText(number)
            self._notes[index].setText(note)


def _as_sentence(reason: str) -> str:
    """With a capital and a full stop, as it stands alone here."""
    if not reason:
        return ""
    ended = reason if reason[-1] in ".…!?" else f"{reason}."
    return ended[0].upper() + ended[1:]


def _both(message: str, hint: str) -> str:
    return f"{message} {hint}".strip()
