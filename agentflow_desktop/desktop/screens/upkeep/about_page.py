"""The page About: what this is, and the licences of all that is in it."""

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit

from agentflow_desktop.core.licences import Licence
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepState, UpkeepViewModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.rail_mark import Mark
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_COLUMNS = (Column("Part", 240), Column("Version", 120), Column("Licence"))
_WORDS = (
    "Asks two models about your files, and shows only what it can prove with a quote. "
    "MIT licence. Qt is used under the LGPL; every other part as listed."
)


class AboutPage(Ground):
    """Renders the licences of an UpkeepState."""

    def __init__(self, theme: Theme, model: UpkeepViewModel) -> None:
        super().__init__(theme)
        self._licences: tuple[Licence, ...] = ()
        self._version = TextLabel(theme, color="muted")
        self.filter = QLineEdit()
        self.table = DataTable(theme, _COLUMNS, "Licences")
        self._lay_out(theme)
        self.filter.textEdited.connect(lambda _: self._show_rows())
        self._stop: Callable[[], None] = model.listen(self.render_state)
        self.render_state(model.state)

    def release(self) -> None:
        """Stop following the view-model."""
        self._stop()

    def render_state(self, state: UpkeepState) -> None:
        """Draw the list, once it is read."""
        if state.licences != self._licences:
            self._licences = state.licences
            ours = next(iter(state.licences), None)
            self._version.setText(f"Version {ours.version}" if ours is not None else "")
            self._show_rows()

    def _show_rows(self) -> None:
        words = self.filter.text().lower().split()
        self.table.show_rows(
            [
                (
                    Cell(part.component, weight=500),
                    Cell(part.version, tone="muted"),
                    Cell(part.expression, tip=part.expression),
                )
                for part in self._licences
                if all(word in f"{part.component} {part.expression}".lower() for word in words)
            ]
        )

    def _lay_out(self, theme: Theme) -> None:
        self.filter.setPlaceholderText("Filter the licences")
        self.filter.setAccessibleName("Filter the licences")
        self.filter.setFixedWidth(220)
        self.table.set_empty_words("No part has these words.")
        head = row(left=EDGE_PX + 8, top=20, right=EDGE_PX, bottom=16, spacing=14)
        head.addWidget(Mark(theme))
        words = column(spacing=2)
        name = row(spacing=8)
        name.addWidget(TextLabel(theme, "AgentFlow", size_px=18, weight=600))
        name.addWidget(self._version)
        name.addStretch(1)
        words.addLayout(name)
        words.addWidget(TextLabel(theme, _WORDS, color="muted", wraps=True))
        head.addLayout(words, 1)
        head.addWidget(self.filter)
        body = column(self)
        body.addLayout(head)
        body.addWidget(self.table, 1)
