"""A planner behind vLLM's wire format and a heavy model behind Gemini's: each size its tier."""

from pathlib import Path

import pytest

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.events import RunSucceeded, StepStarted
from agentflow_desktop.core.routing import Role, Tier
from agentflow_desktop.llm.claims import StopReason
from agentflow_desktop.workflows.ask.model import AskResult
from support.ask_home import AskHome
from support.gemini_server import GeminiServer
from support.openai_server import OpenAIServer, Received, Reply, reply_json
from support.tier_home import TierModels, request_of, write_files

pytestmark = pytest.mark.anyio

_APPROVED = reply_json({"issues": [], "alternative": "", "verdict": "approve"})
_SCHEMAS = {
    Tier.SMALL: (["answer"], ["review"]),
    Tier.MEDIUM: (["plan", "assessment", "written"], ["answer"]),
    Tier.LARGE: (["plan", "written", "assessment"], ["findings"]),
}


def write_models(home: AskHome, planner_url: str, heavy_url: str) -> None:
    """The planner as vLLM serves it, free; Gemini 2.5 Pro at its own price."""
    (home.root / "config" / "models.yaml").write_text(
        f"""models:
  cheap:
    provider: openai_compatible
    model: planner-model
    base_url: {planner_url}
    window_tokens: 32768
    max_output_tokens: 2048
  dear:
    provider: google_genai
    model: gemini-2.5-pro
    base_url: {heavy_url}
    key_name: ""
    window_tokens: 1048576
    max_output_tokens: 8192
    billing: metered
    counts_tokens: true
    price_provider: google
""",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("files", "lines", "tier"), [(1, 1, Tier.SMALL), (16, 120, Tier.MEDIUM), (40, 500, Tier.LARGE)]
)
async def test_a_task_takes_the_tier_of_its_size_on_both_wires_and_stands_in_the_history(
    tmp_path: Path, files: int, lines: int, tier: Tier
) -> None:
    models = TierModels({"review": _APPROVED}, estimates_usage=False)

    def script(request: Received) -> Reply:
        return models(request)

    with OpenAIServer(script) as vllm, GeminiServer(script) as gemini:
        home = AskHome(tmp_path, vllm.base_url)
        write_models(home, vllm.base_url, gemini.base_url)
        write_files(home, files, lines)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(request_of(home))
            ended = await app.runs.start(request_of(home)).wait()
            listed = await app.queries.history.runs()
            _, kept = await app.queries.history.run_events(listed[0].run_id)
            spending = await app.queries.costs.spending()
    assert isinstance(ended, RunSucceeded), ended
    result = ended.result
    assert isinstance(result, AskResult)
    assert plan.route.tier is result.route.tier is tier
    of_planner, of_heavy = _SCHEMAS[tier]
    assert [request.schema_name for request in vllm.requests] == of_planner
    assert [request.schema_name for request in gemini.requests] == of_heavy
    assert result.stop_reason is StopReason.APPROVED
    assert result.badges == ()
    assert len({e.file for c in result.answer.claims for e in c.evidence}) == files
    assert spending.total.spent_usd == result.cost_usd > 0
    assert [e.role for e in kept if isinstance(e, StepStarted) and e.role is Role.HEAVY]
    assert isinstance(kept[-1], RunSucceeded)
    assert kept[-1].result == result
