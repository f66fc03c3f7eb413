"""The program as ``dev.py run`` starts it, in a real window, with a person's keys and mouse."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.core.money import from_nano_usd
from support.virtual_screen import VirtualScreen

_TESTS = Path(__file__).resolve().parents[1]
_PATIENCE_S = 60.0
_LOOKS_EACH_S = 0.1
_ASKS_AGAIN_AFTER_S = 3.0
_OF_THE_DEAD = "holds_of_dead_processes_swept"

Place = tuple[int, int]
"""A point in the window, in pixels from its upper left corner."""


def wait_until(is_so: Callable[[], bool], what: str = "") -> None:
    """Look again and again; a wait in vain fails the test."""
    end = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"waited in vain {what}"
        time.sleep(_LOOKS_EACH_S)


class RealWindow:
    """The program in its own process with a home of its own, its window ready for keys."""

    def __init__(
        self, screen: VirtualScreen, home: Path, environ: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self._screen = screen
        self._env = {
            **os.environ,
            **screen.environ,
            "AGENTFLOW_HOME": str(home),
            "PYTHONPATH": str(_TESTS),
            **(environ or {}),
        }
        self._errors = home.with_name(f"{home.name}-stderr.txt")
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agentflow_desktop"], env=self._env, stderr=errors
            )
        self.id = ""
        self._wait_for_window("^AgentFlow$")
        self.id = self._active()
        self._corner = self._find_corner()

    # What a person does.

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as ``ctrl+Return``."""
        self._xdotool("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        # At 5 ms a key, a letter that stands twice was lost once in a while; nobody types so fast.
        self._xdotool("type", "--delay", "25", text)

    def click(self, place: Place) -> None:
        x_px, y_px = place
        self._xdotool("mousemove", "--window", self.id, str(x_px), str(y_px))
        self._xdotool("click", "1")

    def find_and_do(self, words: str) -> None:
        """Find something to do by its words, and do it."""
        self.press("ctrl+k")
        self.type(words)
        self.press("Return")

    def open_file_dialog(self, keys: str, title: str, path: Path) -> None:
        """Open the file dialog of that title by its keys, type the path into it, and agree."""
        self._wait_for_window(f"^{re.escape(title)}$", asked_by=keys)
        self.press("ctrl+a")
        self.type(str(path))
        self.press("Return")
        wait_until(lambda: self._active() == self.id, f"for {title!r} to close")

    def press_until(self, keys: Sequence[str], is_so: Callable[[], bool], what: str) -> None:
        """Press the keys again and again, where only what they lead to shows that they work."""

        def pressed() -> bool:
            self.press(*keys)
            return is_so()

        wait_until(pressed, what)

    def resize(self, width_px: int, height_px: int) -> None:
        self._xdotool("windowsize", "--sync", self.id, str(width_px), str(height_px))

    # How the program ends.

    def close(self) -> None:
        """Close it as a person does, and see it end well."""
        self.press("alt+F4")
        self.assert_ends_well()

    def assert_ends_well(self) -> None:
        assert self.process.wait(_PATIENCE_S) == 0
        self.assert_no_complaint()

    def assert_no_complaint(self) -> None:
        """Neither Python nor Qt has written anything to the terminal, nor the log but what it
        tells of a process that was killed."""
        lines = self._errors.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if _OF_THE_DEAD not in line] == []

    def kill(self) -> None:
        """End it without a word to it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_PATIENCE_S)

    # What can be seen of it.

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, without the frame."""
        shape = _numbers(self._ask("getwindowgeometry", "--shell", self.id))
        return shape["WIDTH"], shape["HEIGHT"]

    def color_at(self, place: Place) -> str:
        """The colour that the screen shows at the place, as #rrggbb."""
        left, top = self._corner
        return self._screen.color_at(left + place[0], top + place[1])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the program's database answers; nothing until it is there."""
        database = self.home / "data" / "agentflow.db"
        if not database.exists():
            return []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:  # it is being made
            return []
        finally:
            connection.close()

    def runs(self) -> list[tuple[str, str]]:
        """Title and state of every run, oldest first."""
        return self.rows("SELECT title, state FROM runs ORDER BY started_at")

    def draft_is_kept(self, words: str) -> bool:
        """Whether what was typed would outlive the program."""
        return any(words in body for (body,) in self.rows("SELECT body FROM drafts"))

    def charged_usd(self) -> dict[str, Decimal]:
        """What the calls of each run cost by the ledger."""
        rows = self.rows("SELECT run_id, sum(charged_nusd) FROM attempts GROUP BY run_id")
        return {run_id: from_nano_usd(charged) for run_id, charged in rows}

    def reserved_usd(self) -> Decimal:
        """What the ledger holds for calls that go on, over all its scopes."""
        rows = self.rows("SELECT reserved_nusd FROM budget_totals")
        return from_nano_usd(sum(row[0] for row in rows))

    def end(self) -> None:
        """Leave nothing behind, however the test ended."""
        if self.process.poll() is None:
            self.kill()

    def _wait_for_window(self, title: str, asked_by: str = "") -> None:
        """Until the window of that title is there and has the keyboard.

        ``asked_by`` are keys that open it as soon as they can, pressed until they do."""
        asked_at = -_ASKS_AGAIN_AFTER_S

        def has_keyboard() -> bool:
            nonlocal asked_at
            assert self.process.poll() is None, self._errors.read_text(encoding="utf-8")
            found = self._ask("search", "--onlyvisible", "--name", title).split()
            if asked_by and not found and time.monotonic() - asked_at > _ASKS_AGAIN_AFTER_S:
                asked_at = time.monotonic()
                self.press(asked_by)
            return self._active() in found

        wait_until(has_keyboard, f"for the window {title!r}")

    def _active(self) -> str:
        return self._ask("getactivewindow").strip() or "none"

    def _find_corner(self) -> Place:
        """Where the window's upper left corner is on the screen, by the mouse: the tool's own
        answer counts the frame twice."""
        self._xdotool("mousemove", "--window", self.id, "0", "0")
        mouse = _numbers(self._ask("getmouselocation", "--shell"))
        return mouse["X"], mouse["Y"]

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self._env, check=True, capture_output=True)

    def _ask(self, *arguments: str) -> str:
        """The tool's answer, empty if it has none yet."""
        done = subprocess.run(
            ["xdotool", *arguments], env=self._env, capture_output=True, text=True, check=False
        )
        return done.stdout


def _numbers(answer: str) -> dict[str, int]:
    """Values of an answer in the form NAME=VALUE, a line each."""
    return {name: int(value) for name, _, value in (x.partition("=") for x in answer.split())}
