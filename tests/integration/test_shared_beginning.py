"""What servers keep between calls: the documents at the beginning, byte for byte, on the wire."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.events import RunSucceeded
from agentflow_desktop.core.routing import Tier
from agentflow_desktop.llm.source_blocks import mark_of
from support.ask_home import AskHome
from support.gemini_server import GeminiServer
from support.loopback_server import LoopbackServer, Received, Reply, reply_json
from support.openai_server import OpenAIServer
from support.tier_home import (
    HEAVY,
    TierModels,
    asked_of,
    assessment,
    question,
    request_of,
    write_files,
)

pytestmark = pytest.mark.anyio

_FOLLOW_UP = [
    reply_json(assessment("revise", question("And part 2?"))),
    reply_json(assessment("approve")),
]
_ISSUE = {"severity": "high", "claim": "C1", "quote": None, "why": "Thin."}
_REVIEWS = [
    reply_json({"issues": [_ISSUE], "alternative": "", "verdict": "revise"}),
    reply_json({"issues": [], "alternative": "", "verdict": "approve"}),
]


def beginning(request: Received) -> tuple[str, str]:
    """System text, and the user turn up to the end of the last source."""
    last = f"</{mark_of(request.user)} source {request.blocks.sources[-1].source_id}>\n"
    return request.system, request.user[: request.user.index(last) + len(last)]


async def asked(root: Path, server: LoopbackServer, tier: Tier, runs: int) -> Sequence[Received]:
    home = AskHome(root, server.base_url)
    if isinstance(server, GeminiServer):
        file = root / "config" / "models.yaml"
        text = file.read_text("utf-8").replace("openai_compatible", "google_genai")
        file.write_text(text, encoding="utf-8")
    write_files(home, 3, 90)
    async with open_application(home.overrides(), environ=home.environ) as app:
        for _ in range(runs):
            request = request_of(home, tier=tier, use_cache=False)
            end = await app.runs.start(request).wait()
            assert isinstance(end, RunSucceeded), end
    return [r for r in server.requests if r.blocks.sources]


@pytest.mark.parametrize("server_type", [OpenAIServer, GeminiServer])
async def test_all_calls_of_a_run_on_the_same_documents_begin_with_the_same_bytes(
    server_type: type[LoopbackServer], tmp_path: Path
) -> None:
    with server_type(TierModels({"assessment": _FOLLOW_UP})) as server:
        answer, follow_up = await asked(tmp_path, server, Tier.MEDIUM, 1)
    assert (answer.schema_name, follow_up.schema_name) == ("answer", "findings")
    assert beginning(answer) == beginning(follow_up)
    shared = len(beginning(answer)[1])
    assert shared > 0.6 * len(follow_up.user)
    assert answer.user[shared:] != follow_up.user[shared:]


async def test_models_that_review_and_refine_share_it_too_and_another_run_does_not(
    tmp_path: Path,
) -> None:
    models = TierModels()
    reviews = cycle(_REVIEWS)

    def script(request: Received) -> Reply:
        if request.schema_name == "review":
            return next(reviews)
        answer = models._said("answer", request)
        return reply_json(
            {"responses": [], **answer} if request.schema_name == "refined" else answer
        )

    with OpenAIServer(script) as server:
        requests = await asked(tmp_path, server, Tier.SMALL, 2)
    marks = [mark_of(request.user) for request in requests]
    assert len(set(marks)) == 2
    for mark in set(marks):
        own = [request for request in requests if mark_of(request.user) == mark]
        assert {r.schema_name for r in own} == {"answer", "review", "refined"}
        assert len({beginning(request) for request in own}) == 1
        assert len(asked_of(own, HEAVY)) == 2
