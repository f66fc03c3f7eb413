"""The line above an answer: where the run stands, how its claims stand, time and cost."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.desktop.formatting import NO_BREAK, format_duration
from agentflow_desktop.desktop.screens.tasks.run_badges import BadgeText, run_badges
from agentflow_desktop.desktop.screens.tasks.run_state import RunState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.flow_row import FlowLayout
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, PANE_HEADER_PX, Ground, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel


class RunHeader(Ground):
    """Badges at the left, which wrap where they lack room; time and cost at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_below=True)
        self._theme = theme
        self._badges: tuple[BadgeText, ...] | None = None
        self._badge_row = QWidget()
        self._flow = FlowLayout(self._badge_row, spacing=6)
        self._duration = TextLabel(theme, size_px=12, color="muted")
        self._cost = TextLabel(theme, size_px=12, weight=600)
        size = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        size.setHeightForWidth(True)
        self._badge_row.setSizePolicy(size)
        head = row(left=EDGE_PX, top=8, right=EDGE_PX, bottom=9, spacing=8)
        head.addWidget(self._badge_row, 1)
        head.addWidget(self._duration, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._cost, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(head)
        self.setMinimumHeight(PANE_HEADER_PX)

    def show_run(self, run: RunState, now: datetime) -> None:
        self._show_badges(run_badges(run))
        self.show_time(run, now)

    def show_time(self, run: RunState, now: datetime) -> None:
        """Draw how long the run has been going, and what it has cost."""
        running_s = max(0.0, (now - run.started_at).total_seconds())
        duration_s = running_s if run.duration_s is None else run.duration_s
        self._duration.setText(format_duration(duration_s))
        so_far = f"{NO_BREAK}so far" if run.is_running else ""
        self._cost.setText(f"{format_usd(run.cost_usd)}{so_far}")

    def _show_badges(self, badges: tuple[BadgeText, ...]) -> None:
        if badges == self._badges:
            return
        self._badges = badges
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for badge in badges:
            shown = Badge(self._theme, badge.text, badge.tone, badge.icon, tip=badge.tip)
            self._flow.addWidget(shown)
            shown.show()
        self._badge_row.updateGeometry()
