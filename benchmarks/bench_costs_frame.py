"""A frame of a year of costs by 8 models, against a bare pyqtgraph BarGraphItem drawing the same
bars; and a year's sums out of 100,000 attempts, against a bare SQL sum over the attempts."""

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 5
QT = {"QT_QPA_PLATFORM": "offscreen"}


def main() -> None:
    peer = peer_python("window", "PySide6-Essentials==6.11.3", "pyqtgraph==0.14.0")
    frames = interleaved(
        ROUNDS,
        {
            "ours": lambda: run_measured([OURS, CLIENTS / "costs_frame_ours.py"], QT).json()["ms"],
            "bare": lambda: run_measured([peer, CLIENTS / "costs_frame_bare.py"], QT).json()["ms"],
        },
    )
    sums = run_measured([OURS, CLIENTS / "costs_year.py"]).json()
    for name in ("table by model", "table by run", "bars of a year made of sums"):
        print(f"{name:34} ours {sums[name]:9.3f} ms")
    finish(
        [
            Figure("CPU of a frame, year by 8 models", frames["ours"], frames["bare"],
                   "BarGraphItem", "ms", 1),
            Figure("a year of bars, 100,000 attempts", sums["ours"], sums["bare"],
                   "SQL over attempts", "ms", 0.5),
        ]
    )  # fmt: skip


main()
