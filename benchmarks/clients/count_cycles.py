"""Instructions that the firmware's own sources (``lib/``) take in each cycle of the guard, counted
by valgrind's callgrind on this machine. Prints JSON: ``cycles``, each one's instructions, in order.

    count_cycles.py SIMULATED_PACK SIMULATED_SECONDS

What is inlined counts where it is written; what the models of the chips and the C library take does
not count. A cycle's figure holds what ran since the cycle before, so telemetry is in it.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_FILE = re.compile(r"^(?:fl|fi|fe)=\((\d+)\)(?: (.*))?$")
_COST = re.compile(r"^[+\-*\d]\S* (\d+)$")
_OWN = "/bms_esp32/lib/"


def own_instructions(profile: Path, names: dict[str, str]) -> int:
    """The sum over the lines of our own files. ``names`` are those that earlier files gave."""
    total, is_own, is_call = 0, False, False
    for line in profile.read_text(encoding="utf-8", errors="replace").splitlines():
        file = _FILE.match(line)
        cost = _COST.match(line)
        if file:
            number, name = file.groups()
            if name:
                names[number] = name
            is_own = _OWN in names.get(number, "")
        elif line.startswith("calls="):
            is_call = (
                True  # the next line is what the callee took, which is counted at its own lines
            )
        elif cost:
            total += int(cost[1]) if is_own and not is_call else 0
            is_call = False
    return total


def main(program: str, seconds: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = ["valgrind", "--tool=callgrind", "--dump-after=bms::Guard::cycle()"]
        command += [f"--callgrind-out-file={out}", program, "--bench", seconds]
        subprocess.run(command, check=True, capture_output=True)
        parts = sorted(Path(folder).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        names: dict[str, str] = {}
        print(json.dumps({"cycles": [own_instructions(part, names) for part in parts]}))


main(*sys.argv[1:])
