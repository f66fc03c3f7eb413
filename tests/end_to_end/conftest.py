"""One virtual screen for all windows of a test process, and the windows on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.real_window import RealWindow
from support.virtual_screen import VirtualScreen, missing_tools

OpenWindow = Callable[..., RealWindow]


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualScreen]:
    missing = missing_tools()
    if missing:
        pytest.skip(f"a window on a virtual screen needs {', '.join(missing)}")
    with VirtualScreen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture
def open_window(screen: VirtualScreen, tmp_path: Path) -> Iterator[OpenWindow]:
    """Opens the program on ``tmp_path / "agentflow"``, as often as it is called."""
    opened: list[RealWindow] = []

    def open_one(**environ: str) -> RealWindow:
        opened.append(RealWindow(screen, tmp_path / "agentflow", environ))
        return opened[-1]

    yield open_one
    for window in opened:
        window.end()
