"""The assistant that connects models, step by step. Every step can be skipped and left."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.navigator import Navigator
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.tasks.examples import Example
from agentflow_desktop.desktop.screens.welcome.step_list import StepList
from agentflow_desktop.desktop.screens.welcome.step_pages import (
    DonePage,
    KeyPage,
    LimitsPage,
    LocalPage,
    StartPage,
    StepPage,
    TestPage,
)
from agentflow_desktop.desktop.screens.welcome.view_model import (
    Step,
    WelcomeState,
    WelcomeViewModel,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column, row

_NEXT_WORDS = {
    Step.START: "Connect models",
    Step.LOCAL: "Use and go on",
    Step.LIMITS: "Set and go on",
    Step.DONE: "Start asking",
}


class WelcomeScreen(Screen):
    """Renders a WelcomeState. ``load_example`` puts an example before the person."""

    def __init__(
        self,
        theme: Theme,
        model: WelcomeViewModel,
        navigator: Navigator,
        load_example: Callable[[Example], None],
    ) -> None:
        super().__init__(theme, "Welcome")
        self._theme, self._model = theme, model
        self._navigator, self._load_example = navigator, load_example
        self.steps = StepList(theme)
        self.banner = Banner(theme)
        self.leave_button = QPushButton("Leave")
        self.back_button = QPushButton("Back")
        self.skip_button = QPushButton("Skip")
        self.next_button = QPushButton("Next")
        self.next_button.setProperty("kind", "primary")
        self.start, self.key = StartPage(theme), KeyPage(theme, model)
        self.local, self.test = LocalPage(theme, model), TestPage(theme, model)
        self.limits, self.done = LimitsPage(theme, model), DonePage(theme)
        self._pages: dict[Step, StepPage] = {
            Step.START: self.start, Step.KEY: self.key, Step.LOCAL: self.local,
            Step.TEST: self.test, Step.LIMITS: self.limits, Step.DONE: self.done,
        }  # fmt: skip
        self._stack = QStackedWidget()
        self._awaits_focus = False  # the button can't take it while the program opens
        self._lay_out(theme)
        self._connect()
        self._stop: Callable[[], None] = model.listen(self.render_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(model.state)

    def commands(self) -> Sequence[Command]:
        model = self._model
        at_start = lambda: model.state.step is not Step.START  # noqa: E731
        return (
            Command("Next step", self._go_on, "Alt+Right", "arrow-right"),
            Command("Step back", model.back, "Alt+Left", "arrow-left", at_start),
            Command("Leave the assistant", self._leave, "Escape", "x"),
        )

    def shown(self) -> None:
        self._awaits_focus = True
        self._model.start()
        self._focus_next()

    def left(self) -> None:
        self._awaits_focus = False

    def release(self) -> None:
        self._stop()

    def render_state(self, state: WelcomeState) -> None:
        """Draw the step."""
        self.banner.show_problem(state.problem)
        self.steps.show_steps(state.step, _done(state))
        page = self._pages[state.step]
        page.show_state(state)
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            self.next_button.setFocus()
        step = state.step
        self.back_button.setVisible(step is not Step.START)
        self.skip_button.setVisible(step not in (Step.START, Step.DONE, Step.TEST))
        words = _NEXT_WORDS.get(step, "Next")
        if step is Step.LOCAL and state.picked is None:
            words = "Next"
        self.next_button.setText(words)
        is_wrong = step is Step.LIMITS and bool(state.limit_problem)
        self.next_button.setEnabled(state.is_open and not is_wrong)
        self._focus_next()

    def _focus_next(self) -> None:
        """Let Return go on, from the moment on that it can."""
        if self._awaits_focus and self.next_button.isEnabled():
            self._awaits_focus = False
            self.next_button.setFocus()

    def _go_on(self) -> None:
        match self._model.state.step:
            case Step.LOCAL:
                self._model.use_picked()
            case Step.LIMITS:
                self._model.keep_limits()
            case Step.DONE:
                self._leave()
            case Step.START | Step.KEY | Step.TEST:
                self._model.skip()

    def _leave(self) -> None:
        self._navigator.go("tasks")

    def _try_example(self, example: Example) -> None:
        self._load_example(example)
        self._leave()

    def _connect(self) -> None:
        model = self._model
        self.steps.chosen.connect(model.go)
        self.leave_button.clicked.connect(self._leave)
        self.back_button.clicked.connect(model.back)
        self.skip_button.clicked.connect(model.skip)
        self.next_button.clicked.connect(self._go_on)
        self.start.example_asked.connect(self._try_example)

    def _restyle(self) -> None:
        self.leave_button.setIcon(self._theme.icon("x"))

    def _lay_out(self, theme: Theme) -> None:
        self.header.end_facts()
        self.header.add_tool(self.leave_button)
        for page in self._pages.values():
            self._stack.addWidget(page)
        foot = Ground(theme, line_above=True)
        buttons = row(left=32, top=12, right=24, bottom=12)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        buttons.addWidget(self.skip_button)
        buttons.addStretch(1)
        foot.setLayout(buttons)
        right = QWidget()
        body = column(right)
        body.addWidget(self.banner)
        body.addWidget(self._stack, 1)
        body.addWidget(foot)
        edge = Ground(theme, "border")
        edge.setFixedWidth(1)
        line = row(spacing=0)
        line.addWidget(self.steps)
        line.addWidget(edge)
        line.addWidget(right, 1)
        self.body.addLayout(line, 1)


def _done(state: WelcomeState) -> frozenset[Step]:
    """The steps whose work is done, however it came to be."""
    done = {Step.START} if state.step is not Step.START else set[Step]()
    if state.has_key:
        done.add(Step.KEY)
    if len(state.roles) > 1 or (state.has_model and not state.has_key):
        done.add(Step.LOCAL)
    if state.tests and all(test.is_usable for test in state.tests.values()):
        done.add(Step.TEST)
    if state.step is Step.DONE:
        done.update((Step.LIMITS, Step.DONE))
    return frozenset(done)
