"""What can be done from where a person is: by key, from Ctrl K, and as F1 lists it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. ``words`` name it, ``keys`` are its shortcuts as Qt writes them, parted
    by ``; ``. ``is_possible`` is asked each time before it is offered or done."""

    words: str
    act: Callable[[], object]
    keys: str = ""
    icon: str = ""
    is_possible: Callable[[], bool] = _always

    @property
    def shown_keys(self) -> str:
        """The first shortcut as a person reads it, e.g. ``Ctrl Return``."""
        first = self.keys.partition("; ")[0]
        native = QKeySequence(first).toString(QKeySequence.SequenceFormat.NativeText)
        return native.replace("+", " ")

    def do(self) -> None:
        """Do it, if it is possible now."""
        if self.is_possible():
            self.act()


def add_shortcuts(
    widget: QWidget,
    commands: Iterable[Command],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> None:
    """Let the keys of the commands work in the widget's window while the widget is visible."""
    for command in commands:
        for keys in filter(None, command.keys.split("; ")):
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.setContext(context)
            shortcut.activated.connect(_doing(command))


def _doing(command: Command) -> Callable[[], None]:
    # A plain function: PySide keeps a bound method by a weak reference, which a slotted
    # dataclass has no room for, and crashes when the object is collected.
    def do() -> None:
        command.do()

    return do
