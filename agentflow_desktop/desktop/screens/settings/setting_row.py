"""One setting on the screen: name and purpose at the left, editor and bounds at the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from agentflow_desktop.core.setting_descriptions import SettingKind
from agentflow_desktop.core.settings import Origin
from agentflow_desktop.desktop.screens.settings.setting_editors import make_editor
from agentflow_desktop.desktop.screens.settings.view_model import SettingRow
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.desktop.widgets.pane import column, row
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel, TextLabel

_EDITOR_PX = 260


class SettingRowView(QWidget):
    """Renders a SettingRow. ``reset_asked`` wants the shipped value back."""

    typed = Signal(str, str)
    meant = Signal(str, str)
    reset_asked = Signal(str)

    def __init__(self, theme: Theme, setting: SettingRow) -> None:
        super().__init__()
        self._theme = theme
        self._key = key = setting.key
        self._shown: SettingRow | None = None
        self._is_revealed = False
        self.editor = make_editor(theme, setting.title, setting.description)
        self.editor.typed.connect(lambda text: self.typed.emit(key, text))
        self.editor.meant.connect(lambda text: self.meant.emit(key, text))
        self.badge = Badge(theme, "", "neutral")
        self.reset_button = QToolButton()
        self.reset_button.setFixedSize(22, 18)  # no taller than the title: the row keeps its place
        self.reset_button.clicked.connect(lambda: self.reset_asked.emit(key))
        self.note = TextLabel(theme, size_px=12, color="muted", wraps=True)
        self._lay_out(theme, setting)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_setting(setting)

    def show_setting(self, setting: SettingRow) -> None:
        """Show the value, where it comes from, and what is wrong with what is typed."""
        if setting == self._shown:
            return
        self._shown = setting
        self.editor.show_value(setting.shown, is_wrong=bool(setting.problem))
        self.editor.setEnabled(not setting.is_given)
        text, tone, icon, tip = _origin(setting)
        self.badge.set_content(text, tone, icon, tip=tip)
        default = setting.description.default or "empty"
        self.reset_button.setVisible(setting.is_own)
        self.reset_button.setToolTip(f"Back to {default}")
        self.reset_button.setAccessibleName(f"Reset {setting.title} to {default}")
        self.note.setText(setting.problem or _bounds(setting))
        self.note.set_color("danger" if setting.problem else "muted")
        self.note.setVisible(bool(self.note.text()))

    def set_revealed(self, is_revealed: bool) -> None:
        """Mark the row that was looked for."""
        self._is_revealed = is_revealed
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._is_revealed:
            painter.fillRect(self.rect(), self._theme.color("accent_soft"))
            painter.fillRect(0, 0, 3, self.height(), self._theme.color("accent"))
        painter.setPen(self._theme.color("grid"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)

    def _lay_out(self, theme: Theme, setting: SettingRow) -> None:
        head = row(spacing=8)
        head.addWidget(TextLabel(theme, setting.title, weight=600))
        head.addWidget(self.badge)
        head.addWidget(self.reset_button)
        head.addStretch(1)
        words = column(spacing=3)
        words.addLayout(head)
        purpose = setting.description.documentation
        words.addWidget(TextLabel(theme, purpose, size_px=12, color="muted", wraps=True))
        key = ElidingLabel(theme, setting.key, size_px=11, color="muted", elide_middle=True)
        key.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(key)
        words.addStretch(1)
        right = QWidget()
        right.setFixedWidth(_EDITOR_PX)
        side = column(right, spacing=4)
        side.addWidget(self.editor)
        side.addWidget(self.note)
        side.addStretch(1)
        line = row(top=12, bottom=12, spacing=24)
        line.addLayout(words, 1)
        line.addWidget(right)
        self.setLayout(line)

    def _restyle(self) -> None:
        self.reset_button.setIcon(self._theme.icon("arrow-counter-clockwise"))
        self.update()


def _bounds(setting: SettingRow) -> str:
    if setting.description.kind in (SettingKind.WHOLE, SettingKind.NUMBER):
        allowed = setting.description.allowed
        return allowed[:1].upper() + allowed[1:]
    return ""


def _origin(setting: SettingRow) -> tuple[str, str, str, str]:
    """Words, tone, icon and tip of the badge."""
    place = setting.line.place
    match setting.line.origin:
        case Origin.SHIPPED:
            return "default", "neutral", "", "As the program ships it"
        case Origin.USER:
            return "yours", "accent", "pencil-simple", f"Set in {place}"
        case Origin.ENVIRONMENT:
            tip = f"{place} gives it and wins over your file; take it away there to change it here"
            return "environment", "warning", "lock-simple", tip
        case Origin.FLAG:
            tip = "The command line of this window gives it and wins over your file"
            return "command line", "warning", "lock-simple", tip
