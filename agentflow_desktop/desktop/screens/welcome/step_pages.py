"""What each step of the assistant shows in the middle."""

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QRadioButton, QVBoxLayout, QWidget

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.formatting import as_plain_word, format_count
from agentflow_desktop.desktop.screens.models.found_servers import NOTHING_FOUND
from agentflow_desktop.desktop.screens.models.key_entry import KeyEntry
from agentflow_desktop.desktop.screens.models.model_form import TestOutcome
from agentflow_desktop.desktop.screens.tasks.examples import shipped_examples
from agentflow_desktop.desktop.screens.welcome.view_model import (
    LIMITS,
    Offer,
    WelcomeState,
    WelcomeViewModel,
)
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.scroll_page import ScrollPage, clear
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_WIDEST_PX = 620
_NAMES = {Role.PLANNER: "Planner", Role.HEAVY: "Heavy model"}


class StepPage(ScrollPage):
    """A title, a sentence, and below them what the step asks for."""

    def __init__(self, theme: Theme, title: str, words: str) -> None:
        super().__init__(theme, widest_px=_WIDEST_PX)
        self._theme = theme
        self.content.setContentsMargins(8, 28, 0, 24)
        self.content.setSpacing(12)
        self.content.addWidget(TextLabel(theme, title, size_px=18, weight=600))
        self.content.addWidget(TextLabel(theme, words, color="muted", wraps=True))

    def show_state(self, state: WelcomeState) -> None:
        """Draw what the step knows."""


class StartPage(StepPage):
    """``example_asked`` gives the Example that was clicked."""

    example_asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "Ask about your files, and see the proof",
            "AgentFlow answers from your documents; each claim carries a quote that code has "
            "looked up in its file, and the price is known before anything is spent.",
        )
        words = "It works now, without a key and without a network: the built-in engine finds the"
        words += " passages that answer. Try it on files that come with the program:"
        self.content.addSpacing(8)
        self.content.addWidget(TextLabel(theme, words, wraps=True))
        self.buttons: list[QPushButton] = []
        for example in shipped_examples():
            button = QPushButton(example.task)
            button.setAccessibleName(f"Example: {example.task} Files: {example.about}")
            button.clicked.connect(lambda _=False, e=example: self.example_asked.emit(e))
            line = row(spacing=12)
            line.addWidget(button)
            line.addWidget(TextLabel(theme, example.about, size_px=12, color="muted"))
            line.addStretch(1)
            self.content.addLayout(line)
            self.buttons.append(button)
        more = "Answers that reason take a model. The next steps connect one of Google's, one on "
        more += "this machine, or both, which then check each other. Every step can be skipped, "
        more += "and what was entered stays."
        self.content.addSpacing(8)
        self.content.addWidget(TextLabel(theme, more, wraps=True))
        self.content.addStretch(1)


class KeyPage(StepPage):
    """Gemini's key: entered, kept, tested at once."""

    def __init__(self, theme: Theme, model: WelcomeViewModel) -> None:
        super().__init__(
            theme,
            "Gemini reads long documents and verifies",
            "Make a key at aistudio.google.com/apikey and paste it here. It is tested at once, "
            "which costs nothing.",
        )
        self._model = model
        self.gemini = QComboBox()
        self.gemini.setAccessibleName("Gemini model")
        self.gemini.activated.connect(lambda i: model.choose_gemini(self.gemini.itemText(i)))
        self.entry = KeyEntry(theme, "Keep and test")
        self.entry.entered.connect(model.keep_key)
        self.again = QPushButton("Test the key that is there")
        self.again.clicked.connect(model.test_key)
        line = row(spacing=12)
        line.addWidget(TextLabel(theme, "Model", weight=600))
        line.addWidget(self.gemini)
        line.addStretch(1)
        self.content.addLayout(line)
        self.content.addWidget(self.entry)
        below = row()
        below.addWidget(self.again)
        below.addStretch(1)
        self.content.addLayout(below)
        self.outcome = TextLabel(theme, wraps=True)
        self.content.addWidget(self.outcome)
        self.content.addStretch(1)

    def show_state(self, state: WelcomeState) -> None:
        names = list(state.gemini_names)
        if [self.gemini.itemText(i) for i in range(self.gemini.count())] != names:
            self.gemini.clear()
            self.gemini.addItems(names)
        self.gemini.setCurrentIndex(self.gemini.findText(state.gemini))
        self.entry.setEnabled(state.is_open)
        self.entry.show_place(state.key_place)
        key = state.key
        self.entry.show_outcome(key.problem or key.kept, "danger" if key.problem else "success")
        self.again.setVisible(state.has_key and not key.kept)
        show_outcome(self.outcome, key.test)


class LocalPage(StepPage):
    """Servers on this machine, one model of which may become the planner."""

    def __init__(self, theme: Theme, model: WelcomeViewModel) -> None:
        super().__init__(
            theme,
            "A model on this machine plans and refines",
            "It costs nothing, and what it is asked stays here. Servers are looked for on their "
            "usual ports of this machine only.",
        )
        self._model = model
        self._shown: tuple[object, ...] = ()
        self.choices: list[QRadioButton] = []
        self._choices = QWidget()
        self._column: QVBoxLayout = column(self._choices, spacing=8)
        self._words = TextLabel(theme, color="muted", wraps=True)
        self.again = QPushButton("Look again")
        self.again.clicked.connect(model.find_local)
        self.content.addWidget(self._words)
        self.content.addWidget(self._choices)
        line = row()
        line.addWidget(self.again)
        line.addStretch(1)
        self.content.addLayout(line)
        self.content.addStretch(1)

    def show_state(self, state: WelcomeState) -> None:
        search = state.search
        self.again.setEnabled(state.is_open and not search.is_going_on)
        words = ""
        if search.is_going_on:
            words = "Looking"
        elif search.servers is not None and not state.offers:
            words = NOTHING_FOUND
        self._words.setText(words)
        self._words.setVisible(bool(words))
        shown = (state.offers, state.picked)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._column)
        self.choices = []
        for offer in state.offers:
            self._add(offer, _offer_words(offer), is_picked=offer == state.picked)
        if state.offers:
            self._add(None, "None of these", is_picked=state.picked is None)

    def _add(self, offer: Offer | None, words: str, *, is_picked: bool) -> None:
        choice = QRadioButton(as_plain_word(words))
        choice.setChecked(is_picked)
        choice.clicked.connect(lambda: self._model.pick(offer))
        self.choices.append(choice)
        self._column.addWidget(choice)


class TestPage(StepPage):
    """Whether each model that plays a role answers now."""

    def __init__(self, theme: Theme, model: WelcomeViewModel) -> None:
        super().__init__(
            theme, "Do they answer?", "Each model that plays a role is asked now. It costs nothing."
        )
        self._lines = {role: TextLabel(theme, weight=600) for role in Role}
        self.outcomes = {role: TextLabel(theme, wraps=True) for role in Role}
        self._nobody = TextLabel(theme, wraps=True)
        self._nobody.setText(
            "No model plays a role: the built-in engine answers. Go back to connect one, or on."
        )
        for role in Role:
            self.content.addWidget(self._lines[role])
            self.content.addWidget(self.outcomes[role])
        self.content.addWidget(self._nobody)
        self.again = QPushButton("Test again")
        self.again.clicked.connect(model.test)
        line = row()
        line.addWidget(self.again)
        line.addStretch(1)
        self.content.addLayout(line)
        self.content.addStretch(1)

    def show_state(self, state: WelcomeState) -> None:
        self._nobody.setVisible(not state.roles)
        self.again.setVisible(state.has_model)
        for role in Role:
            name = state.roles.get(role, "")
            self._lines[role].setVisible(bool(name))
            self._lines[role].setText(f"{_NAMES[role]}: {name}")
            show_outcome(self.outcomes[role], state.tests.get(role) if name else None)


class LimitsPage(StepPage):
    """The three limits of spending."""

    def __init__(self, theme: Theme, model: WelcomeViewModel) -> None:
        super().__init__(
            theme,
            "What may be spent at most",
            "A call that would pass a limit is refused before it is made. Local models and kept "
            "results cost nothing and go on.",
        )
        self.fields: dict[str, QLineEdit] = {}
        for key, title in LIMITS.items():
            field = QLineEdit()
            field.setFixedWidth(112)
            field.setAccessibleName(f"{title}, in US dollars")
            field.textEdited.connect(lambda text, key=key: model.type_limit(key, text))
            field.returnPressed.connect(model.keep_limits)
            label = TextLabel(theme, title, weight=600)
            label.setFixedWidth(90)
            line = row(spacing=12)
            line.addWidget(label)
            line.addWidget(field)
            line.addWidget(TextLabel(theme, "US$", color="muted"))
            line.addStretch(1)
            self.content.addLayout(line)
            self.fields[key] = field
        self.problem = TextLabel(theme, color="danger", wraps=True)
        self.content.addWidget(self.problem)
        self.content.addStretch(1)

    def show_state(self, state: WelcomeState) -> None:
        for key, field in self.fields.items():
            text = state.limits.get(key, "")
            if field.text() != text:
                field.setText(text)
        self.problem.setText(state.limit_problem)
        self.problem.setVisible(bool(state.limit_problem))


class DonePage(StepPage):
    """What is set up now."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Ready", "All of this can be changed in the settings.")
        self.words = TextLabel(theme, wraps=True)
        self.content.addWidget(self.words)
        self.content.addStretch(1)

    def show_state(self, state: WelcomeState) -> None:
        roles = state.roles
        lines = [f"{_NAMES[role]}: {roles[role]}" for role in Role if role in roles]
        if len(lines) == 1:
            lines.append("It plays both roles and checks itself; every result says so.")
        if not lines:
            lines = ["No model is connected: the built-in engine finds passages."]
        kept = state.kept_limits
        limits = [
            f"{title} at most {format_usd(Decimal(kept[key]))}"
            for key, title in LIMITS.items()
            if key in kept
        ]
        self.words.setText("\n".join([*lines, "", *limits]))


def show_outcome(label: TextLabel, test: TestOutcome | None) -> None:
    """What a test found; that nobody can be reached is a state, not an error."""
    label.setVisible(test is not None)
    if test is None:
        return
    if test.is_going_on:
        words, tone = "Asking", "muted"
    elif test.is_usable:
        words, tone = test.message, "success"
    elif not test.is_reached:
        words, tone = f"{test.message} It is used as soon as it can be reached.", "muted"
    else:
        words, tone = f"{test.message} {test.hint}".strip(), "danger"
    label.setText(words)
    label.set_color(tone)


def _offer_words(offer: Offer) -> str:
    window = offer.model.window_tokens
    size = f", window {format_count(window)} tokens" if window is not None else ""
    return f"{offer.model.name}  ({offer.server.product}{size})"
