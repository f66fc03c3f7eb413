"""CPU per model call, 32 at a time, against one loopback server: ours, openai's SDK, litellm."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 3


def main() -> None:
    pythons = {
        "ours": OURS,
        "openai": peer_python("openai", "openai==3.54.0"),
        "litellm": peer_python("litellm", "litellm==1.106.2"),
    }
    command = [OURS, CLIENTS / "reply_server.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().strip()

        def measure(name: str, python: Path) -> Callable[[], float]:
            script = CLIENTS / f"call_{name}.py"
            return lambda: run_measured([python, script, base_url]).json()["cpu_ms"]

        took = interleaved(ROUNDS, {name: measure(name, path) for name, path in pythons.items()})
        server.communicate()
    finish(
        [
            Figure("CPU per call", took["ours"], took[peer], peer, "ms", limit)
            for peer, limit in (("openai", 1.5), ("litellm", 1.0))
        ]
    )


main()
