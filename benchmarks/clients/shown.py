"""Ends the process the moment its main window has been painted."""

import os
import sys

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget


class EndsWhenShown(QObject):
    """An event filter for the application."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        is_paint = event.type() is QEvent.Type.Paint and isinstance(watched, QWidget)
        if is_paint and isinstance(watched.window(), QMainWindow):
            # Once the whole window has painted; nothing that would come later is counted.
            QTimer.singleShot(0, self._end)
        return False

    def _end(self) -> None:
        sys.stdout.flush()
        os._exit(0)


def application() -> QApplication:
    """The application, watched."""
    app = QApplication(sys.argv[:1])
    watcher = EndsWhenShown(app)
    app.installEventFilter(watcher)
    return app
