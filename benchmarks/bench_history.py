"""Reading a history of 100,000 runs, against bare ``sqlite3`` on the same file in the same run.

Ours also makes a RunSummary of each row, with its cost from the ledger, its models and badges, and
hands it over from the database's thread.
"""

from measuring import CLIENTS, OURS, Figure, finish, run_measured

LIMITS = {
    "first page": 12,
    "page in the middle": 12,
    "jump to the end": 1,  # the peer steps over all rows before
    "whole list": 2,
    "search of a rare word": 3,
}


def main() -> None:
    times = run_measured([OURS, CLIENTS / "history_times.py"]).json()
    ours, peer = times.pop("counts of a filter")
    print(f"{'counts of six facets':34} ours {ours:9.3f} ms  (one facet, bare {peer:.3f} ms)")
    finish(
        [
            Figure(name, ours, peer, "sqlite3", "ms", LIMITS[name])
            for name, (ours, peer) in times.items()
        ]
    )


main()
