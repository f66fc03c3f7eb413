"""Under the answer: ask further on the same documents, take the answer along, say if it helped."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QToolButton

from agentflow_desktop.desktop.screens.tasks.state import State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, row


class FollowBar(Ground):
    """``rated`` gives True, False, or None where a word is taken back."""

    typed = Signal(str)
    asked = Signal()
    rated = Signal(object)
    copy_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_above=True)
        self._theme = theme
        self._is_useful: bool | None = None
        self.setFixedHeight(44)
        self.field = QLineEdit()
        self.ask_button = self._button("Ask this follow-up (Return)")
        self.useful_button = self._button("This was useful")
        self.useless_button = self._button("This was not useful")
        self.copy_button = self._button("Copy the answer with its quotes")
        self.field.setPlaceholderText("Ask a follow-up on the same documents")
        self.field.setAccessibleName("Follow-up question")
        self.field.textEdited.connect(self.typed)
        self.field.returnPressed.connect(self.asked)
        self.ask_button.clicked.connect(self.asked)
        self.copy_button.clicked.connect(self.copy_asked)
        self.useful_button.setCheckable(True)
        self.useless_button.setCheckable(True)
        self.useful_button.clicked.connect(lambda: self._rate(is_useful=True))
        self.useless_button.clicked.connect(lambda: self._rate(is_useful=False))
        self.tools = row(spacing=4)
        for button in (self.useful_button, self.useless_button, self.copy_button):
            self.tools.addWidget(button)
        line = row(left=EDGE_PX, right=EDGE_PX, spacing=8)
        line.addWidget(self.field, 1)
        line.addWidget(self.ask_button)
        line.addLayout(self.tools)
        self.setLayout(line)
        theme.changed.connect(self._restyle)
        self._restyle()

    def render_state(self, state: State) -> None:
        """Shown once there is an answer."""
        self.setVisible(state.run is not None and state.run.result is not None)
        if self.field.text() != state.follow_up:
            blocker = QSignalBlocker(self.field)
            self.field.setText(state.follow_up)
            blocker.unblock()
        self.ask_button.setEnabled(state.can_follow_up)
        if state.is_useful is not self._is_useful:
            self._is_useful = state.is_useful
            self._restyle()

    def _rate(self, *, is_useful: bool) -> None:
        """A second click on the same button takes the word back."""
        self.rated.emit(None if self._is_useful is is_useful else is_useful)

    def _button(self, words: str) -> QToolButton:
        button = QToolButton()
        button.setFixedSize(28, 28)
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button

    def _restyle(self) -> None:
        icon = self._theme.icon
        self.ask_button.setIcon(icon("arrow-up", "accent"))
        self.copy_button.setIcon(icon("copy"))
        yes, no = self._is_useful is True, self._is_useful is False
        self.useful_button.setIcon(icon("thumbs-up-fill", "success") if yes else icon("thumbs-up"))
        self.useless_button.setIcon(
            icon("thumbs-down-fill", "warning") if no else icon("thumbs-down")
        )
        self.useful_button.setChecked(yes)
        self.useless_button.setChecked(no)
