"""The loopback server of the model benchmark: one fixed reply, streamed without waiting."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.openai_server import OpenAIServer, Received, Reply  # noqa: E402

TEXT = "The battery management system limits the charge current to 8.0 A at room temperature. " * 14


def main() -> None:
    usage = {"prompt_tokens": 900, "completion_tokens": 260, "total_tokens": 1160}
    reply = Reply(TEXT, usage=usage)

    def answer(_: Received) -> Reply:
        server.requests.clear()
        return reply

    with OpenAIServer(answer) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


main()
