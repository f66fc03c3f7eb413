"""What a newcomer reads below the examples: that a model can be connected. Gone once one is."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from agentflow_desktop.desktop.screens.welcome.view_model import WelcomeState, WelcomeViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.desktop.window_memory import WindowMemory

_KEPT = "welcome/left"
_WORDS = (
    "This works now, without a key: the built-in engine finds passages. "
    "Answers that reason take a model."
)


class ModelsInvitation(QWidget):
    """``open_assistant`` shows the assistant. “Not now” is remembered with the window."""

    def __init__(
        self,
        theme: Theme,
        model: WelcomeViewModel,
        memory: WindowMemory,
        open_assistant: Callable[[], None],
    ) -> None:
        super().__init__()
        self._memory, self._model = memory, model
        self.connect_button = QPushButton("Connect models")
        self.later_button = QPushButton("Not now")
        self.later_button.setProperty("kind", "quiet")
        self.connect_button.clicked.connect(open_assistant)
        self.later_button.clicked.connect(self._put_off)
        words = TextLabel(theme, _WORDS, size_px=12, color="muted", wraps=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.connect_button)
        buttons.addWidget(self.later_button)
        buttons.addStretch(1)
        body = column(self, spacing=8)
        body.addWidget(words)
        body.addLayout(buttons)
        self._stop: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: WelcomeState) -> None:
        """Be there for who has no model, and did not say “Not now”. Until that is known its room
        is kept: else the examples above would move away from under the mouse."""
        is_known = bool(state.models)
        was_left = self._memory.value(_KEPT) == "yes"
        size = self.sizePolicy()
        size.setRetainSizeWhenHidden(not is_known and not was_left)
        self.setSizePolicy(size)
        self.setVisible(is_known and not state.has_model and not was_left)

    def _put_off(self) -> None:
        self._memory.keep(_KEPT, "yes")
        self.render_state(self._model.state)
