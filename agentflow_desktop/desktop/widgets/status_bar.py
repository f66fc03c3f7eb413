"""The bar at the window's foot: models at the left, running jobs and today's money at the right."""

from PySide6.QtWidgets import QLabel

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.formatting import as_one_line
from agentflow_desktop.desktop.status_model import StatusState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.meter import Meter
from agentflow_desktop.desktop.widgets.pane import Ground, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.budget import Spending

HEIGHT_PX = 28


class StatusBar(Ground):
    """Renders a StatusState."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "window", line_above=True)
        self._theme = theme
        self.setFixedHeight(HEIGHT_PX)
        self._models = ElidingLabel(theme, size_px=12, color="muted")
        self._running_icon = QLabel()
        self._running = ElidingLabel(theme, size_px=12)
        self._today = TextLabel(theme, "Today", size_px=12, color="muted")
        self._spent = TextLabel(theme, size_px=12, weight=600)
        self._limit = TextLabel(theme, size_px=12, color="muted")
        self._meter = Meter(theme, 72)
        self._held = TextLabel(theme, size_px=12, color="muted")
        line = row(left=12, right=12, top=1, spacing=6)
        line.addWidget(self._models, 3)
        line.addWidget(self._running_icon)
        line.addWidget(self._running, 2)
        line.addSpacing(12)
        for widget in (self._today, self._spent, self._limit, self._meter, self._held):
            line.addWidget(widget)
        self.setLayout(line)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(StatusState())

    def render_state(self, state: StatusState) -> None:
        self._models.setText(_model_words(state))
        self._models.set_color("danger" if state.problem else "muted")
        self._running.setText(_running_words(state.running))
        self._running.setVisible(bool(state.running))
        self._running_icon.setVisible(bool(state.running))
        for widget in (self._today, self._spent, self._limit, self._meter, self._held):
            widget.setVisible(state.spending is not None)
        if state.spending is not None:
            self._show_money(state.spending)

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

    def _restyle(self) -> None:
        self._running_icon.setPixmap(self._theme.pixmap("circle-half", "accent", 14))


def _running_words(titles: tuple[str, ...]) -> str:
    first = next(iter(titles), "")
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f"{as_one_line(first, 60)}{more}"


def _model_words(state: StatusState) -> str:
    if state.problem:
        return state.problem
    names = {role: line.name for line in state.models for role in line.roles}
    parts = [f"{role.value.capitalize()} {names[role]}" for role in Role if role in names]
    return "    ".join(parts)
