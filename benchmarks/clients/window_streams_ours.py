"""Our whole window with many runs streaming side by side. Arguments: the model's address, how
many. Prints the longest time that its loop was blocked meanwhile, in milliseconds."""

import asyncio
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from agentflow_desktop.desktop.screens.tasks.state import PlanPhase  # noqa: E402
from heartbeat import Heartbeat  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from qasync import QEventLoop  # noqa: E402

from agentflow_desktop.core.settings import Overrides  # noqa: E402
from agentflow_desktop.desktop.application import DesktopProgram  # noqa: E402
from agentflow_desktop.desktop.theme import Theme  # noqa: E402

MODELS = """models:
  slow: {{provider: openai_compatible, model: slow, base_url: "{url}", window_tokens: 32768,
         max_output_tokens: 8000, billing: free}}
"""
SETTINGS = {
    "models.planner": "slow",
    "verification.enabled": "false",
    "performance.max_concurrent_tasks": "64",
}


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.01)


async def drive(program: DesktopProgram, count: int) -> None:
    tabs = program.tasks
    await until(lambda: tabs.shown.state.is_open)
    models = []
    for number in range(count):
        tabs.open_new()
        model = tabs.shown
        model.set_task(f"What limits part {number}?")
        await until(lambda model=model: model.state.plan.phase is PlanPhase.READY)
        models.append(model)
    for model in models:
        model.run()
    await until(lambda: all(m.state.run and m.state.run.streamed_text for m in models))
    heart = Heartbeat()
    beating = program.scope.spawn(heart.beat())
    cpu_before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.sleep(3)
    cpu_after = resource.getrusage(resource.RUSAGE_SELF)
    beating.cancel()
    assert all(m.state.is_running for m in models), "the streams ended too soon"
    for model in models:
        model.cancel()
    await until(lambda: not any(m.state.is_running for m in models))
    used_s = cpu_after.ru_utime - cpu_before.ru_utime + cpu_after.ru_stime - cpu_before.ru_stime
    late = sorted(heart.late_ms)
    print(
        json.dumps(
            {
                "longest_ms": heart.longest_ms,
                "p99_ms": late[len(late) * 99 // 100],
                "cpu_share": used_s / 3,
            }
        ),
        flush=True,
    )


def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "config").mkdir()
        (Path(home) / "config" / "models.yaml").write_text(MODELS.format(url=url), encoding="utf-8")
        environ = {**os.environ, "AGENTFLOW_HOME": home}

        async def run() -> None:
            program = DesktopProgram(Theme(app, "light"), Overrides(values=SETTINGS), environ)

            async def driving() -> None:
                try:
                    await drive(program, count)
                finally:
                    program.quit()

            task = program.scope.spawn(driving())
            await program.run()
            task.result()

        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            runner.run(run())


main()
