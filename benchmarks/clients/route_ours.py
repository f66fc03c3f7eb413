"""Time from ``set_task`` to a plan that is READY, its files known from before."""

import asyncio
import json
import sys
import time
from pathlib import Path

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase, State
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel
from agentflow_desktop.desktop.tasks import TaskScope

KEYSTROKES = 5


async def main() -> None:
    scope = TaskScope(lambda error: sys.exit(repr(error)))
    async with open_application(Overrides()) as application:
        # The pause in which more keys are waited for is not what is measured.
        model = TaskViewModel(spawn=scope.spawn, clock=SystemClock(), debounce_s=0)
        model.connect(application.runs, application.queries)
        model.add_paths([Path(sys.argv[1])])
        blocks_ms: list[float] = []
        watch = scope.spawn(_note_blocks(blocks_ms))
        await _planned(model, "What does part 7 allow")
        took = [await _planned(model, f"What does part 7 allow, {n}") for n in range(KEYSTROKES)]
        watch.cancel()
        model.release()
        await scope.close()
    print(json.dumps({"keystroke_ms": min(took), "blocked_ms": max(blocks_ms)}))


async def _planned(model: TaskViewModel, task: str) -> float:
    ready = asyncio.Event()
    before = model.state.plan.plan

    def note(state: State) -> None:
        plan = state.plan.plan
        if state.plan.phase is PlanPhase.READY and plan is not before and plan and plan.files:
            ready.set()

    stop = model.listen(note)
    began = time.perf_counter()
    model.set_task(task)
    await ready.wait()
    stop()
    return (time.perf_counter() - began) * 1000


async def _note_blocks(blocks_ms: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        blocks_ms.append((time.perf_counter() - began) * 1000 - 1)


asyncio.run(main())
