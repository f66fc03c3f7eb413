"""A page of the window: a header, then whatever the page is about."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from agentflow_desktop.desktop.commands import Command, add_shortcuts
from agentflow_desktop.desktop.navigator import Subject
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel

HEADER_PX = 48


class PageHeader(Ground):
    """The title, facts beside it, tools at the right."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, line_below=True)
        self.setFixedHeight(HEADER_PX)
        self._facts: QHBoxLayout = row(spacing=12)
        self._tools: QHBoxLayout = row(spacing=8)
        line = row(left=EDGE_PX, right=12, spacing=12)
        line.addWidget(TextLabel(theme, title, size_px=16, weight=600))
        line.addLayout(self._facts, 1)
        line.addLayout(self._tools)
        self.setLayout(line)

    def add_fact(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget beside the title; with a stretch it takes what room there is."""
        self._facts.addWidget(widget, stretch)

    def add_tool(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._tools.addWidget(widget)

    def end_facts(self) -> None:
        """Keep the facts at the left where none of them takes the room."""
        self._facts.addStretch(1)


class Screen(Ground):
    """One page. Where it stands in the rail, and its key, are said in ``desktop.catalog``."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme)
        self.title = title
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        self.header = PageHeader(theme, title)
        self.body = column(self)
        self.body.addWidget(self.header)

    def commands(self) -> Sequence[Command]:
        """What can be done here; their keys work while the screen is in front."""
        return ()

    def add_shortcuts(self) -> None:
        """Make the keys of ``commands`` work. Called once, when the window is built."""
        add_shortcuts(self, self.commands())

    def shown(self) -> None:
        """The screen came to the front."""

    def left(self) -> None:
        """Another screen came to the front."""

    def open_subject(self, subject: Subject) -> None:
        """Show what another screen, or Ctrl K, wants to be shown here."""

    def release(self) -> None:
        """Stop following the view-model; the screen may then be deleted."""
