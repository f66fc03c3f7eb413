"""Our window from process start to its first paint, against a bare PySide6 + pyqtgraph window."""

import tempfile

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 12


def main() -> None:
    peer = peer_python("window", "PySide6-Essentials==6.11.3", "pyqtgraph==0.14.0")
    with tempfile.TemporaryDirectory() as home:
        env = {f"XDG_{kind}_HOME": home for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
        env["QT_QPA_PLATFORM"] = "offscreen"
        took = interleaved(
            ROUNDS,
            {
                "ours": lambda: run_measured([OURS, CLIENTS / "window_ours.py"], env).wall_s * 1000,
                "bare": lambda: run_measured([peer, CLIENTS / "window_bare.py"], env).wall_s * 1000,
            },
            min,
        )
    finish([Figure("window shown", took["ours"], took["bare"], "bare window", "ms", 1.5)])


main()
