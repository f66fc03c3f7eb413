"""The loopback models of the large-task benchmark: they quote what they read and cite what they
are shown, without waiting."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.openai_server import OpenAIServer, Received, Reply  # noqa: E402
from support.tier_home import TierModels  # noqa: E402


def main() -> None:
    models = TierModels(most_quotes=60)

    def answer(request: Received) -> Reply:
        server.requests.clear()
        return models(request)

    with OpenAIServer(answer) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


main()
