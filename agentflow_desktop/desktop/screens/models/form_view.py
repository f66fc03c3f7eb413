"""The form of one model: its fields, its key, and a test before it is kept."""

from pydantic import SecretStr
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.core.keys import KeySource
from agentflow_desktop.desktop.screens.models.key_entry import KeyEntry
from agentflow_desktop.desktop.screens.models.model_form import ModelForm
from agentflow_desktop.desktop.screens.models.probe_view import ProbeView
from agentflow_desktop.desktop.screens.models.state import ModelsState
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel, key_words
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.scroll_page import heading
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.model_entries import EntryOrigin
from agentflow_desktop.llm.provider import Billing, ProviderKind

_TEXTS = (
    ("name", "Name", "Yours; settings and the command line use it"),
    ("model", "Model", "The name that the server is asked for"),
    ("base_url", "Address", "Up to and with /v1; Gemini's without a version"),
    ("window_tokens", "Window", "Most tokens of prompt and reply together; empty: 8,192"),
    ("max_output_tokens", "Longest reply", "In tokens, thinking included; empty: 2,048"),
    ("key_name", "Key name", "Empty if it needs no key"),
    ("key_env", "Key variable", "An environment variable that also holds the key"),
    ("input_usd", "Price in", "US$ per million tokens; empty: from the price list"),
    ("output_usd", "Price out", "US$ per million tokens"),
    ("cached_input_usd", "Price of cached", "US$ per million tokens; empty: as if not cached"),
)
_PROVIDERS = (
    ("OpenAI-compatible server", ProviderKind.OPENAI_COMPATIBLE.value),
    ("Google Gemini", ProviderKind.GOOGLE_GENAI.value),
    ("Built-in engine", ProviderKind.BUILT_IN.value),
)
_BILLINGS = (
    ("By the address: free on this machine", ""),
    ("Free", Billing.FREE.value),
    ("Metered: refused without a price", Billing.METERED.value),
)
_FIELD_PX = 300


class ModelFormView(QWidget):
    """Renders a ModelForm and tells the view-model what is typed."""

    def __init__(self, theme: Theme, model: ModelsViewModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self._name = ""
        self.back_button = QPushButton("All models")
        self.back_button.setProperty("kind", "quiet")
        self._title = ElidingLabel(theme, size_px=15, weight=600)
        self._origin = Badge(theme, "", "neutral")
        self.fields = {name: QLineEdit() for name, _, _ in _TEXTS}
        self.provider = QComboBox()
        self.billing = QComboBox()
        self.problem = TextLabel(theme, color="danger", wraps=True)
        self.outcome = TextLabel(theme, wraps=True)
        self.probe = ProbeView(theme)
        self.keep_button = QPushButton("Save")
        self.keep_button.setProperty("kind", "primary")
        self.test_button = QPushButton("Test")
        self.remove_button = QPushButton("Remove")
        self.remove_button.setProperty("kind", "danger")
        self._key_state = TextLabel(theme, wraps=True)
        self.key_entry = KeyEntry(theme, "Keep key")
        self.remove_key_button = QPushButton("Forget the key")
        self._key_part = QWidget()
        self._lay_out(theme)
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: ModelsState) -> None:
        """Draw the form, if there is one."""
        form = state.form
        if form is None:
            self._name = ""
            return
        details = None if form.is_new else state.model(form.name)
        self._title.setText("A new model" if form.is_new else form.name)
        self._show_origin(details)
        self._show_fields(form)
        self.problem.setText(form.problem)
        self.problem.setVisible(bool(form.problem))
        self._show_test(form, details)
        self.probe.render_state(form.probe)
        self.keep_button.setText("Add" if form.is_new else "Save")
        self._show_key(state, details)
        if self._name != (form.name or "new") and form.is_new:
            self.fields["name"].setFocus()
        self._name = form.name or "new"

    def _show_fields(self, form: ModelForm) -> None:
        for name, field in self.fields.items():
            text = form.name if name == "name" else form.fields.get(name, "")
            if field.text() != text:
                field.setText(text)
        self.fields["name"].setEnabled(form.is_new)
        self.provider.setCurrentIndex(self.provider.findData(form.fields.get("provider", "")))
        self.billing.setCurrentIndex(max(0, self.billing.findData(form.fields.get("billing", ""))))

    def _show_origin(self, details: ModelDetails | None) -> None:
        origin = details.origin if details is not None else None
        words = {
            EntryOrigin.SHIPPED: ("comes with the program", "neutral"),
            EntryOrigin.CHANGED: ("changed by you", "accent"),
            EntryOrigin.OWN: ("yours", "accent"),
        }
        self._origin.setVisible(origin is not None)
        if origin is not None:
            self._origin.set_content(*words[origin])
        is_shipped = origin in (None, EntryOrigin.SHIPPED)
        self.remove_button.setVisible(not is_shipped)
        is_own = origin is EntryOrigin.OWN
        self.remove_button.setText("Remove" if is_own else "As it was shipped")

    def _show_test(self, form: ModelForm, details: ModelDetails | None) -> None:
        test, probe = form.test, form.probe
        is_busy = (test is not None and test.is_going_on) or (
            probe is not None and probe.is_going_on
        )
        self.test_button.setEnabled(not is_busy)
        self.outcome.setVisible(test is not None)
        if test is None:
            return
        lacks_key = details is not None and details.key_source is KeySource.MISSING
        hint = "Enter it below." if lacks_key else test.hint
        words = "Asking the model" if test.is_going_on else f"{test.message} {hint}".strip()
        self.outcome.setText(words)
        is_bad = not test.is_going_on and not test.is_usable
        tone = "success" if test.is_usable else "danger" if is_bad and test.is_reached else "muted"
        self.outcome.set_color(tone)

    def _show_key(self, state: ModelsState, details: ModelDetails | None) -> None:
        source = details.key_source if details is not None else None
        self._key_part.setVisible(source is not None)
        if details is None or source is None:
            return
        self._key_state.setText(f"Key {details.profile.key_name}: {key_words(details)}")
        self._key_state.set_color("warning" if source is KeySource.MISSING else "text")
        self.remove_key_button.setVisible(source in (KeySource.KEYRING, KeySource.SESSION))
        self.key_entry.setVisible(source is not KeySource.ENVIRONMENT)
        self.key_entry.show_place(state.key_place)
        notice = state.key_notice
        if notice is not None and notice.key_name == details.profile.key_name:
            self.key_entry.show_outcome(notice.words, "success" if notice.is_good else "danger")
        else:
            self.key_entry.show_outcome("", "muted")

    def _keep_key(self, key: SecretStr) -> None:
        form = self._model.state.form
        details = self._model.state.model(form.name) if form is not None else None
        if details is not None:
            self._model.keep_key(details.profile.key_name, key)

    def _remove_key(self) -> None:
        form = self._model.state.form
        details = self._model.state.model(form.name) if form is not None else None
        if details is not None:
            self._model.remove_key(details.profile.key_name)

    def _remove(self) -> None:
        form = self._model.state.form
        if form is not None:
            self._model.leave_form()
            self._model.remove(form.name)

    def _connect(self) -> None:
        model = self._model
        for name, field in self.fields.items():
            field.textEdited.connect(lambda text, name=name: model.type(name, text))
            field.returnPressed.connect(model.keep_form)
        for name, combo in (("provider", self.provider), ("billing", self.billing)):
            combo.activated.connect(
                lambda index, name=name, combo=combo: model.type(name, combo.itemData(index))
            )
        self.back_button.clicked.connect(model.leave_form)
        self.keep_button.clicked.connect(model.keep_form)
        self.test_button.clicked.connect(model.test_form)
        self.probe.agreed.connect(model.agree_to_probe)
        self.probe.keep_asked.connect(model.keep_probe)
        self.remove_button.clicked.connect(self._remove)
        self.key_entry.entered.connect(self._keep_key)
        self.remove_key_button.clicked.connect(self._remove_key)

    def _restyle(self) -> None:
        self.back_button.setIcon(self._theme.icon("arrow-left"))

    def _lay_out(self, theme: Theme) -> None:
        body = column(self, top=12, spacing=12)
        head = row(spacing=8)
        head.addWidget(self.back_button)
        head.addWidget(self._title)
        head.addWidget(self._origin)
        head.addStretch(1)
        body.addLayout(head)
        body.addLayout(self._field_grid(theme))
        body.addWidget(self.problem)
        body.addWidget(self.outcome)
        buttons = row(spacing=8)
        buttons.addWidget(self.keep_button)
        buttons.addWidget(self.test_button)
        buttons.addStretch(1)
        buttons.addWidget(self.remove_button)
        body.addLayout(buttons)
        body.addWidget(self.probe)
        self._lay_out_key(theme, body)

    def _lay_out_key(self, theme: Theme, body: QVBoxLayout) -> None:
        part = column(self._key_part, spacing=6)
        part.addWidget(heading(theme, "Key"))
        line = row()
        line.addWidget(self._key_state, 1)
        line.addWidget(self.remove_key_button)
        part.addLayout(line)
        part.addWidget(self.key_entry)
        body.addWidget(self._key_part)

    def _field_grid(self, theme: Theme) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        for words, value in _PROVIDERS:
            self.provider.addItem(words, value)
        for words, value in _BILLINGS:
            self.billing.addItem(words, value)
        rows: list[tuple[str, QWidget, str]] = [
            (title, self.fields[name], hint) for name, title, hint in _TEXTS
        ]
        rows.insert(1, ("Provider", self.provider, "How the server is spoken to"))
        rows.insert(8, ("Billing", self.billing, "A metered model needs a known price"))
        for line, (title, field, hint) in enumerate(rows):
            label = TextLabel(theme, title, weight=500)
            label.setBuddy(field)
            field.setAccessibleName(title)
            field.setFixedWidth(_FIELD_PX)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
            grid.addWidget(ElidingLabel(theme, hint, size_px=12, color="muted"), line, 2)
        return grid
