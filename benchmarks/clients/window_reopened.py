"""Our window opening and closing a run of the history again and again. Argument: how often.
Prints the memory in MB after the first twenty and after the last, and the widgets that are left."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from agentflow_desktop.desktop.screens.tasks.state import PlanPhase  # noqa: E402
from PySide6.QtCore import QEvent  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from qasync import QEventLoop  # noqa: E402

from agentflow_desktop.desktop.application import DesktopProgram  # noqa: E402
from agentflow_desktop.desktop.theme import Theme  # noqa: E402

WARM = 20


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.002)


async def make_run(program: DesktopProgram) -> str:
    task = program.tasks.shown
    await until(lambda: task.state.is_open)
    task.add_paths([ROOT / "resources" / "examples" / "battery"])
    await until(lambda: bool(task.state.request.selection.directories))
    task.set_task("What limits the charge current?")
    await until(lambda: task.state.plan.phase is PlanPhase.READY)
    task.run()
    await until(lambda: task.state.run is not None and not task.state.is_running)
    assert task.state.run is not None
    return task.state.run.run_id


async def open_and_close(program: DesktopProgram, run_id: str) -> None:
    tabs = program.tasks
    tabs.open_run(run_id)
    shown = tabs.shown
    await until(lambda: shown.state.run is not None and shown.state.run.result is not None)
    await asyncio.sleep(0)
    tabs.close(tabs.state.shown)
    await asyncio.sleep(0)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def drive(program: DesktopProgram, count: int) -> None:
    run_id = await make_run(program)
    program.tasks.close(program.tasks.state.shown)
    process = psutil.Process()
    seen: list[tuple[float, int]] = []
    for number in range(1, count + 1):
        await open_and_close(program, run_id)
        if number in (WARM, count):
            seen.append((process.memory_info().rss / 1e6, len(QApplication.allWidgets())))
    (early_mb, early_widgets), (late_mb, late_widgets) = seen
    print(
        json.dumps(
            {
                "early_mb": early_mb,
                "late_mb": late_mb,
                "early_widgets": early_widgets,
                "late_widgets": late_widgets,
            }
        ),
        flush=True,
    )


def main() -> None:
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as home:

        async def run() -> None:
            environ = {**os.environ, "AGENTFLOW_HOME": home}
            program = DesktopProgram(Theme(app, "light"), environ=environ)

            async def driving() -> None:
                try:
                    await drive(program, int(sys.argv[1]))
                finally:
                    program.quit()

            task = program.scope.spawn(driving())
            await program.run()
            task.result()

        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            runner.run(run())


main()
