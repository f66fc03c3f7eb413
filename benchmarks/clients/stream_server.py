"""The loopback model of the window's benchmark: long answers, written a few words at a time."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.openai_server import OpenAIServer, Received, Reply  # noqa: E402

PIECE_DELAY_S = 0.03
CLAIMS = [
    {"quotes": [], "text": f"Part {n} limits the current to {n} A at room temperature, it is said."}
    for n in range(1, 61)
]


def main() -> None:
    text = json.dumps({"claims": CLAIMS, "title": "Many parts"})

    def answer(_: Received) -> Reply:
        server.requests.clear()
        return Reply(text, delay_s=PIECE_DELAY_S)

    with OpenAIServer(answer) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


main()
