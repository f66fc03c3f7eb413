"""Twenty runs streaming side by side in the window: the longest time that its loop is blocked, and
its CPU, beside a bare window that streams the same into text fields by OpenAI's SDK."""

import os
import subprocess

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 3
COUNT = "20"


def main() -> None:
    bare = peer_python(
        "window-streams", "openai==3.54.0", "PySide6-Essentials==6.11.3", "qasync==0.28.0"
    )
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [OURS, CLIENTS / "stream_server.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        seen: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}

        def measure(name: str, command: list[object]) -> float:
            figures = run_measured([*command, url, COUNT], env).json()  # type: ignore[list-item]
            seen[name].append(figures)
            return figures["longest_ms"]

        longest = interleaved(
            ROUNDS,
            {
                "ours": lambda: measure("ours", [OURS, CLIENTS / "window_streams_ours.py"]),
                "bare": lambda: measure("bare", [bare, CLIENTS / "window_streams_bare.py"]),
            },
            min,
        )
        server.communicate()
    share = {name: min(run["cpu_share"] for run in runs) for name, runs in seen.items()}
    finish(
        [
            Figure("loop blocked, 20 streams", longest["ours"], longest["bare"], "bare", "ms", 3),
            Figure("loop blocked, 20 streams", longest["ours"], 50, "promised", "ms", 1),
            Figure("CPU share, 20 streams", share["ours"], share["bare"], "bare", "", 1.5),
        ]
    )


main()
