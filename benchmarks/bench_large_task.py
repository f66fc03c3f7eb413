"""100 files of 1,000 lines from disk to an answer against loopback models: CPU beside a bare
upload of the same files, tokens sent against tokens in, and the memory it takes."""

import subprocess

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 3
FILES, LINES = "100", "1000"


def main() -> None:
    openai = peer_python("openai", "openai==3.54.0")
    command = [OURS, CLIENTS / "tier_server.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        task = [OURS, CLIENTS / "large_task.py", url, FILES, LINES]
        seen = run_measured(task).json()
        packs = str(seen["calls"] - 3)  # without the planner's plan, answer and review
        upload = [openai, CLIENTS / "upload_openai.py", url, FILES, LINES, packs]
        took = interleaved(
            ROUNDS,
            {
                "ours": lambda: run_measured(task).cpu_s,
                "openai": lambda: run_measured(upload).cpu_s,
            },
        )
        server.communicate()
    print(
        f"{seen['tokens_in']:,} tokens of {FILES} files in {packs} packs: "
        f"{seen['wall_s']:.1f} s on the clock, {seen['cpu_s']:.1f} s CPU, "
        f"peak {seen['peak_mb']:.0f} MB (start {seen['start_mb']:.0f}), "
        f"planner {seen['tokens_planner']:,} tokens, "
        f"${seen['cost_usd']}, {seen['claims']} claims, {seen['quoted']:.0%} quoted",
        flush=True,
    )
    sent = seen["tokens_heavy"] + seen["tokens_planner"]
    finish(
        [
            Figure("CPU of a large task", took["ours"], took["openai"], "bare upload", "s", 4),
            Figure("tokens sent", sent / 1e6, seen["tokens_in"] / 1e6, "in the files", "M", 1.1),
            Figure("peak memory", seen["peak_mb"], seen["start_mb"], "at start", "MB", 4),
        ]
    )


main()
