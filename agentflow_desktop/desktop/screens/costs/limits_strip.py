"""The strip below the header: what becomes of a limit, and the limits edited in place."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton

from agentflow_desktop.desktop.screens.costs.figures import BannerWords
from agentflow_desktop.desktop.screens.costs.limits import LIMITS, LimitsDraft
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import EDGE_PX, Ground, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel

STRIP_PX = 40
_FIELD_PX = 84
_ICONS = {"danger": "warning-circle-fill", "warning": "warning-fill", "neutral": "info"}


class LimitStrip(Ground):
    """What happened, what happens next, one action, and a way to close it."""

    acted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "warning_soft")
        self._theme = theme
        self._words: BannerWords | None = None
        self._icon = QLabel()
        self._message = ElidingLabel(theme, size_px=12, weight=600)
        self._next = ElidingLabel(theme, size_px=12)
        self._action = QPushButton("Change limits")
        self._close = QToolButton()
        self._close.setAccessibleName("Close this notice")
        self._close.setFixedSize(24, 24)
        self._action.clicked.connect(self.acted)
        self._close.clicked.connect(self.closed)
        self.setFixedHeight(STRIP_PX)
        line = row(left=EDGE_PX, right=12)
        line.addWidget(self._icon)
        line.addWidget(self._message)
        line.addWidget(self._next, 1)
        line.addWidget(self._action)
        line.addWidget(self._close)
        self.setLayout(line)
        theme.changed.connect(self._restyle)
        self.hide()

    @property
    def words(self) -> BannerWords | None:
        return self._words

    def show_words(self, words: BannerWords | None) -> None:
        """Say it; None hides the strip."""
        self.setVisible(words is not None)
        if words is None or words == self._words:
            return
        self._words = words
        self._message.setText(words.message)
        self._next.setText(words.next)
        self.setAccessibleName(f"{words.message} {words.next}")
        self._restyle()

    def _restyle(self) -> None:
        tone = self._words.tone if self._words is not None else "warning"
        self._color = "neutral" if tone == "neutral" else f"{tone}_soft"
        color = "muted" if tone == "neutral" else tone
        self._icon.setPixmap(self._theme.pixmap(_ICONS[tone], color, 16))
        self._action.setIcon(self._theme.icon("sliders-horizontal"))
        self._close.setIcon(self._theme.icon("x"))
        self.update()


class LimitsEditor(Ground):
    """A field a limit, judged while it is typed."""

    typed = Signal(str, str)
    kept = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "raised", line_below=True)
        self._theme = theme
        self.fields = {name: QLineEdit() for name in LIMITS}
        self._message = ElidingLabel(theme, size_px=12, color="muted")
        self._keep = QPushButton("Save limits")
        self._leave = QPushButton("Cancel")
        self._keep.setProperty("kind", "primary")
        self._keep.clicked.connect(self.kept)
        self._leave.clicked.connect(self.left)
        self.setFixedHeight(STRIP_PX + 8)
        line = row(left=EDGE_PX, right=12, spacing=8)
        for name, words in LIMITS.items():
            self._add_field(theme, line, name, words)
        line.addWidget(self._message, 1)
        line.addWidget(self._leave)
        line.addWidget(self._keep)
        self.setLayout(line)
        self.hide()

    @property
    def message(self) -> str:
        return self._message.text()

    @property
    def keep_button(self) -> QPushButton:
        return self._keep

    def show_draft(self, draft: LimitsDraft | None, problem: str, *, can_keep: bool) -> None:
        """The draft with what is wrong with it; None hides the editor."""
        was_hidden = self.isHidden()
        self.setVisible(draft is not None)
        if draft is None:
            return
        problems = draft.problems
        for name, field in self.fields.items():
            if field.text() != draft.texts[name]:
                field.setText(draft.texts[name])
            state = "error" if name in problems else ""
            if field.property("state") != state:
                field.setProperty("state", state)
                field.style().unpolish(field)
                field.style().polish(field)
        self._keep.setEnabled(can_keep and not problems)
        words = next(iter(problems.values()), "") or problem or draft.note
        if not can_keep and not problems:
            words = "Limits can be kept once the program is open."
        self._message.setText(words)
        self._message.set_color("danger" if problems or problem else "muted")
        if was_hidden:
            self.fields["daily_limit"].setFocus(Qt.FocusReason.OtherFocusReason)
            self.fields["daily_limit"].selectAll()

    def _add_field(self, theme: Theme, line: QHBoxLayout, name: str, words: str) -> None:
        field = self.fields[name]
        field.setFixedWidth(_FIELD_PX)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setAccessibleName(f"{words} in dollars")
        field.textEdited.connect(lambda text, name=name: self.typed.emit(name, text))
        field.returnPressed.connect(self.kept)
        line.addWidget(TextLabel(theme, f"{words}, $", size_px=12, color="muted"))
        line.addWidget(field)
        line.addSpacing(8)
