"""The command line as a process of its own, as a person starts it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_ENDS_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code and both streams."""

    code: int
    out: str
    err: str


def command_of(*arguments: str) -> list[str]:
    """The program's own command line; warnings are errors."""
    return [sys.executable, "-W", "error", "-m", "agentflow_desktop", *arguments]


def environment_of(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the command sees: all its folders below ``home``."""
    return {
        **os.environ,
        "AGENTFLOW_HOME": str(home),
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        **(more or {}),
    }


def run_command(
    home: Path, *arguments: str, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        command_of(*arguments),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=environment_of(home, environ),
        timeout=_ENDS_WITHIN_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start_command(
    home: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start a command whose streams the test reads itself."""
    return subprocess.Popen(
        command_of(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment_of(home, environ),
    )
