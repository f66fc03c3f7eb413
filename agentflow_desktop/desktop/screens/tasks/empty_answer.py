"""What stands where the answer will: one sentence, and for a newcomer something to try."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from agentflow_desktop.desktop.screens.tasks.examples import shipped_examples
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_INVITATION = (
    "Type a task and add the files it is about. The answer stands here, each claim with its line."
)
_WIDTH_PX = 420


class EmptyAnswer(QWidget):
    """``example_asked`` gives the Example that was clicked."""

    example_asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = TextLabel(theme, _INVITATION, color="muted", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._examples = QWidget()
        self._examples_column: QVBoxLayout = column(self._examples, spacing=4)
        self.buttons: list[QPushButton] = []
        self._releases: list[Callable[[], None]] = []
        self._lay_out(theme)

    def add_invitation(self, invitation: QWidget, release: Callable[[], None]) -> None:
        """Put what else a newcomer may do below the examples; it knows itself when it is due.

        ``release`` is called before the screen is deleted.
        """
        self._releases.append(release)
        self._examples_column.addSpacing(20)
        self._examples_column.addWidget(invitation)

    def release(self) -> None:
        """Let what was added stop following its view-model."""
        for release in self._releases:
            release()

    def show_invitation(self) -> None:
        """Nothing was asked yet."""
        self._words.setText(_INVITATION)
        self._examples.setVisible(bool(self.buttons))

    def show_words(self, words: str) -> None:
        """A run has no answer, or none yet."""
        self._words.setText(words)
        self._examples.hide()

    def _lay_out(self, theme: Theme) -> None:
        self._words.setMaximumWidth(_WIDTH_PX)
        middle = row(left=32, right=32)
        middle.addStretch(1)
        middle.addWidget(self._words, 8)
        middle.addStretch(1)
        self._fill_examples(theme)
        whole = column(self, spacing=20)
        whole.addStretch(1)
        whole.addLayout(middle)
        whole.addWidget(self._examples, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(1)

    def _fill_examples(self, theme: Theme) -> None:
        inner = self._examples_column
        title = TextLabel(theme, "Or try an example", size_px=12, color="muted")
        inner.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        for example in shipped_examples():
            inner.addSpacing(8)
            button = QPushButton(example.task)
            button.setAccessibleName(f"Example: {example.task} Files: {example.about}")
            button.clicked.connect(lambda _=False, e=example: self.example_asked.emit(e))
            inner.addWidget(button)
            about = TextLabel(theme, example.about, size_px=11, color="muted")
            inner.addWidget(about, 0, Qt.AlignmentFlag.AlignHCenter)
            self.buttons.append(button)
        self._examples.setVisible(bool(self.buttons))
