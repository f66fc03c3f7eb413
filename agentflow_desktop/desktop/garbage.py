"""Cyclic garbage is collected on the window's thread only.

Python collects on whichever thread happens to allocate. A worker thread that so destroys a Qt
object ends in "Timers cannot be stopped from another thread", or in a crash.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

_INTERVAL_MS = 1_000


@contextmanager
def garbage_collected_here() -> Generator[None]:
    """While inside, this thread's timer does what the interpreter would do at any time."""
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer()
    timer.setInterval(_INTERVAL_MS)
    timer.timeout.connect(_collect_what_is_due)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.collect()
        if was_enabled:
            gc.enable()


def _collect_what_is_due() -> None:
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return
