"""The centre: where the run stands, its answer, and its steps."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.desktop.formatting import NO_BREAK, format_age, format_duration
from agentflow_desktop.desktop.screens.tasks.answer_document import answer_as_text
from agentflow_desktop.desktop.screens.tasks.answer_view import AnswerView
from agentflow_desktop.desktop.screens.tasks.empty_answer import EmptyAnswer
from agentflow_desktop.desktop.screens.tasks.run_badges import BadgeText, run_badges
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase, RunState
from agentflow_desktop.desktop.screens.tasks.state import State
from agentflow_desktop.desktop.screens.tasks.step_row import StepRow
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge as BadgeWidget
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.flow_row import FlowLayout
from agentflow_desktop.desktop.widgets.pane import (
    EDGE_PX,
    PANE_HEADER_PX,
    Ground,
    column,
    pane_header,
    row,
)
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel


class ResultPane(Ground):
    """``cited`` gives a citation's number, ``quote_asked`` an Evidence."""

    cited = Signal(int)
    quote_asked = Signal(object)
    rerun_asked = Signal(bool)  # whether the cache may answer

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._theme, self._clock = theme, clock
        self._run: RunState | None = None
        self._badges: tuple[BadgeText, ...] | None = None
        self.setMinimumWidth(340)
        self.answer = AnswerView(theme)
        self.banner = Banner(theme)
        self.notice = Banner(theme)
        self.steps: list[StepRow] = []
        self._badge_row = QWidget()
        self._flow = FlowLayout(self._badge_row, spacing=6)
        self._duration = TextLabel(theme, size_px=12, color="muted")
        self._cost = TextLabel(theme, size_px=12, weight=600)
        self._copy = QToolButton()
        self.empty = EmptyAnswer(theme)
        self._stack = QStackedWidget()
        self._steps_facts = ElidingLabel(theme, size_px=12, color="muted")
        self._steps_pane = QWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._is_splitter_moved = False
        self._splitter.splitterMoved.connect(self._note_splitter_moved)
        self._steps_column: QVBoxLayout
        self._tick = QTimer(self)
        self._tick.setInterval(100)
        self._tick.timeout.connect(self._show_time)
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(0)
        self._fit.timeout.connect(self._fit_steps)
        self._lay_out(theme)
        self.answer.cited.connect(self.cited)
        self.banner.acted.connect(lambda: self.rerun_asked.emit(self._run_is_failed()))
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: State) -> None:
        run = state.run
        if run is not self._run:
            self._run = run
            self._show_run(run)
        if run is not None and run.answer is not None and not run.streamed_text:
            is_passages = run.route is not None and Badge.BUILT_IN in run.route.badges
            if run.result is not None:
                is_passages = Badge.BUILT_IN in run.result.badges
            lit = state.evidence.number
            self.answer.show_answer(run.answer, lit, shows_passages=is_passages)

    def _show_run(self, run: RunState | None) -> None:
        self._header.setVisible(run is not None)
        self._steps_pane.setVisible(run is not None and bool(run.steps))
        if run is None:
            self._tick.stop()
            self.answer.show_nothing()
            self.empty.show_invitation()
            self._stack.setCurrentWidget(self.empty)
            self.banner.hide()
            self.notice.hide()
            self._show_steps(())
            return
        self._show_badges(run_badges(run))
        self._show_banner(run)
        self._show_notices(run)
        self._show_text(run)
        self._show_steps(run.steps)
        self._copy.setEnabled(run.result is not None)
        (self._tick.start if run.is_running else self._tick.stop)()
        self._show_time()

    def _show_text(self, run: RunState) -> None:
        if run.streamed_text:
            self.answer.show_stream(run.streamed_text)
            self._stack.setCurrentWidget(self.answer)
        elif run.answer is not None:
            self._stack.setCurrentWidget(self.answer)
        else:
            self.answer.show_nothing()
            self.empty.show_words(_waiting_words(run))
            self._stack.setCurrentWidget(self.empty)

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
            shown = BadgeWidget(self._theme, badge.text, badge.tone, badge.icon, tip=badge.tip)
            self._flow.addWidget(shown)
            shown.show()
        self._badge_row.updateGeometry()

    def _show_banner(self, run: RunState) -> None:
        cached = run.result.cached_from if run.result is not None else None
        if run.problem is not None:
            problem = run.problem
            self.banner.show_message("danger", problem.message, problem.hint, "Try again")
        elif cached is not None:
            age = format_age(cached.stored_at, self._clock.now())
            spent = format_usd(cached.cost_usd)
            took = format_duration(cached.duration_s)
            self.banner.show_message(
                "info",
                f"Using cached result, made {age}",
                f"It cost {spent} and took {took} then; now it cost $0.",
                "Run anew",
            )
        elif run.phase is RunPhase.CANCELLED:
            self.banner.show_message(
                "neutral",
                "Cancelled",
                f"What the run had spent, {format_usd(run.cost_usd)}, is in the ledger.",
            )
        else:
            self.banner.hide()

    def _show_notices(self, run: RunState) -> None:
        if not run.notices:
            self.notice.hide()
            return
        earlier = len(run.notices) - 1
        hint = f"and {earlier} earlier, in the history" if earlier > 2 else ""
        words = "\n".join(run.notices[-3:])
        self.notice.show_message("warning", words, hint)

    def _show_steps(self, steps: tuple) -> None:
        now = self._clock.now()
        while len(self.steps) > len(steps) or self._holds_other_steps(steps):
            old = self.steps.pop()
            old.hide()
            old.deleteLater()
        for index, step in enumerate(steps):
            if index == len(self.steps):
                fresh = StepRow(self._theme)
                fresh.quote_asked.connect(self.quote_asked)
                self.steps.append(fresh)
                self._steps_column.insertWidget(index, fresh)
            self.steps[index].show_step(step, now)
        self._fit.start()  # once the layout knows the rows' heights
        models = {step.model for step in steps if step.model}
        self._steps_facts.setText("who said what" if len(models) > 1 else "")

    def _fit_steps(self) -> None:
        """Give the steps the height they need, at most two fifths, until a person moves it."""
        whole = self._splitter.height()
        if self._is_splitter_moved or not self.steps or whole < 200:
            return
        self._steps_column.activate()
        needed = PANE_HEADER_PX + self._steps_column.sizeHint().height() + 2
        height = min(needed, whole * 2 // 5)
        if self._splitter.sizes()[1] != height:
            self._splitter.setSizes([whole - height, height])

    def _note_splitter_moved(self) -> None:
        self._is_splitter_moved = True

    def _holds_other_steps(self, steps: tuple) -> bool:
        if not self.steps:
            return False
        last = len(self.steps) - 1
        shown = self.steps[last].step
        return shown is not None and shown.step_id != steps[last].step_id

    def _show_time(self) -> None:
        run = self._run
        if run is None:
            return
        now = self._clock.now()
        running_s = max(0.0, (now - run.started_at).total_seconds())
        duration_s = running_s if run.duration_s is None else run.duration_s
        self._duration.setText(format_duration(duration_s))
        so_far = f"{NO_BREAK}so far" if run.is_running else ""
        self._cost.setText(f"{format_usd(run.cost_usd)}{so_far}")
        if run.current_step is not None and self.steps:
            self.steps[-1].show_step(run.current_step, now)

    def _run_is_failed(self) -> bool:
        """After a failure the cache may answer; from a cached result the wish is a fresh run."""
        return self._run is not None and self._run.phase is RunPhase.FAILED

    def _copy_answer(self) -> None:
        if self._run is not None and self._run.result is not None:
            QGuiApplication.clipboard().setText(answer_as_text(self._run.result.answer))

    def _restyle(self) -> None:
        self._copy.setIcon(self._theme.icon("copy"))

    def _lay_out_header(self, theme: Theme) -> None:
        self._header = Ground(theme, line_below=True)
        head = row(left=EDGE_PX, top=8, right=8, bottom=9, spacing=8)
        size = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        size.setHeightForWidth(True)
        self._badge_row.setSizePolicy(size)
        head.addWidget(self._badge_row, 1)
        for widget in (self._duration, self._cost, self._copy):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self._copy.setFixedSize(24, 20)
        self._copy.setToolTip("Copy the answer with its quotes")
        self._copy.setAccessibleName("Copy the answer with its quotes")
        self._copy.clicked.connect(self._copy_answer)
        self._header.setLayout(head)
        self._header.setMinimumHeight(PANE_HEADER_PX)

    def _lay_out(self, theme: Theme) -> None:
        self._lay_out_header(theme)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.answer)
        upper = QWidget()
        top = column(upper)
        top.addWidget(self._header)
        banners = column(left=EDGE_PX, top=8, right=EDGE_PX, spacing=8)
        banners.addWidget(self.banner)
        banners.addWidget(self.notice)
        top.addLayout(banners)
        top.addWidget(self._stack, 1)
        self._lay_out_steps(theme)
        splitter = self._splitter
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(upper)
        splitter.addWidget(self._steps_pane)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        column(self).addWidget(splitter)
        self._header.hide()
        self._steps_pane.hide()

    def _lay_out_steps(self, theme: Theme) -> None:
        outer = column(self._steps_pane)
        header, line = pane_header(theme)
        line.addWidget(TextLabel(theme, "Steps", weight=600))
        line.addWidget(self._steps_facts, 1)
        outer.addWidget(header)
        inner = self._steps_inner = Ground(theme)
        inner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._steps_column = column(inner)
        self._steps_column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        area.setMinimumHeight(62)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(area, 1)


def _waiting_words(run: RunState) -> str:
    match run.phase:
        case RunPhase.RUNNING:
            return "The answer appears here as it is written."
        case RunPhase.FAILED:
            return "There is no answer: the run stopped before one was written."
        case RunPhase.CANCELLED:
            return "There is no answer: the run was cancelled before one was written."
        case _:
            return "There is no answer."
