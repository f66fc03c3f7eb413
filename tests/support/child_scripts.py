"""Starting scripts of ``tests/support`` as processes of their own that speak JSON lines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parents[1]
_ANSWER_WITHIN_S = 120


class ChildScript:
    """A running script: tell it to go on, hear its next line, kill it."""

    def __init__(self, name: str, mode: str, options: dict[str, Any]) -> None:
        script = _TESTS / "support" / f"{name}.py"
        paths = os.pathsep.join((str(_TESTS.parent), str(_TESTS)))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(script), mode, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def hear(self) -> dict[str, Any]:
        """The next JSON line; whatever else the script prints (its log) is passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        assert self._process.stderr is not None
        raise AssertionError(f"the script ended: {self._process.stderr.read()}")

    def go_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL, as a power button for one process; returns when it is gone."""
        self._process.kill()
        self._process.communicate(timeout=_ANSWER_WITHIN_S)

    def end(self) -> int:
        """Wait for its own end and give the exit code."""
        self._process.communicate(timeout=_ANSWER_WITHIN_S)
        return self._process.returncode

    def close(self) -> None:
        if self._process.poll() is None:
            self.kill()


@contextmanager
def child_script(name: str, mode: str, **options: Any) -> Iterator[ChildScript]:
    """A script that is certainly gone afterwards."""
    child = ChildScript(name, mode, options)
    try:
        yield child
    finally:
        child.close()
