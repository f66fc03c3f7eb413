"""What was found on this machine: each model that a server offers, with one button."""

from PySide6.QtWidgets import QPushButton, QWidget

from agentflow_desktop.desktop.formatting import format_count
from agentflow_desktop.desktop.screens.models.state import ModelsState, Search
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Card, column, row
from agentflow_desktop.desktop.widgets.scroll_page import clear
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.model_entries import LocalServer, ServedModel

NOTHING_FOUND = (
    "No server answers on this machine. Looked at port 8000 (vLLM), 11434 (Ollama), "
    "8080 (llama.cpp) and 1234 (LM Studio): start one and look again."
)


class FoundServers(Card):
    """Hidden until a person looked for servers."""

    def __init__(self, theme: Theme, model: ModelsViewModel) -> None:
        super().__init__(theme)
        self._theme, self._model = theme, model
        self._shown: Search | None = None
        self.add_buttons: list[QPushButton] = []
        self._column = column(self, left=12, top=10, right=12, bottom=10, spacing=4)

    def render_state(self, state: ModelsState) -> None:
        """Draw what the last search found."""
        search = state.search
        self.setVisible(search.is_going_on or search.servers is not None)
        if search == self._shown:
            return
        self._shown = search
        clear(self._column)
        self.add_buttons = []
        if search.is_going_on:
            self._say("Looking for servers on this machine")
        elif not search.servers:
            self._say(NOTHING_FOUND)
        for server in search.servers or ():
            self._column.addWidget(TextLabel(self._theme, f"{server.product}", weight=600))
            for model in server.models:
                self._column.addWidget(self._line(server, model))
            if not server.models:
                self._say(f"{server.base_url} answers, but has no model loaded.")

    def _line(self, server: LocalServer, model: ServedModel) -> QWidget:
        box = QWidget()
        line = row(spacing=12)
        line.addWidget(ElidingLabel(self._theme, model.name, elide_middle=True), 1)
        words = server.base_url
        if model.window_tokens is not None:
            words += f", window {format_count(model.window_tokens)} tokens"
        line.addWidget(TextLabel(self._theme, words, size_px=12, color="muted"))
        button = QPushButton("Add")
        button.setAccessibleName(f"Add {model.name}")
        button.clicked.connect(lambda: self._model.add_served(server, model))
        self.add_buttons.append(button)
        line.addWidget(button)
        box.setLayout(line)
        return box

    def _say(self, words: str) -> None:
        self._column.addWidget(TextLabel(self._theme, words, size_px=12, color="muted", wraps=True))
