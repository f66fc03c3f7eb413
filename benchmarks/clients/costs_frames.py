"""Paints a chart again and again and times the thread's CPU. Knows only Qt."""

import time

from PySide6.QtWidgets import QApplication, QWidget

DAYS, MODELS = 365, 8
_WARM_UP, _FRAMES = 10, 60


def heights(model: int) -> list[float]:
    """Dollars of a model on each day: the same for both sides."""
    return [0.1 + ((day * 7 + model * 13) % 29) / 20 for day in range(DAYS)]


def milliseconds_per_frame(app: QApplication, chart: QWidget, viewport: QWidget) -> float:
    """``viewport`` is the part of the chart that is painted."""
    chart.resize(900, 420)
    chart.show()
    for _ in range(_WARM_UP):
        viewport.repaint()
        app.processEvents()
    started = time.thread_time()
    for _ in range(_FRAMES):
        viewport.repaint()
    return (time.thread_time() - started) / _FRAMES * 1e3
