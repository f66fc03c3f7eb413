"""Where a widget stands in the window, so that a real mouse can be sent there.

The window's twin is opened offscreen at the same size: the fonts are the program's own, hence so is
every place.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.main_window import MainWindow
from support.gui_loop import until
from support.real_window import Place
from support.window_program import run_program

_LAID_OUT_AFTER_S = 0.2


def places_of(
    app: QApplication,
    home: Path,
    size: tuple[int, int],
    find: Callable[[DesktopProgram, MainWindow], list[QWidget]],
) -> list[Place]:
    """The middle of each widget that ``find`` gives, in a window of that size on that home."""
    places: list[Place] = []

    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        window.resize(*size)
        await until(lambda: program.models.welcome.state.is_open)
        widgets = find(program, window)
        await until(lambda: all(widget.isVisible() for widget in widgets))
        await asyncio.sleep(_LAID_OUT_AFTER_S)
        places.extend(_middle(widget, window) for widget in widgets)

    run_program(app, home, drive)
    return places


def _middle(widget: QWidget, window: QWidget) -> Place:
    point: QPoint = widget.mapTo(window, widget.rect().center())
    return point.x(), point.y()
