"""The page Prompts: every text that models are given, to be read."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QWidget

from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepState, UpkeepViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, Hairline, column, row
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel
from agentflow_desktop.llm.prompts import PromptText

_LIST_PX = 220


class PromptsPage(Ground):
    """Renders the prompts of an UpkeepState; nothing is changed here."""

    def __init__(self, theme: Theme, model: UpkeepViewModel) -> None:
        super().__init__(theme)
        self._theme = theme
        self._prompts: tuple[PromptText, ...] = ()
        self.names = DataTable(theme, (Column("Prompt"),), "Prompts")
        self.text = QPlainTextEdit()
        self._title = ElidingLabel(theme, size_px=15, weight=600)
        self._origin = Badge(theme, "", "neutral")
        self._fields = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._where = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._lay_out(theme)
        self.names.row_chosen.connect(self._show)
        self._stop: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: UpkeepState) -> None:
        """Draw the list, and the prompt that is chosen."""
        self._where.setText(
            f"Own prompts stand in {state.prompts_file}: a name, a colon, a | and the text below "
            "it. One that is not there is as shipped. “agentflow config check” reads them."
            if state.prompts_file is not None
            else ""
        )
        if state.prompts == self._prompts:
            return
        self._prompts = state.prompts
        self.names.show_rows(
            [
                (Cell(prompt.name, badge="yours" if prompt.is_own else "", badge_tone="accent"),)
                for prompt in state.prompts
            ]
        )
        if state.prompts:
            index = max(0, self.names.currentIndex().row())
            self.names.select(index)
            self._show(index)

    def _show(self, index: int) -> None:
        prompt = self._prompts[index]
        self._title.setText(prompt.name)
        tone = "accent" if prompt.is_own else "neutral"
        self._origin.set_content("yours" if prompt.is_own else "as shipped", tone)
        fields = ", ".join(f"${{{name}}}" for name in prompt.fields)
        self._fields.setText(f"The program fills in {fields}." if fields else "")
        self._fields.setVisible(bool(fields))
        self.text.setPlainText(prompt.text)

    def _lay_out(self, theme: Theme) -> None:
        self.names.set_empty_words("The prompts are shown once the program is open.")
        self.names.setMinimumWidth(160)
        self.text.setReadOnly(True)
        self.text.setProperty("kind", "source")
        self.text.setFont(theme.mono_font(12))
        self.text.setAccessibleName("Text of the prompt")
        right = QWidget()
        body = column(right)
        head = row(spacing=8)
        head.addWidget(self._title)
        head.addWidget(self._origin)
        head.addStretch(1)
        above = column(left=EDGE_PX, top=12, right=EDGE_PX, bottom=10, spacing=4)
        above.addLayout(head)
        above.addWidget(self._fields)
        body.addLayout(above)
        body.addWidget(Hairline(theme))
        middle = row(left=12, top=8, right=4, bottom=8)
        middle.addWidget(self.text)
        body.addLayout(middle, 1)
        body.addWidget(Hairline(theme))
        below = row(left=EDGE_PX, top=8, right=EDGE_PX, bottom=8)
        below.addWidget(self._where)
        body.addLayout(below)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.names)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST_PX, 600])
        column(self).addWidget(splitter)
