"""The page Appearance: the look follows the system, or is forced."""

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from agentflow_desktop.desktop.theme import CHOICES, Theme
from agentflow_desktop.desktop.widgets.pane import row
from agentflow_desktop.desktop.widgets.scroll_page import ScrollPage, heading
from agentflow_desktop.desktop.widgets.segmented import Segmented
from agentflow_desktop.desktop.widgets.text_label import TextLabel
from agentflow_desktop.desktop.window_memory import WindowMemory

_WORDS = ("System", "Light", "Dark")


class AppearancePage(ScrollPage):
    """Changes the look at once and remembers it with the window."""

    def __init__(self, theme: Theme, memory: WindowMemory) -> None:
        super().__init__(theme)
        self._theme, self._memory = theme, memory
        self.looks = Segmented(theme, _WORDS, "Look")
        self.looks.chosen.connect(self._choose)
        self.content.addWidget(heading(theme, "Look"))
        line = row()
        line.addWidget(self.looks)
        line.addStretch(1)
        box = QWidget()
        box.setLayout(line)
        self.content.addWidget(box)
        words = (
            "System follows what your desktop says, and changes with it. The choice is kept with "
            "the window's place and size, not in your settings file."
        )
        self.content.addSpacing(8)
        self.content.addWidget(TextLabel(theme, words, size_px=12, color="muted", wraps=True))
        self.content.addStretch(1)
        theme.changed.connect(self._show_choice)
        self._show_choice()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._show_choice()  # a command may have chosen meanwhile

    def release(self) -> None:
        """Nothing is followed but the look."""

    def _choose(self, index: int) -> None:
        self._memory.keep("window/look", CHOICES[index])
        self._theme.choose(CHOICES[index])

    def _show_choice(self) -> None:
        self.looks.set_index(CHOICES.index(self._theme.choice))
