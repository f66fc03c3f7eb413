"""From a keystroke to the route and its price over 2,000 indexed files, against a bare walk."""

import tempfile
from pathlib import Path

from measuring import CLIENTS, OURS, Figure, finish, interleaved, run_measured

ROUNDS = 5
FILES = 2_000
LINES = 12
LIMIT = 20.0  # the walk neither looks files up, nor orders, counts or prices what it finds


def write_files(folder: Path) -> None:
    """Small files of many folders, as a project has them."""
    for number in range(FILES):
        place = folder / f"part_{number % 40:02}"
        place.mkdir(exist_ok=True)
        lines = [f"Part {number} allows {number * 7 + line} mA." for line in range(LINES)]
        (place / f"notes_{number:04}.md").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "files"
        folder.mkdir()
        write_files(folder)
        home = {"AGENTFLOW_HOME": str(Path(root) / "home")}
        ours = [OURS, CLIENTS / "route_ours.py", str(folder)]
        bare = [OURS, CLIENTS / "route_walk.py", str(folder)]
        seen: list[float] = []

        def keystroke_ms() -> float:
            measured = run_measured(ours, home).json()
            seen.append(measured["blocked_ms"])
            return measured["keystroke_ms"]

        took = interleaved(
            ROUNDS,
            {"ours": keystroke_ms, "walk": lambda: run_measured(bare).json()["walk_ms"]},
            min,
        )
    print(f"  the loop was blocked for at most {min(seen):.1f} ms")
    finish([Figure("keystroke to route", took["ours"], took["walk"], "bare walk", "ms", LIMIT)])


main()
