"""The bar at the window's foot: models at the left, running jobs and today's money at the right."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.formatting import (
    NO_BREAK,
    as_one_line,
    as_plain_tip,
    as_plain_word,
)
from agentflow_desktop.desktop.status_model import StatusState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.meter import Meter
from agentflow_desktop.desktop.widgets.pane import Ground, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.budget import Spending
from agentflow_desktop.llm.provider import ProviderKind

HEIGHT_PX = 28


class _Dot(QWidget):
    """A model's health as colour and shape: a disc if it answers, a ring if it does not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon, self._tone = "circle-fill", "success"
        self.setFixedSize(10, 10)
        theme.changed.connect(self.update)

    def show_tone(self, icon: str, tone: str) -> None:
        self._icon, self._tone = icon, tone
        self.update()

    def paintEvent(self, _event) -> None:  # noqa: N802
        painter = QPainter(self)
        self._theme.paint_icon(painter, QRect(0, 0, 10, 10), self._icon, self._tone)


class _Seat(QWidget):
    """One role: its dot, the model that sits there, and how quickly it answered."""

    def __init__(self, theme: Theme, role: Role) -> None:
        super().__init__()
        self._role = role
        self._dot = _Dot(theme)
        self._word = TextLabel(theme, role.value.capitalize(), size_px=12, color="muted")
        self._model = ElidingLabel(theme, size_px=12, weight=500)
        self._facts = ElidingLabel(theme, size_px=12, color="muted")
        line = row(spacing=6)
        line.addWidget(self._dot)
        line.addWidget(self._word)
        line.addWidget(self._model)
        line.addWidget(self._facts)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def render_state(self, state: StatusState) -> None:
        line = state.line_of(self._role)
        self.setVisible(line is not None)
        if line is None:
            return
        self._model.setText(line.name)
        check = state.health.get(line.name)
        if line.provider == ProviderKind.BUILT_IN:
            look, facts, tip = ("circle-fill", "success"), "passages, $0", line.address
        elif check is None:
            look, facts, tip = ("circle-dashed", "muted"), "", f"{line.model} at {line.address}"
        elif check.is_usable:
            took = f"{check.latency_ms}{NO_BREAK}ms" if check.latency_ms is not None else ""
            look, facts, tip = ("circle-fill", "success"), took, check.message
        else:
            look, facts = ("warning-fill", "warning"), "offline"
            tip = f"{check.message}\n{check.hint}".strip()
        fallback = state.fallback_of(self._role)
        if fallback is not None:
            facts = f"{facts}, then {fallback.name}" if facts == "offline" else facts
            price = fallback.price
            tip = f"{tip}\nIf {line.name} can't be reached, {fallback.name} answers: {price}."
        self._dot.show_tone(*look)
        self._facts.setText(facts)
        self.setToolTip(as_plain_tip(tip))
        self.setAccessibleName(f"{self._role.value} {line.name} {facts}".strip())


class StatusBar(Ground):
    """Renders a StatusState. ``cancel_asked`` gives the id of a run."""

    cancel_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window", line_above=True)
        self._theme = theme
        self._state = StatusState()
        self.setFixedHeight(HEIGHT_PX)
        self._problem = ElidingLabel(theme, size_px=12, color="danger")
        self._seats = [_Seat(theme, role) for role in Role]
        self._title = ElidingLabel(theme, size_px=12, weight=500)
        self._step = ElidingLabel(theme, size_px=12, color="muted")
        self._work = Meter(theme, 64)
        self._work.set_share(None)
        self._cancel = QToolButton()
        self._cancel.setFixedSize(18, 18)
        self._cancel.clicked.connect(self._ask_cancel)
        self._running = (self._title, self._step, self._work, self._cancel)
        self._today = TextLabel(theme, "Today", size_px=12, color="muted")
        self._spent = TextLabel(theme, size_px=12, weight=600)
        self._limit = TextLabel(theme, size_px=12, color="muted")
        self._meter = Meter(theme, 72)
        self._held = TextLabel(theme, size_px=12, color="muted")
        self._money = (self._today, self._spent, self._limit, self._meter, self._held)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(self._state)

    def render_state(self, state: StatusState) -> None:
        self._state = state
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))
        for seat in self._seats:
            seat.render_state(state)
            if state.problem:
                seat.hide()
        self._show_running(state)
        for widget in self._money:
            widget.setVisible(state.spending is not None)
        if state.spending is not None:
            self._show_money(state.spending)

    def _show_running(self, state: StatusState) -> None:
        for widget in self._running:
            widget.setVisible(bool(state.running))
        if not state.running:
            return
        first, more = state.running[0], len(state.running) - 1
        self._title.setText(as_one_line(first.title, 60))
        self._step.setText(f"and {more} more" if more else first.step)
        words = "Cancel a running task" if more else f"Cancel {as_one_line(first.title, 60)}"
        self._cancel.setToolTip(as_plain_tip(words))
        self._cancel.setAccessibleName(words)

    def _show_money(self, spending: Spending) -> None:
        today, limit = spending.today, spending.daily_limit_usd
        self._spent.setText(format_usd(today.spent_usd))
        self._limit.setText(f"of {format_usd(limit)}")
        self._held.setText(f"held {format_usd(today.reserved_usd)}")
        share = float(today.spent_usd / limit) if limit else 1.0
        held = float(today.reserved_usd / limit) if limit else 0.0
        tone = "danger" if share >= 1 else "warning" if share >= 0.8 else "accent"
        self._meter.set_share(share, held, tone)
        month = (
            f"{format_usd(spending.month.spent_usd)} of {format_usd(spending.monthly_limit_usd)}"
        )
        self._meter.setToolTip(f"This month {month}")

    def _ask_cancel(self) -> None:
        """Cancel the run; of several, ask which."""
        running = self._state.running
        if len(running) == 1:
            self.cancel_asked.emit(running[0].run_id)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for line in running:
            choice = menu.addAction(f"Cancel {as_plain_word(as_one_line(line.title, 60))}")
            choice.triggered.connect(
                lambda _=False, run_id=line.run_id: self.cancel_asked.emit(run_id)
            )
        menu.popup(self._cancel.mapToGlobal(self._cancel.rect().topLeft()))

    def _restyle(self) -> None:
        self._cancel.setIcon(self._theme.icon("x", "muted", 14))

    def _lay_out(self) -> None:
        line = row(left=12, right=12, top=1, spacing=6)
        line.addWidget(self._problem, 1)
        for seat in self._seats:
            line.addWidget(seat)
            line.addSpacing(12)
        line.addStretch(1)
        for widget in self._running:
            line.addWidget(widget)
        line.addSpacing(12)
        for widget in self._money:
            line.addWidget(widget)
        self.setLayout(line)
