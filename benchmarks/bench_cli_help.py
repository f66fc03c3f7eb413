"""``agentflow --help`` against ``llm --help``, from start to end on the clock."""

import sys

from measuring import CLIENTS, OURS, Figure, finish, interleaved, peer_python, run_measured

ROUNDS = 12


def main() -> None:
    llm = peer_python("llm", "llm==0.36").with_name("llm")
    ours = OURS.with_name("agentflow")
    heavy = run_measured([OURS, CLIENTS / "loaded_modules.py"]).json()
    if heavy:
        sys.exit(f"agentflow --help loads {', '.join(heavy)}")
    took = interleaved(
        ROUNDS,
        {
            "ours": lambda: run_measured([ours, "--help"]).wall_s * 1000,
            "llm": lambda: run_measured([llm, "--help"]).wall_s * 1000,
        },
        min,
    )
    finish([Figure("agentflow --help", took["ours"], took["llm"], "llm --help", "ms", 0.5)])


main()
