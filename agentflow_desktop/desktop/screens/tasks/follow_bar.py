"""Under the answer: ask further on the same documents, take the answer along, say if it helped."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton

from agentflow_desktop.desktop.screens.tasks.state import State
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel

_FORMATS = (("Markdown", "md"), ("Web page", "html"), ("PDF", "pdf"), ("JSON", "json"))


class FollowBar(Ground):
    """``rated`` gives True, False, or None where a word is taken back."""

    typed = Signal(str)
    asked = Signal()
    rated = Signal(object)
    copy_asked = Signal()
    export_asked = Signal(str)  # the ending of the file's name

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_above=True)
        self._theme = theme
        self._is_useful: bool | None = None
        self.field = QLineEdit()
        self.ask_button = self._button("Ask this follow-up (Return)")
        self.useful_button = self._button("This was useful")
        self.useless_button = self._button("This was not useful")
        self.copy_button = self._button("Copy the answer with its quotes")
        self.export_button = self._button("Write a report to a file")
        self._told = ElidingLabel(theme, size_px=12, color="muted", elide_middle=True)
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
        menu = QMenu(self)
        for word, ending in _FORMATS:
            menu.addAction(f"{word}…", lambda ending=ending: self.export_asked.emit(ending))
        self.export_button.setMenu(menu)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._lay_out()
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
        problem = state.aside
        words = problem.words if problem is not None else state.told
        self._told.setText(words)
        self._told.set_color("muted" if problem is None else "danger")
        self._told.setVisible(bool(words))
        if state.is_useful is not self._is_useful:
            self._is_useful = state.is_useful
            self._restyle()

    def _rate(self, *, is_useful: bool) -> None:
        """A second click on the same button takes the word back."""
        self.rated.emit(None if self._is_useful is is_useful else is_useful)

    def _lay_out(self) -> None:
        line = row(spacing=8)
        line.addWidget(self.field, 1)
        line.addWidget(self.ask_button)
        tools = row(spacing=4)
        for button in (
            self.useful_button, self.useless_button, self.copy_button, self.export_button,
        ):  # fmt: skip
            tools.addWidget(button)
        line.addLayout(tools)
        whole = column(self, left=EDGE_PX, top=8, right=EDGE_PX, bottom=8, spacing=4)
        whole.addLayout(line)
        whole.addWidget(self._told)
        self._told.hide()

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
        self.export_button.setIcon(icon("export"))
        yes, no = self._is_useful is True, self._is_useful is False
        self.useful_button.setIcon(icon("thumbs-up-fill", "success") if yes else icon("thumbs-up"))
        self.useless_button.setIcon(
            icon("thumbs-down-fill", "warning") if no else icon("thumbs-down")
        )
        self.useful_button.setChecked(yes)
        self.useless_button.setChecked(no)
