"""Milliseconds of a whole cached run: folder looked at, key made, result found and shown."""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.events import RunSucceeded
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.model import AskRequest, AskResult

EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "examples" / "battery"
_WARM_UP, _TURNS = 5, 40


async def main() -> None:
    request = AskRequest("What limits the charge current?", Selection(directories=(EXAMPLES,)))
    cpu_ms: list[float] = []
    wall_ms: list[float] = []
    async with open_application(Overrides()) as application:
        for turn in range(_WARM_UP + _TURNS):
            cpu, wall = time.process_time(), time.perf_counter()
            ended = await application.runs.start(request).wait()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            assert isinstance(ended, RunSucceeded), ended
            assert isinstance(ended.result, AskResult)
            assert (ended.result.cached_from is not None) == (turn > 0)
            if turn >= _WARM_UP:
                cpu_ms.append(cpu * 1000)
                wall_ms.append(wall * 1000)
    print(json.dumps({"cpu": statistics.median(cpu_ms), "wall": statistics.median(wall_ms)}))


with tempfile.TemporaryDirectory() as home:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = home
    sys.exit(asyncio.run(main()))
