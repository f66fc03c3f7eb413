"""CPU per Gemini call, 32 at a time, against one loopback server: ours, and Google's bare SDK."""

import subprocess

from measuring import CLIENTS, OURS, Figure, finish, interleaved, run_measured

ROUNDS = 3


def main() -> None:
    command = [OURS, CLIENTS / "reply_server.py", "gemini"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().strip()

        def measure(client: str) -> float:
            script = CLIENTS / f"call_{client}.py"
            return run_measured([OURS, script, base_url, "gemini"]).json()["cpu_ms"]

        took = interleaved(
            ROUNDS, {"ours": lambda: measure("ours"), "google": lambda: measure("google")}
        )
        server.communicate()
    finish([Figure("CPU per Gemini call", took["ours"], took["google"], "google-genai", "ms", 1.0)])


main()
