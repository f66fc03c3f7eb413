"""The button that our own drawn buttons are made of."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton

_RETURN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyButton(QAbstractButton):
    """Return presses it as Space does; of itself Qt takes Return only where the desktop's theme
    says so."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _RETURN_KEYS and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)
