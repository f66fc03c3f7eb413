"""How the window was left: its place, splitters, screen and look. Small, and never a person's work.

Read before the window shows and written when it closes, so it is a plain INI file beside the
settings rather than the database, which opens later.
"""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths
from PySide6.QtWidgets import QMainWindow, QSplitter

_FILE = "window.ini"


class WindowMemory:
    """Values by name. An unreadable file, or none, is an empty memory."""

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def value(self, name: str, default: str = "") -> str:
        """The text kept under the name."""
        kept = self._settings.value(name, default)
        return kept if isinstance(kept, str) else default

    def keep(self, name: str, value: str) -> None:
        """Keep a text; it is written by Qt within moments, off this call."""
        self._settings.setValue(name, value)

    def restore_window(self, window: QMainWindow) -> bool:
        """Put the window where it was; gives whether anything was kept and still fits."""
        kept = self._settings.value("window/geometry")
        return isinstance(kept, QByteArray) and window.restoreGeometry(kept)

    def keep_window(self, window: QMainWindow) -> None:
        self._settings.setValue("window/geometry", window.saveGeometry())

    def follow_splitter(self, name: str, splitter: QSplitter) -> bool:
        """Restore the splitter, and keep it whenever a person moves it; gives whether it was
        restored."""
        key = f"splitters/{name}"

        def keep_state(_position: int, _handle: int) -> None:
            self._settings.setValue(key, splitter.saveState())

        splitter.splitterMoved.connect(keep_state)
        kept = self._settings.value(key)
        return isinstance(kept, QByteArray) and splitter.restoreState(kept)


def open_window_memory(environ: Mapping[str, str]) -> WindowMemory:
    """The memory of this person's window: below ``AGENTFLOW_HOME`` if that is set, else in the
    platform's folder for states."""
    home = environ.get("AGENTFLOW_HOME", "")
    if home:
        return WindowMemory(Path(home) / "state" / _FILE)
    place = QStandardPaths.StandardLocation.GenericStateLocation
    return WindowMemory(Path(QStandardPaths.writableLocation(place)) / "agentflow" / _FILE)
