"""One look of the program, driven from state to state and drawn."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication
from scripted_models import TASK, Script

from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.screens.tasks.page import EVIDENCE
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel

EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "examples"
QUESTIONS = (
    ("What happens to a line with a wrong CRC?", "code", TaskKind.CODEBASE),
    ("At which temperature does charging stop?", "battery", TaskKind.DOCUMENTS),
    ("Which part of the pack is a fuse?", "battery", TaskKind.DOCUMENTS),
    ("Where are frames stored?", "code", TaskKind.CODEBASE),
    ("What does the log say of 9.0 A?", "battery", TaskKind.LOGS),
)
_DRAWN_AFTER_S = 0.4


class Drawing:
    """``folder`` takes the pictures; their names end in the look's."""

    def __init__(self, program: DesktopProgram, script: Script, look: str, folder: Path) -> None:
        self.program, self.script, self.look, self.folder = program, script, look, folder

    @property
    def task(self) -> TaskViewModel:
        """The task that is shown."""
        return self.program.tasks.shown

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so, then for the window to draw it."""
        async with asyncio.timeout(60):
            while not is_so():
                await asyncio.sleep(0.02)
        await asyncio.sleep(_DRAWN_AFTER_S)

    async def go(self, key: str) -> None:
        """Bring a screen to the front."""
        self.program.navigator.go(key)
        await asyncio.sleep(_DRAWN_AFTER_S)

    async def draw(self, name: str) -> None:
        window = self.program.window
        assert window is not None
        focus = QApplication.focusWidget()
        if focus is not None:
            focus.clearFocus()
        await asyncio.sleep(0.1)
        window.grab().save(str(self.folder / f"{name}-{self.look}.png"))

    async def open(self) -> None:
        """Wait for the program behind the window, which gets its usual size: the screen that is
        drawn on is smaller."""
        await self.until(lambda: self.task.state.is_open)
        assert self.program.window is not None
        self.program.window.resize(1_440, 900)
        await asyncio.sleep(_DRAWN_AFTER_S)

    async def put(self, task: str, folder: str, kind: TaskKind) -> None:
        """Type a task over an example's folder."""
        self.task.add_paths([EXAMPLES / folder])
        await self.until(lambda: bool(self.task.state.request.selection.directories))
        self.task.set_kind(kind)
        self.task.set_task(task)
        await self.until(lambda: self.task.state.plan.phase is PlanPhase.READY)

    async def ask(self, *, use_cache: bool) -> None:
        """Run the task to its end."""
        self.script.restart()
        task = self.task
        task.set_use_cache(use_cache)
        before = task.state.run
        task.run()
        await self.until(
            lambda: (
                not task.state.is_running
                and task.state.run is not None
                and (before is None or task.state.run.run_id != before.run_id)
            )
        )

    async def earlier_questions(self) -> None:
        """Questions to the built-in engine, for a history to look at."""
        await self.open()
        for task, folder, kind in QUESTIONS:
            self.program.tasks.open_new()
            await self.put(task, folder, kind)
            await self.ask(use_cache=True)
        for line in self.program.tasks.state.tabs:
            self.program.tasks.close(line.tab_id)
        await asyncio.sleep(_DRAWN_AFTER_S)

    async def screens(self) -> None:
        """Every screen but the costs, after a run of two models; the first quote is lit."""
        await self.open()
        await self.put(TASK, "battery", TaskKind.GENERAL)
        await self.ask(use_cache=False)
        self.task.set_use_cache(True)
        self.task.look_at_citation(1)
        await asyncio.sleep(0.6)
        await self.draw("tasks")
        await self.go("history")
        await asyncio.sleep(1)
        await self.draw("history")
        await self.go("settings")
        await asyncio.sleep(0.6)
        await self.draw("settings")

    async def assistant(self) -> None:
        """The first start, and the assistant that connects models."""
        await self.open()
        await asyncio.sleep(0.6)
        await self.draw("first-start")
        await self.go("welcome")
        await asyncio.sleep(0.4)
        await self.draw("connect-models")

    async def costs(self) -> None:
        """Costs of a home that has a year of them."""
        await self.open()
        await self.go("costs")
        await asyncio.sleep(2)
        await self.draw("costs")

    async def every_state(self) -> None:
        """The Tasks screen in the states that a person meets."""
        await self.open()
        await self.put(TASK, "battery", TaskKind.GENERAL)
        await self.draw("planned")
        self.script.delay_s = 0.08
        self.task.set_use_cache(False)
        self.task.run()
        await self.until(lambda: (run := self.task.state.run) is not None and len(run.steps) >= 4)
        await asyncio.sleep(1.2)
        await self.draw("running")
        self.task.cancel()
        await self.until(lambda: not self.task.state.is_running)
        await self.draw("cancelled")
        self.script.delay_s = 0.0
        await self.ask(use_cache=True)
        await self.ask(use_cache=True)
        await self.draw("cached")
        await self.every_size()
        self.script.is_down = True
        await self.ask(use_cache=False)
        await self.draw("error")
        self.script.is_down = False

    async def every_size(self) -> None:
        """The smallest window, each screen in it."""
        window = self.program.window
        assert window is not None
        window.resize(1_024, 700)
        await asyncio.sleep(_DRAWN_AFTER_S)
        await self.draw("small")
        window.tasks_screen.page.show_view(EVIDENCE)
        await asyncio.sleep(_DRAWN_AFTER_S)
        await self.draw("small-evidence")
        for key in ("history", "costs", "settings", "welcome"):
            await self.go(key)
            await asyncio.sleep(0.8)
            await self.draw(f"small-{key}")
        await self.go("tasks")
        window.resize(1_440, 900)


async def drive(program: DesktopProgram, work: Callable[[], Awaitable[None]]) -> None:
    """Run the window until the work is done."""

    async def driving() -> None:
        try:
            await work()
        finally:
            program.quit()

    task = program.scope.spawn(driving())
    await program.run()
    task.result()
