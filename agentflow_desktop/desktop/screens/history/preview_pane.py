"""The chosen run at a glance: what was asked, what came of it, who did what at what price."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.desktop.formatting import (
    format_count,
    format_duration,
    format_moment,
    format_tokens,
)
from agentflow_desktop.desktop.screens.history.rows import STATES
from agentflow_desktop.desktop.screens.history.state import HistoryState, Preview, PreviewPhase
from agentflow_desktop.desktop.screens.tasks.answer_view import AnswerView
from agentflow_desktop.desktop.screens.tasks.run_badges import BadgeText, run_badges
from agentflow_desktop.desktop.screens.tasks.run_state import StepPhase, StepState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge as BadgeWidget
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.flow_row import FlowLayout
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, pane_header, row
from agentflow_desktop.desktop.widgets.table import HEADER_PX, ROW_PX, DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.workflows.ask.model import KIND as ASK_KIND

_TASK_CHARACTERS = 400
_STEPS_SHOWN = 6
_STEP_COLUMNS = (
    Column("Step"), Column("Model", 148), Column("In", 64, is_number=True),
    Column("Out", 60, is_number=True), Column("Time", 100, is_number=True),
    Column("Cost", 76, is_number=True),
)  # fmt: skip
_TOKEN_COLUMNS = (2, 3)
_TOKENS_FROM_PX = 600
_STEP_ICONS = {
    StepPhase.RUNNING: ("circle-half", "accent"),
    StepPhase.DONE: ("check-circle-fill", "success"),
    StepPhase.STOPPED: ("minus-circle", "muted"),
}
_NO_ANSWER = {
    RunState.RUNNING: "The run goes on. Its answer is shown here when it stands.",
    RunState.SUCCEEDED: "The run gave no answer.",
    RunState.FAILED: "The run failed before there was an answer.",
    RunState.CANCELLED: "The run was cancelled before there was an answer.",
    RunState.INTERRUPTED: "The program ended before there was an answer.",
}
_IN_ITS_REPORT = "Its report, which Export writes, has all of it."
_NO_STEP = "No step was taken."
CAN_T_REPEAT = "An earlier version made this run and did not keep what it was asked of."


class PreviewPane(Ground):
    """Draws the chosen run and forwards what is to be done with it."""

    open_asked = Signal()
    again_asked = Signal()
    export_asked = Signal()
    delete_asked = Signal()
    rated = Signal(object)  # True, False, or None to take the mark away
    noted = Signal(str)

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._theme, self._clock = theme, clock
        self._badges: tuple[BadgeText, ...] = ()
        self._shown_id = ""
        self.setMinimumWidth(380)
        self.title = ElidingLabel(theme, size_px=15, weight=600)
        self.state_badge = BadgeWidget(theme, "", "neutral")
        self.facts = ElidingLabel(theme, size_px=12, color="muted")
        self.open_button = QPushButton("Open")
        self.again_button = QPushButton("Run again")
        self.export_button = QPushButton("Export\u2026")
        self.delete_button = QPushButton("Delete")
        self.useful, self.not_useful = QToolButton(), QToolButton()
        self.note = QLineEdit()
        self.banner = Banner(theme)
        self.task = TextLabel(theme, size_px=13, wraps=True)
        self.answer = AnswerView(theme)
        self.no_answer = TextLabel(theme, size_px=13, color="muted", wraps=True)
        self.steps = DataTable(theme, _STEP_COLUMNS, "Steps of the run")
        self._steps_facts = ElidingLabel(theme, size_px=12, color="muted")
        self._badge_row = QWidget()
        self._flow = FlowLayout(self._badge_row, spacing=6)
        self._answers = QStackedWidget()
        self._pages = QStackedWidget()
        self.empty = TextLabel(theme, color="muted", wraps=True)
        self._lay_out(theme)
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: HistoryState) -> None:
        """Draw the chosen run; where there is none, say how to choose one."""
        run = state.chosen
        if run is None:
            self.empty.setText("Choose a run at the left to see it here." if state.numbers else "")
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        self._show_summary(run, state.preview)
        self._show_mark(run)
        self._show_preview(run, state.preview)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        for number in _TOKEN_COLUMNS:
            self.steps.setColumnHidden(number, self.width() < _TOKENS_FROM_PX)

    def _show_summary(self, run: RunSummary, preview: Preview) -> None:
        word, tone, icon = STATES[run.state]
        self.state_badge.set_content(word, tone, icon)
        self.title.setText(run.title)
        shown = preview.run
        route = shown.route if shown is not None else None
        parts = [
            format_moment(run.started_at, self._clock.now()),
            format_duration(_duration_s(run)) if run.ended_at is not None else "",
            format_usd(run.cost_usd),
            run.task_kind,
            f"{route.tier.value} route" if route is not None else "",
            format_tokens(route.tokens, is_exact=route.is_exact) if route is not None else "",
        ]
        self.facts.setText(" \u00b7 ".join(filter(None, parts)))
        is_read = preview.phase is PreviewPhase.READY
        self.again_button.setEnabled(is_read and preview.request is not None)
        refused = is_read and preview.request is None and run.kind == ASK_KIND
        self.again_button.setToolTip(CAN_T_REPEAT if refused else "")
        self.open_button.setEnabled(run.kind == ASK_KIND)
        self.export_button.setEnabled(run.state is RunState.SUCCEEDED)
        self.delete_button.setEnabled(run.state is not RunState.RUNNING)
        goes_on = run.state is RunState.RUNNING
        self.delete_button.setToolTip("A run that goes on can't be deleted." if goes_on else "")

    def _show_mark(self, run: RunSummary) -> None:
        self.useful.setChecked(run.is_useful is True)
        self.not_useful.setChecked(run.is_useful is False)
        if run.run_id != self._shown_id or not self.note.hasFocus():
            self.note.setText(run.note)
        self._shown_id = run.run_id
        self._restyle()

    def _show_preview(self, run: RunSummary, preview: Preview) -> None:
        shown = preview.run
        asked = preview.request.task if preview.request is not None else run.title
        cut = f"{asked[: _TASK_CHARACTERS - 1]}\u2026" if len(asked) > _TASK_CHARACTERS else asked
        self.task.setText(cut)
        self.task.setVisible(asked.strip() != run.title)
        self._show_banner(run, preview)
        answer = shown.answer if shown is not None else None
        if shown is None or answer is None:
            is_loading = preview.phase is PreviewPhase.LOADING
            words = f"{preview.words}\n\n{_IN_ITS_REPORT}" if preview.words else ""
            words = words or _NO_ANSWER[run.state]
            self.no_answer.setText("Reading the run\u2026" if is_loading else words)
            self._answers.setCurrentIndex(0)
        else:
            passages = Badge.BUILT_IN in run.badges
            self.answer.show_answer(answer, None, shows_passages=passages)
            self._answers.setCurrentIndex(1)
        self._show_badges(run_badges(shown) if shown is not None and answer is not None else ())
        self.steps.set_empty_words("Its report has its steps." if preview.words else _NO_STEP)
        self._show_steps(shown.steps if shown is not None else ())

    def _show_banner(self, run: RunSummary, preview: Preview) -> None:
        problem = preview.problem or (preview.run.problem if preview.run is not None else None)
        if problem is not None:
            self.banner.show_message("danger", problem.message, problem.hint)
        elif run.state is RunState.INTERRUPTED:
            self.banner.show_message(
                "warning",
                "The program ended before this run did.",
                "Its cost is what the ledger counts: a call without a reply counts in full.",
            )
        elif run.kind != ASK_KIND:
            self.banner.hide()
        elif preview.phase is PreviewPhase.READY and preview.request is None:
            self.banner.show_message("neutral", "This run can't be asked again.", CAN_T_REPEAT)
        else:
            self.banner.hide()

    def _show_badges(self, badges: tuple[BadgeText, ...]) -> None:
        if badges == self._badges:
            return
        self._badges = badges
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for badge in badges:
            self._flow.addWidget(
                BadgeWidget(self._theme, badge.text, badge.tone, badge.icon, tip=badge.tip)
            )
        self._badge_row.setVisible(bool(badges))

    def _show_steps(self, steps: Sequence[StepState]) -> None:
        now = self._clock.now()
        self.steps.show_rows([_step_cells(step, now) for step in steps])
        rows = min(len(steps), _STEPS_SHOWN)
        self.steps.setFixedHeight(HEADER_PX + max(rows, 1) * ROW_PX)
        by_models = sum(1 for step in steps if step.model)
        self._steps_facts.setText(f"{len(steps)}, {by_models} by models" if steps else "")

    def _connect(self) -> None:
        self.open_button.clicked.connect(self.open_asked)
        self.again_button.clicked.connect(self.again_asked)
        self.export_button.clicked.connect(self.export_asked)
        self.delete_button.clicked.connect(self.delete_asked)
        self.useful.clicked.connect(lambda on: self.rated.emit(True if on else None))
        self.not_useful.clicked.connect(lambda on: self.rated.emit(False if on else None))
        self.note.editingFinished.connect(self._keep_note)

    def _keep_note(self) -> None:
        if self.note.isModified():
            self.note.setModified(False)
            self.noted.emit(self.note.text())

    def _restyle(self) -> None:
        for button, name, tone in (
            (self.useful, "thumbs-up", "success"),
            (self.not_useful, "thumbs-down", "danger"),
        ):
            is_on = button.isChecked()
            icon = f"{name}-fill" if is_on else name
            button.setIcon(self._theme.icon(icon, tone if is_on else "muted"))
        self.open_button.setIcon(self._theme.icon("arrow-square-out", "on_accent"))
        self.again_button.setIcon(self._theme.icon("arrow-counter-clockwise"))
        self.export_button.setIcon(self._theme.icon("export"))
        self.delete_button.setIcon(self._theme.icon("trash"))

    def _lay_out(self, theme: Theme) -> None:
        whole = column(self)
        whole.addWidget(self._pages)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(self.empty)
        page = QWidget()
        self._pages.addWidget(page)
        body = column(page)
        body.addWidget(self._head(theme))
        above = column(left=EDGE_PX, top=12, right=EDGE_PX, spacing=8)
        above.addWidget(self.banner)
        above.addWidget(self.task)
        above.addWidget(self._badge_row)
        body.addLayout(above)
        waiting = QWidget()
        around = column(waiting, left=EDGE_PX, top=12, right=EDGE_PX)
        around.addWidget(self.no_answer)
        around.addStretch(1)
        self._answers.addWidget(waiting)
        self._answers.addWidget(self.answer)
        body.addWidget(self._answers, 1)
        header, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Steps", weight=600))
        line.addWidget(self._steps_facts, 1)
        top = Ground(theme, "border")
        top.setFixedHeight(1)
        body.addWidget(top)
        body.addWidget(header)
        body.addWidget(self.steps)
        self.steps.set_empty_words(_NO_STEP)
        self.steps.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _head(self, theme: Theme) -> QWidget:
        """Title and facts, what can be done, and whether it was of use."""
        head = Ground(theme, line_below=True)
        body = column(head, left=EDGE_PX, top=12, right=12, bottom=11, spacing=8)
        line = row(spacing=8)
        line.addWidget(self.state_badge)
        line.addWidget(self.title, 1)
        body.addLayout(line)
        body.addWidget(self.facts)
        self.open_button.setProperty("kind", "primary")
        self.open_button.setToolTip("Enter")
        actions = row(spacing=8)
        for widget in (
            self.open_button,
            self.again_button,
            self.export_button,
            self.delete_button,
        ):
            actions.addWidget(widget)
        actions.addStretch(1)
        body.addLayout(actions)
        body.addLayout(self._mark_row(theme))
        return head

    def _mark_row(self, theme: Theme) -> QHBoxLayout:
        line = row(spacing=8)
        line.addWidget(TextLabel(theme, "Was this useful?", size_px=12, color="muted"))
        for button, name in ((self.useful, "Useful"), (self.not_useful, "Not useful")):
            button.setCheckable(True)
            button.setFixedSize(QSize(28, 28))
            button.setAccessibleName(name)
            button.setToolTip(name)
            line.addWidget(button)
        self.note.setPlaceholderText("Add a note")
        self.note.setAccessibleName("Note on this run")
        self.note.setMinimumWidth(60)
        line.addWidget(self.note, 1)
        return line


def _duration_s(run: RunSummary) -> float:
    ended = run.ended_at or run.started_at
    return max(0.0, (ended - run.started_at).total_seconds())


def _step_cells(step: StepState, now: datetime) -> Sequence[Cell]:
    icon, tone = _STEP_ICONS[step.phase]
    is_call = bool(step.model)
    return (
        Cell(step.title, icon=icon, icon_tone=tone, weight=500, tip=step.title),
        Cell(step.served_model or step.model, tone="muted", tip=step.served_model or step.model),
        Cell(format_count(step.input_tokens) if is_call else "", tone="muted"),
        Cell(format_count(step.output_tokens) if is_call else "", tone="muted"),
        Cell(format_duration(step.duration_s(now)), tone="muted"),
        Cell(format_usd(step.cost_usd) if is_call else ""),
    )
