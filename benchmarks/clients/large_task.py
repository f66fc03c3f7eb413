"""One large task from its files to its answer: what it took of this machine and of the models.

Arguments: the models' address, how many files, lines a file. Prints CPU seconds with the reading
processes', wall seconds, peak memory of this process in MB, tokens in and sent, and the share of
claims with a quote.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from agentflow_desktop.app.wiring import open_application  # noqa: E402
from agentflow_desktop.core.events import CostRecorded, RunSucceeded  # noqa: E402
from agentflow_desktop.documents.document import FileState  # noqa: E402
from agentflow_desktop.workflows.ask.model import AskResult  # noqa: E402
from support.ask_home import AskHome  # noqa: E402
from support.tier_home import request_of, write_files  # noqa: E402

LIMITS = {
    "production.cost_tracking.per_task_limit": "1000",
    "production.cost_tracking.daily_limit": "1000",
    "production.cost_tracking.monthly_limit": "1000",
    "production.cost_tracking.per_task_max_tokens": "100000000",
    "models.request_deadline_s": "300",
    "models.stall_timeout_s": "120",
}
MODELS = """models:
  cheap: {{provider: openai_compatible, model: planner-model, base_url: "{url}",
          window_tokens: 32768, max_output_tokens: 2048, billing: free}}
  dear: {{provider: openai_compatible, model: heavy-model, base_url: "{url}",
         window_tokens: 272000, max_output_tokens: 16000, billing: metered,
         prices: [{{effective_from: 2020-01-01, input_usd: 1.25, output_usd: 10}}]}}
"""


def cpu_s() -> float:
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


async def main(url: str, files: int, lines: int, folder: Path) -> None:
    home = AskHome(folder, url)
    (folder / "config" / "models.yaml").write_text(MODELS.format(url=url), encoding="utf-8")
    write_files(home, files, lines)
    overrides = home.overrides()
    overrides = type(overrides)(values={**overrides.values, **LIMITS})
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started_cpu, started = cpu_s(), time.perf_counter()
    async with open_application(overrides, environ={**os.environ, **home.environ}) as app:
        events = [event async for event in app.runs.start(request_of(home)).events()]
        wall_s = time.perf_counter() - started
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    result = last.result
    costs = [event for event in events if isinstance(event, CostRecorded)]
    read = [line.tokens or 0 for line in result.files if line.state is FileState.READ]
    assert len(read) == files
    claims = result.answer.claims
    print(
        json.dumps(
            {
                "cpu_s": cpu_s() - started_cpu,
                "wall_s": wall_s,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "start_mb": before_mb,
                "tier": result.route.tier,
                "calls": len(costs),
                "tokens_in": sum(read),
                "tokens_heavy": sum(c.input_tokens for c in costs if c.model == "dear"),
                "tokens_planner": sum(c.input_tokens for c in costs if c.model == "cheap"),
                "cost_usd": str(result.cost_usd),
                "claims": len(claims),
                "quoted": sum(claim.is_quoted for claim in claims) / len(claims),
            }
        )
    )


with tempfile.TemporaryDirectory() as name:
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(name)))
