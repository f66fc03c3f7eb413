"""The editor that fits a setting's kind. Each says what is typed and what is meant."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from agentflow_desktop.core.setting_descriptions import SettingDescription, SettingKind
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import row
from agentflow_desktop.desktop.widgets.switch import Switch
from agentflow_desktop.desktop.widgets.text_label import TextLabel

_NUMBER_PX = 112


class SettingEditor(QWidget):
    """``typed`` comes with every change, ``meant`` once the value stands."""

    typed = Signal(str)
    meant = Signal(str)

    def show_value(self, text: str, *, is_wrong: bool) -> None:
        """Put the value into the editor, unless it stands there."""
        raise AssertionError("each kind has its own")


class SwitchEditor(SettingEditor):
    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.switch = Switch(theme, name)
        self.switch.clicked.connect(lambda is_on: self.meant.emit("true" if is_on else "false"))
        _fill(self, self.switch)

    def show_value(self, text: str, *, is_wrong: bool) -> None:
        self.switch.setChecked(text == "true")


class ChoiceEditor(SettingEditor):
    def __init__(self, name: str, choices: tuple[str, ...]) -> None:
        super().__init__()
        self.combo = QComboBox()
        self.combo.setAccessibleName(name)
        for choice in choices:
            self.combo.addItem(choice.replace("_", " "), choice)
        self.combo.activated.connect(lambda index: self.meant.emit(self.combo.itemData(index)))
        _fill(self, self.combo)

    def show_value(self, text: str, *, is_wrong: bool) -> None:
        self.combo.setCurrentIndex(self.combo.findData(text))

    def wheelEvent(self, event) -> None:  # noqa: N802
        event.ignore()  # the page scrolls


class TextEditor(SettingEditor):
    """Numbers stand at the right of a short field with their unit, text in a long one."""

    def __init__(self, theme: Theme, name: str, description: SettingDescription) -> None:
        super().__init__()
        self.field = _Field()
        self.field.setAccessibleName(name)
        is_number = description.kind is not SettingKind.TEXT
        if is_number:
            self.field.setFixedWidth(_NUMBER_PX)
            self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        elif description.default == "":
            self.field.setPlaceholderText("empty")
        self.field.textEdited.connect(self.typed)
        self.field.editingFinished.connect(lambda: self.meant.emit(self.field.text()))
        unit = TextLabel(theme, description.unit, color="muted")
        _fill(self, self.field, unit, stretches=not is_number)

    def show_value(self, text: str, *, is_wrong: bool) -> None:
        if self.field.text() != text:
            self.field.setText(text)
        state = "error" if is_wrong else ""
        if self.field.property("state") != state:
            self.field.setProperty("state", state)
            self.field.style().unpolish(self.field)
            self.field.style().polish(self.field)


class _Field(QLineEdit):
    """Escape takes back what was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._before = ""

    def focusInEvent(self, event) -> None:  # noqa: N802
        self._before = self.text()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape and self.text() != self._before:
            self.setText(self._before)
            self.textEdited.emit(self._before)
            return
        super().keyPressEvent(event)


def make_editor(theme: Theme, name: str, description: SettingDescription) -> SettingEditor:
    """The editor for the setting's kind."""
    match description.kind:
        case SettingKind.SWITCH:
            return SwitchEditor(theme, name)
        case SettingKind.CHOICE:
            return ChoiceEditor(name, description.choices)
        case SettingKind.WHOLE | SettingKind.NUMBER | SettingKind.TEXT:
            return TextEditor(theme, name, description)


def _fill(editor: SettingEditor, *widgets: QWidget, stretches: bool = False) -> None:
    line = row()
    for number, widget in enumerate(widgets):
        line.addWidget(widget, 1 if stretches and number == 0 else 0)
    if not stretches:
        line.addStretch(1)
    editor.setLayout(line)
