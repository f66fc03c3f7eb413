"""After each test of a window, what it left is taken down here, on the thread that Qt lives on.

Else Python's collector may do it in any later test, on the thread of a server, where Qt crashes.
"""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def nothing_left_of_the_window() -> Iterator[None]:
    yield
    gc.collect()
    if QApplication.instance() is not None:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
