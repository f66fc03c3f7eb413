"""The loopback server of the model benchmarks: one fixed reply, streamed without waiting, in the
wire format that is named (openai or gemini)."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from agentflow_desktop.llm.messages import Usage  # noqa: E402
from support.gemini_server import GeminiServer  # noqa: E402
from support.openai_server import OpenAIServer, Received, Reply  # noqa: E402

TEXT = "The battery management system limits the charge current to 8.0 A at room temperature. " * 14


def main() -> None:
    reply = Reply(TEXT, usage=Usage(900, 260))

    def answer(_: Received) -> Reply:
        server.requests.clear()
        return reply

    wire = GeminiServer if "gemini" in sys.argv else OpenAIServer
    with wire(answer) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


main()
