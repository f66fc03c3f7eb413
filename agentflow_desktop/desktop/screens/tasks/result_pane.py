"""The centre: what was asked before, where the run stands, its answer, its steps, what next."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.desktop.formatting import format_age, format_duration
from agentflow_desktop.desktop.screens.tasks.answer_document import answer_as_text
from agentflow_desktop.desktop.screens.tasks.answer_view import AnswerView
from agentflow_desktop.desktop.screens.tasks.earlier_list import EarlierList
from agentflow_desktop.desktop.screens.tasks.empty_answer import EmptyAnswer
from agentflow_desktop.desktop.screens.tasks.follow_bar import FollowBar
from agentflow_desktop.desktop.screens.tasks.run_header import RunHeader
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase, RunState
from agentflow_desktop.desktop.screens.tasks.state import Reopening, State
from agentflow_desktop.desktop.screens.tasks.steps_pane import StepsPane
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column

_TICK_MS = 100


class ResultPane(Ground):
    """``cited`` gives a citation's number, ``quote_asked`` an Evidence."""

    cited = Signal(int)
    quote_asked = Signal(object)
    rerun_asked = Signal(bool)  # whether the cache may answer

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme)
        self._clock = clock
        self._run: RunState | None = None
        self._reopening: Reopening | None = None
        self._has_task = False
        self.setMinimumWidth(340)
        self.earlier = EarlierList(theme)
        self.header = RunHeader(theme)
        self.answer = AnswerView(theme)
        self.banner = Banner(theme)
        self.notice = Banner(theme)
        self.empty = EmptyAnswer(theme)
        self.steps = StepsPane(theme)
        self.follow = FollowBar(theme)
        self._stack = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._is_splitter_moved = False
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_time)
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(0)
        self._fit.timeout.connect(self._fit_steps)
        self._lay_out()
        self._splitter.splitterMoved.connect(self._note_splitter_moved)
        self.answer.cited.connect(self.cited)
        self.steps.quote_asked.connect(self.quote_asked)
        self.steps.grown.connect(self._fit.start)  # once the layout knows the rows' heights
        self.follow.copy_asked.connect(self._copy_answer)
        self.banner.acted.connect(lambda: self.rerun_asked.emit(self._run_is_failed()))
        self.show_run(None)

    def render_state(self, state: State) -> None:
        run = state.run
        self._has_task = bool(state.request.task.strip())
        was_empty = run is None and self._run is None
        if was_empty or run is not self._run or state.reopening is not self._reopening:
            self._run, self._reopening = run, state.reopening
            self.show_run(run)
        self.follow.render_state(state)
        if run is not None and run.answer is not None and not run.streamed_text:
            is_passages = run.route is not None and Badge.BUILT_IN in run.route.badges
            if run.result is not None:
                is_passages = Badge.BUILT_IN in run.result.badges
            lit = state.evidence.number
            self.answer.show_answer(run.answer, lit, shows_passages=is_passages)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._run is not None:
            self._show_text(self._run)

    def show_run(self, run: RunState | None) -> None:
        """Draw the run, or the invitation to begin one."""
        self.header.setVisible(run is not None)
        self.steps.setVisible(run is not None and bool(run.steps))
        self.earlier.show_exchanges(run.request.earlier if run is not None else ())
        now = self._clock.now()
        self.steps.show_run(run, now)
        self._show_banner(run)
        self._show_notices(run)
        if run is None:
            self._tick.stop()
            self.answer.show_nothing()
            self._show_empty()
            return
        self.header.show_run(run, now)
        self._show_text(run)
        (self._tick.start if run.is_running else self._tick.stop)()

    def _show_empty(self) -> None:
        if self._reopening is None and self._has_task:
            self.empty.show_words("Run the task: its answer stands here, each claim with its line.")
        elif self._reopening is None:
            self.empty.show_invitation()
        elif self._reopening.problem is None:
            self.empty.show_words("Fetching the run from the history…")
        else:
            self.empty.show_words(self._reopening.problem.words)
        self._stack.setCurrentWidget(self.empty)

    def _show_text(self, run: RunState) -> None:
        if run.streamed_text:
            if self.isVisible():  # else it is set when the pane is shown
                self.answer.show_stream(run.streamed_text)
            self._stack.setCurrentWidget(self.answer)
        elif run.answer is not None:
            self._stack.setCurrentWidget(self.answer)
        else:
            self.answer.show_nothing()
            self.empty.show_words(_waiting_words(run))
            self._stack.setCurrentWidget(self.empty)

    def _show_banner(self, run: RunState | None) -> None:
        message = _banner_words(run, self._clock) if run is not None else None
        if message is None:
            self.banner.hide()
        else:
            self.banner.show_message(*message)

    def _show_notices(self, run: RunState | None) -> None:
        # What a failure says is the last word; the notices before it stay at their steps.
        if run is None or not run.notices or run.problem is not None:
            self.notice.hide()
            return
        earlier = len(run.notices) - 1
        hint = f"and {earlier} earlier, each at its step" if earlier else ""
        self.notice.show_message("warning", run.notices[-1], hint)

    def _fit_steps(self) -> None:
        """Give the steps the height they need, at most two fifths, until a person moves it."""
        whole = self._splitter.height()
        if self._is_splitter_moved or not self.steps.rows or whole < 200:
            return
        height = min(self.steps.needed_px, whole * 2 // 5)
        if self._splitter.sizes()[1] != height:
            self._splitter.setSizes([whole - height, height])

    def _note_splitter_moved(self) -> None:
        self._is_splitter_moved = True

    def _show_time(self) -> None:
        if self._run is not None:
            now = self._clock.now()
            self.header.show_time(self._run, now)
            self.steps.show_time(self._run.steps, now)

    def _run_is_failed(self) -> bool:
        """After a failure the cache may answer; from a cached result the wish is a fresh run."""
        return self._run is not None and self._run.phase is not RunPhase.SUCCEEDED

    def _copy_answer(self) -> None:
        if self._run is not None and self._run.result is not None:
            QGuiApplication.clipboard().setText(answer_as_text(self._run.result.answer))

    def _lay_out(self) -> None:
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.answer)
        upper = QWidget()
        top = column(upper)
        top.addWidget(self.header)
        top.addWidget(self.earlier)
        banners = column(left=EDGE_PX, top=8, right=EDGE_PX, spacing=8)
        banners.addWidget(self.banner)
        banners.addWidget(self.notice)
        top.addLayout(banners)
        top.addWidget(self._stack, 1)
        splitter = self._splitter
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(upper)
        splitter.addWidget(self.steps)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        whole = column(self)
        whole.addWidget(splitter, 1)
        whole.addWidget(self.follow)


def _banner_words(run: RunState, clock: Clock) -> tuple[str, str, str, str] | None:
    """Tone, message, what happens next, and the one action."""
    cached = run.result.cached_from if run.result is not None else None
    spent = format_usd(run.cost_usd)
    if run.problem is not None:
        return "danger", run.problem.message, run.problem.hint, "Try again"
    if cached is not None:
        cost, took = format_usd(cached.cost_usd), format_duration(cached.duration_s)
        return (
            "info",
            f"Using cached result, made {format_age(cached.stored_at, clock.now())}",
            f"It cost {cost} and took {took} then; now it cost $0.",
            "Run anew",
        )
    if run.phase is RunPhase.CANCELLED:
        return "neutral", "Cancelled", f"What the run had spent, {spent}, is in the ledger.", ""
    if run.phase is RunPhase.INTERRUPTED:
        words = f"Its process ended first. What it had spent, {spent}, is in the ledger."
        return "warning", "Interrupted", words, "Try again"
    return None


def _waiting_words(run: RunState) -> str:
    match run.phase:
        case RunPhase.RUNNING:
            return "The answer appears here as it is written."
        case RunPhase.FAILED | RunPhase.INTERRUPTED:
            return "There is no answer: the run stopped before one was written."
        case RunPhase.CANCELLED:
            return "There is no answer: the run was cancelled before one was written."
        case RunPhase.SUCCEEDED:
            return "There is no answer."
