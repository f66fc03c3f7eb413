"""What all benchmarks share: peers in environments of their own, CPU time, medians, one line."""

import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "benchmarks" / "clients"
OURS = Path(sys.executable)
_PEERS = ROOT / "build" / "peers"
_TIMEOUT_S = 180
# An installed program finds its modules compiled; a checkout must not be littered with them.
_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode")}


def peer_python(name: str, *requirements: str) -> Path:
    """The Python of an environment that has just these packages; made on first use."""
    asked = json.dumps([sys.version_info[:3], requirements])
    home = _PEERS / f"{name}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"
    python = home / "bin" / "python"
    stamp = home / "is-complete"
    if not stamp.exists():
        print(f"  making the environment of {name}: {' '.join(requirements)}", flush=True)
        venv.create(home, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, *requirements], check=True)
        stamp.touch()
    return python


@dataclass(frozen=True, slots=True)
class Cost:
    """What a child process took: user and system CPU seconds, wall seconds, its output."""

    cpu_s: float
    wall_s: float
    output: str

    def json(self) -> dict[str, Any]:
        """The last line that it printed."""
        return json.loads(self.output.strip().splitlines()[-1])


def run_measured(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Cost:
    """Run to the end. Raises CalledProcessError or TimeoutExpired."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT_S,
        env={**os.environ, **_BYTECODE, **(env or {})},
    )
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(cpu_s, wall_s, done.stdout)


def interleaved(
    rounds: int,
    runs: dict[str, Callable[[], float]],
    choose: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """The median of each, run in turns, so that the machine's moods fall on all alike.

    What is timed on the clock passes ``min`` or ``max``: other work only ever makes it worse.
    """
    seen: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, measure in runs.items():
            seen[name].append(measure())
    return {name: choose(values) for name, values in seen.items()}


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio that must not pass ``limit``, or, with ``at_least``, not stay below it."""

    name: str
    ours: float
    peer: float
    peer_name: str
    unit: str
    limit: float
    at_least: bool = False

    def show(self) -> bool:
        """Print the line; whether the figure is kept."""
        ratio = self.ours / self.peer
        is_kept = ratio >= self.limit if self.at_least else ratio <= self.limit
        word = "at least" if self.at_least else "at most"
        print(
            f"{self.name:34} ours {self.ours:9.3f} {self.unit:8} {self.peer_name} {self.peer:9.3f}"
            f" {self.unit:8} ratio {ratio:5.2f} ({word} {self.limit:g})"
            f" {'ok' if is_kept else 'MISSED'}",
            flush=True,
        )
        return is_kept


def finish(figures: Sequence[Figure]) -> None:
    """Print all lines and exit with 1 if one is missed."""
    kept = [figure.show() for figure in figures]
    sys.exit(0 if all(kept) else 1)
