"""A kept result of 4 KB found again, against diskcache; beside it what a whole hit takes."""

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 5


def main() -> None:
    diskcache = peer_python("diskcache", "diskcache==5.6.3")
    took = interleaved(
        ROUNDS,
        {
            "ours": lambda: run_measured([OURS, CLIENTS / "get_ours.py"]).json()["us"],
            "diskcache": lambda: run_measured([diskcache, CLIENTS / "get_diskcache.py"]).json()[
                "us"
            ],
        },
    )
    whole = run_measured([OURS, CLIENTS / "whole_hit.py"]).json()
    print(
        f"{'whole cached run of the example':34} ours {whole['cpu']:9.3f} ms CPU  "
        f"{whole['wall']:9.3f} ms on the clock"
    )
    finish([Figure("CPU of get(key), 4 KB", took["ours"], took["diskcache"], "diskcache", "us", 3)])


main()
