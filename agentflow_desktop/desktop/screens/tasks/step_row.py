"""One step of a run: a line with tokens, time and cost, and below it what the step gave."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.screens.tasks.run_state import StepPhase, StepState
from agentflow_desktop.desktop.screens.tasks.step_bodies import VERDICTS, StepBody
from agentflow_desktop.desktop.screens.tasks.step_words import (
    has_body,
    step_cost,
    step_facts,
    step_summary,
    wants_attention,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.meter import Meter
from agentflow_desktop.desktop.widgets.pane import Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.workflows.ask.model import AskReview

_LINE_PX = 31
_LIVE_CHARACTERS = 240
_AROUND_PX = 86  # margins, caret, state and what parts them
_LEAST_TITLE_PX, _LEAST_SAID_PX = 90, 60
_PHASE_ICONS = {
    StepPhase.RUNNING: ("circle-half", "accent"),
    StepPhase.DONE: ("check-circle-fill", "success"),
    StepPhase.STOPPED: ("minus-circle", "muted"),
}


class StepRow(Ground):
    """``quote_asked`` gives the Evidence of a quote that was clicked, ``toggled`` comes when a
    person opened or folded the row."""

    quote_asked = Signal(object)
    toggled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_below=True)
        self._theme = theme
        self._step: StepState | None = None
        self._body: StepBody | None = None  # made when it is first opened
        self._is_open = False
        self._was_toggled = False
        self._toggle = QToolButton()
        self._toggle.setFixedSize(20, 20)
        self._toggle.clicked.connect(self._flip)
        self._icon = QLabel()
        self._title = ElidingLabel(theme, weight=600)
        self._verdict = Badge(theme, "", "neutral")
        self._said = ElidingLabel(theme, size_px=12, color="muted")
        self._facts = TextLabel(theme, size_px=12, color="muted")
        self._meter = Meter(theme, 64)
        self._cost = TextLabel(theme, size_px=12, weight=500)
        self._live = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._lay_out()
        theme.changed.connect(self._restyle)

    @property
    def step(self) -> StepState | None:
        return self._step

    @property
    def is_open(self) -> bool:
        return self._is_open and self._step is not None and has_body(self._step)

    def show_step(self, step: StepState, now: datetime, *, is_wanted_open: bool) -> None:
        """Draw the step; ``now`` is the time for one that still runs. ``is_wanted_open`` counts
        until a person opens or folds the row."""
        before, self._step = self._step, step
        self._facts.setText(step_facts(step, now))
        wanted = self._is_open if self._was_toggled else is_wanted_open
        if before is step and wanted == self._is_open:
            return
        title, _, aim = step.title.partition(": ")
        self._title.setText(title)
        model = step.served_model or step.model
        self._said.setText(", ".join(filter(None, (aim, step_summary(step), model))))
        self._cost.setText(step_cost(step))
        self._show_verdict(step)
        is_counted = step.phase is StepPhase.RUNNING and step.total is not None
        self._meter.setVisible(is_counted)
        if is_counted and step.total:
            self._meter.set_share(step.done / step.total)
        self._show_live(step)
        self._share_line()
        is_same = before is not None and (before.output, before.notices) == (
            step.output,
            step.notices,
        )
        if not is_same:
            self._drop_body()
        self._apply_open(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._share_line()

    def fold(self) -> None:
        """Show the line alone."""
        self._was_toggled = True
        self._apply_open(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.position().y() < _LINE_PX and self._toggle.isEnabled():
            self._flip()
        super().mousePressEvent(event)

    def _flip(self) -> None:
        self._was_toggled = True
        self._apply_open(not self._is_open)
        self.toggled.emit()

    def _apply_open(self, is_open: bool) -> None:
        step = self._step
        self._is_open = is_open
        if is_open and self._body is None and step is not None and has_body(step):
            self._body = StepBody(self._theme, step, self._ask_for_quote)
            self._column.addWidget(self._body)
        if self._body is not None:
            self._body.setVisible(is_open)
        self._restyle()

    def _ask_for_quote(self, evidence: Evidence) -> None:
        self.quote_asked.emit(evidence)

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.hide()
            self._column.removeWidget(self._body)
            self._body.deleteLater()
            self._body = None

    def _share_line(self) -> None:
        """The title first, then numbers; what was said takes the room that is left."""
        beside = (self._verdict, self._meter, self._facts, self._cost)
        taken = sum(
            max(w.sizeHint().width(), w.minimumWidth()) + 8 for w in beside if w.isVisibleTo(self)
        )
        room = self.width() - _AROUND_PX - taken
        title_px = max(_LEAST_TITLE_PX, min(self._title.sizeHint().width(), room))
        self._title.setFixedWidth(title_px)
        self._said.setVisible(room - title_px >= _LEAST_SAID_PX)

    def _show_verdict(self, step: StepState) -> None:
        is_review = isinstance(step.output, AskReview)
        self._verdict.setVisible(is_review)
        if isinstance(step.output, AskReview):
            self._verdict.set_content(*VERDICTS[step.output.review.verdict])

    def _show_live(self, step: StepState) -> None:
        """The last words of a reader at work; what the planner writes stands above."""
        is_live = step.phase is StepPhase.RUNNING and step.role is Role.HEAVY and bool(step.text)
        self._live.setVisible(is_live)
        if is_live:
            words = " ".join(step.text[-_LIVE_CHARACTERS:].split())
            self._live.setText(f"… {words}" if len(step.text) > _LIVE_CHARACTERS else words)

    def _restyle(self) -> None:
        if self._step is None:
            return
        icon, color = _PHASE_ICONS[self._step.phase]
        if wants_attention(self._step) and self._step.phase is not StepPhase.RUNNING:
            icon, color = "warning-fill", "warning"
        self._icon.setPixmap(self._theme.pixmap(icon, color))
        can_open = has_body(self._step)
        self._toggle.setEnabled(can_open)
        caret = "caret-down" if self.is_open else "caret-right"
        self._toggle.setIcon(self._theme.icon(caret, "muted", 14) if can_open else QIcon())
        verb = "Fold" if self.is_open else "Open"
        self._toggle.setAccessibleName(f"{verb} {self._step.title}")

    def _lay_out(self) -> None:
        self._cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._cost.setMinimumWidth(52)
        self._live.setContentsMargins(54, 0, 16, 8)
        self._live.hide()
        self._verdict.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        line = row(left=10, right=16, spacing=8)
        for widget in (self._toggle, self._icon, self._title, self._verdict):
            line.addWidget(widget)
        line.addWidget(self._said, 1)
        line.addStretch(0)
        for widget in (self._meter, self._facts, self._cost):
            line.addWidget(widget)
        head = QWidget()
        head.setFixedHeight(_LINE_PX)
        head.setLayout(line)
        self._column = column(self)
        self._column.addWidget(head)
        self._column.addWidget(self._live)
