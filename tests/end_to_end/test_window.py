"""The whole program in a real window on a virtual screen, driven by keys as a person would."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TOOLS = ("Xvfb", "openbox", "xdotool")
pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason="needs Xvfb, openbox and xdotool"
)
_PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A virtual screen with a window manager."""
    read, write = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        name = f":{numbers.readline().strip()}"
    manager = subprocess.Popen(
        ["openbox"],
        env={**os.environ, "DISPLAY": name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield name
    for process in (manager, screen):
        process.terminate()
        process.wait(10)


class Window:
    """The program in its own process with a home of its own."""

    def __init__(self, display: str, home: Path) -> None:
        self.home = home
        self.env = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "AGENTFLOW_HOME": str(home),
            "AGENTFLOW_THEME": "light",
        }
        self.errors = home.parent / "stderr.txt"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agentflow_desktop"], env=self.env, stderr=errors
            )
        self.id = ""
        wait_until(self._find)
        self.xdotool("windowactivate", "--sync", self.id)

    def _find(self) -> bool:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "^AgentFlow"],
            env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.id = (found.stdout.split() or [""])[0]
        assert self.process.poll() is None, self.errors.read_text(encoding="utf-8")
        return bool(self.id)

    def xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.env, check=True, capture_output=True)

    def run_states(self) -> list[str]:
        """States of the runs in the history, oldest first."""
        database = self.home / "data" / "agentflow.db"
        if not database.exists():
            return []
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            try:
                rows = connection.execute("SELECT state FROM runs ORDER BY started_at")
            except sqlite3.OperationalError:
                return []
            states = [str(row[0]) for row in rows]
        connection.close()
        return states

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def window(display: str, tmp_path: Path) -> Iterator[Window]:
    opened = Window(display, tmp_path / "agentflow")
    yield opened
    opened.end()


def test_a_question_is_typed_run_and_answered_and_closing_ends_the_program(window: Window) -> None:
    window.xdotool("type", "--window", window.id, "--delay", "20", "What is a fuse for?")
    # The keys may come before the price is known: the run then waits for it.
    wait_until((window.home / "data" / "agentflow.db").exists)
    wait_until(lambda: _ask(window))
    window.xdotool("key", "--window", window.id, "alt+F4")
    assert window.process.wait(20) == 0
    assert "Traceback" not in window.errors.read_text(encoding="utf-8")


def _ask(window: Window) -> bool:
    window.xdotool("key", "--window", window.id, "ctrl+Return")
    time.sleep(0.5)
    return "succeeded" in window.run_states()


def test_a_polite_kill_closes_the_window_with_everything_settled(window: Window) -> None:
    window.process.send_signal(signal.SIGTERM)
    assert window.process.wait(20) == 0
    assert "Traceback" not in window.errors.read_text(encoding="utf-8")
