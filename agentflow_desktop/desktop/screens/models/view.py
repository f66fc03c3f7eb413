"""The page of models: who plays which role, every model, and servers on this machine.

A chosen model, or a new one, takes the page over until it is left.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.core.keys import KeySource
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.models.form_view import ModelFormView
from agentflow_desktop.desktop.screens.models.found_servers import FoundServers
from agentflow_desktop.desktop.screens.models.model_form import TestOutcome
from agentflow_desktop.desktop.screens.models.state import ModelsState
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel, key_words
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.scroll_page import heading
from agentflow_desktop.desktop.widgets.table import HEADER_PX, TWO_LINE_ROW_PX, DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_COLUMNS = (
    Column("Model"),
    Column("Role", 92),
    Column("Key", 132),
    Column("US$ per 1M tokens", 150),
    Column("Window", 90, is_number=True),
)
_NAMES = {Role.PLANNER: "Planner", Role.HEAVY: "Heavy model"}
_PURPOSES = {
    Role.PLANNER: "proposes, plans and refines",
    Role.HEAVY: "reads long documents and verifies",
}
_NOBODY = "Nobody"
_CHOICE_PX, _LABEL_PX = 260, 110


class ModelsPage(QWidget):
    """``own_settings`` are those that this page edits in its own way."""

    own_settings = (
        "models.planner",
        "models.heavy",
        "models.planner_fallback",
        "models.heavy_fallback",
    )

    def __init__(
        self, theme: Theme, model: ModelsViewModel, open_assistant: Callable[[], None]
    ) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self.banner = Banner(theme)
        self.roles: dict[Role, QComboBox] = {}
        self.fallbacks: dict[Role, QComboBox] = {}
        self._fallback_words: dict[Role, TextLabel] = {}
        self._purposes: dict[Role, TextLabel] = {}
        self.test_button = QPushButton("Test")
        self.test_button.setAccessibleName("Test the models that play a role")
        self.table = DataTable(theme, _COLUMNS, "Models", row_px=TWO_LINE_ROW_PX)
        self.add_button = QPushButton("Add a model")
        self.find_button = QPushButton("Find local servers")
        self.assistant_button = QPushButton("Connect models step by step")
        self.assistant_button.clicked.connect(open_assistant)
        self.servers = FoundServers(theme, model)
        self.form = ModelFormView(theme, model)
        self._list = QWidget()
        self._names: tuple[str, ...] = ()
        self._lay_out(theme)
        self._connect()
        self._stop: Callable[[], None] = model.listen(self.render_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: ModelsState) -> None:
        """Draw the list, or the model that is worked on."""
        self.banner.show_problem(state.problem)
        self._list.setVisible(state.form is None)
        self.form.setVisible(state.form is not None)
        self.form.render_state(state)
        self.servers.render_state(state)
        self._show_roles(state)
        self._names = tuple(m.profile.name for m in state.models)
        self.table.show_rows([_cells(m, state.tests.get(m.profile.name)) for m in state.models])
        self.table.setFixedHeight(HEADER_PX + TWO_LINE_ROW_PX * max(2, len(state.models)) + 2)
        for widget in (self.add_button, self.find_button, *self.roles.values()):
            widget.setEnabled(state.is_open)

    def _show_roles(self, state: ModelsState) -> None:
        names = ["", *(m.profile.name for m in state.models)]
        for role, combo in self.roles.items():
            name = state.name_of(role)
            _show_choice(combo, names, name)
            self._show_role_test(role, state.tests.get(name))
        for role, combo in self.fallbacks.items():
            choices, name = state.fallback_choices(role), state.fallback_of(role)
            shown = choices if name in choices or not name else (name, *choices)
            _show_choice(combo, ["", *shown], name)
            combo.setEnabled(state.is_open and len(shown) > 0)
            self._fallback_words[role].setText(_fallback_words(state, role))
        self.test_button.setEnabled(any(state.name_of(role) for role in Role))

    def _show_role_test(self, role: Role, test: TestOutcome | None) -> None:
        label = self._purposes[role]
        if test is None:
            label.setText(_PURPOSES[role])
            label.set_color("muted")
            return
        words = "Asking" if test.is_going_on else f"{test.message} {test.hint}".strip()
        label.setText(words)
        is_bad = not test.is_usable and not test.is_going_on and test.is_reached
        label.set_color("success" if test.is_usable else "danger" if is_bad else "muted")

    def _open(self, index: int) -> None:
        if 0 <= index < len(self._names):
            self._model.edit(self._names[index])

    def _bind(self, role: Role, index: int) -> None:
        self._model.bind(role, self.roles[role].itemData(index))

    def _bind_fallback(self, role: Role, index: int) -> None:
        self._model.bind_fallback(role, self.fallbacks[role].itemData(index))

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._model.add)
        self.find_button.clicked.connect(self._model.find_local)
        self.test_button.clicked.connect(self._model.test_roles)
        self.table.row_opened.connect(self._open)
        self.table.clicked.connect(lambda index: self._open(index.row()))

    def _restyle(self) -> None:
        self.add_button.setIcon(self._theme.icon("plus"))
        self.find_button.setIcon(self._theme.icon("hard-drives"))
        self.assistant_button.setIcon(self._theme.icon("magic-wand"))

    def _lay_out(self, theme: Theme) -> None:
        body = column(self)
        body.addWidget(self.banner)
        body.addWidget(self._list)
        body.addWidget(self.form)
        content = column(self._list)
        roles = row()
        roles.addWidget(heading(theme, "Roles"))
        roles.addStretch(1)
        roles.addWidget(self.test_button, 0, Qt.AlignmentFlag.AlignBottom)
        content.addLayout(roles)
        for role in Role:
            self._add_role(content, role)
        words = "With one model it plays both roles and checks itself; with none the built-in "
        words += "engine finds passages, without a key and without a network."
        content.addWidget(TextLabel(theme, words, size_px=12, color="muted", wraps=True))
        head = row(spacing=8)
        head.addWidget(heading(theme, "Models"))
        head.addStretch(1)
        for button in (self.assistant_button, self.find_button, self.add_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        content.addLayout(head)
        content.addSpacing(4)
        content.addWidget(self.servers)
        self.table.set_empty_words("The models are shown once the program is open.")
        content.addWidget(self.table)

    def _add_role(self, content: QVBoxLayout, role: Role) -> None:
        theme, name = self._theme, _NAMES[role]
        self.roles[role] = combo = _choice(name)
        combo.activated.connect(lambda index: self._bind(role, index))
        label = TextLabel(theme, name, weight=600)
        self._purposes[role] = purpose = TextLabel(theme, size_px=12, color="muted", wraps=True)
        content.addLayout(_role_line(label, combo, purpose, top=8))
        self.fallbacks[role] = spare = _choice(f"Fallback of the {name.lower()}")
        spare.activated.connect(lambda index: self._bind_fallback(role, index))
        label = TextLabel(theme, "Fallback", color="muted")
        self._fallback_words[role] = words = TextLabel(theme, size_px=12, color="muted", wraps=True)
        content.addLayout(_role_line(label, spare, words, top=6, bottom=6))


def _choice(accessible_name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(accessible_name)
    combo.setMinimumWidth(_CHOICE_PX)
    return combo


def _show_choice(combo: QComboBox, names: Sequence[str], chosen: str) -> None:
    if [combo.itemData(i) for i in range(combo.count())] != list(names):
        combo.clear()
        for name in names:
            combo.addItem(name or _NOBODY, name)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))


def _role_line(
    label: TextLabel, combo: QComboBox, words: TextLabel, *, top: int = 0, bottom: int = 0
) -> QHBoxLayout:
    label.setFixedWidth(_LABEL_PX)
    line = row(top=top, bottom=bottom, spacing=12)
    line.addWidget(label)
    line.addWidget(combo)
    line.addWidget(words, 1)
    return line


def _cells(details: ModelDetails, test: TestOutcome | None) -> tuple[Cell, ...]:
    profile = details.profile
    icon, tone = _health(test)
    served = profile.model if profile.base_url == "" else f"{profile.model} at {profile.base_url}"
    missing = details.key_source is KeySource.MISSING
    return (
        Cell(profile.name, served, weight=600, icon=icon, icon_tone=tone, tip=served),
        _role_cell(details),
        Cell(key_words(details), tone="warning" if missing and details.roles else "muted"),
        Cell(details.price.replace(" per 1M tokens", ""), tone="muted", tip=details.price),
        Cell(format_count(profile.window_tokens)),
    )


def _fallback_words(state: ModelsState, role: Role) -> str:
    """What the fallback is for, and what it costs then."""
    spare = state.model(state.fallback_of(role))
    if spare is None:
        return "would answer if that model can't be reached"
    return f"answers if that model can't be reached: {spare.price}"


def _role_cell(details: ModelDetails) -> Cell:
    if details.roles:
        return Cell(badge=", ".join(details.roles), badge_tone="accent")
    return Cell(badge="fallback", badge_tone="neutral") if details.fallback_of else Cell()


def _health(test: TestOutcome | None) -> tuple[str, str]:
    if test is None:
        return "cpu", "muted"
    if test.is_going_on:
        return "circle-half", "accent"
    if test.is_usable:
        return "check-circle-fill", "success"
    return ("circle-dashed", "muted") if not test.is_reached else ("warning-fill", "danger")
