"""The window's memory after 500 runs were opened and closed, beside what it was after 20."""

import os

from measuring import CLIENTS, OURS, Figure, finish, run_measured

COUNT = "500"


def main() -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    seen = run_measured([OURS, CLIENTS / "window_reopened.py", COUNT], env).json()
    finish(
        [
            Figure("memory, 500 runs", seen["late_mb"], seen["early_mb"], "after 20", "MB", 1.2),
            Figure(
                "widgets, 500 runs", seen["late_widgets"], seen["early_widgets"], "after 20", "", 1
            ),
        ]
    )


main()
