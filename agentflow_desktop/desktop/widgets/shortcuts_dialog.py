"""F1: every shortcut that works here, by screen."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QPushButton, QScrollArea, QWidget

from agentflow_desktop.desktop.commands import Command
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel


class ShortcutsDialog(QDialog):
    """Opened with ``open()``. ``groups`` maps a heading to its commands."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, groups: Mapping[str, Sequence[Command]]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(480, 580)
        body = column(self, left=24, top=20, right=12, bottom=16, spacing=12)
        body.addWidget(TextLabel(theme, "Keyboard", size_px=16, weight=600))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(_table(theme, groups))
        body.addWidget(area, 1)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = row(right=12)
        buttons.addStretch(1)
        buttons.addWidget(close)
        body.addLayout(buttons)


def _table(theme: Theme, groups: Mapping[str, Sequence[Command]]) -> QWidget:
    inner = QWidget()
    grid = QGridLayout(inner)
    grid.setContentsMargins(0, 0, 12, 0)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    line = 0
    for heading, commands in groups.items():
        keyed = [command for command in commands if command.keys]
        if not keyed:
            continue
        title = TextLabel(theme, heading, size_px=12, weight=600, color="muted")
        title.setContentsMargins(0, 8 if line else 0, 0, 0)
        grid.addWidget(title, line, 0, 1, 2)
        line += 1
        for command in keyed:
            grid.addWidget(TextLabel(theme, command.words), line, 0)
            keys = TextLabel(theme, command.shown_keys, size_px=12, weight=500)
            grid.addWidget(keys, line, 1, Qt.AlignmentFlag.AlignRight)
            line += 1
    grid.setRowStretch(line, 1)
    return inner
