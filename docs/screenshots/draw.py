"""Draws the screens into this folder: the real program on the shipped examples, offscreen.

Its two models are a scripted server on loopback. ``--all FOLDER`` draws every state into another
folder, for looking at them side by side.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from PySide6.QtWidgets import QApplication  # noqa: E402
from qasync import QEventLoop  # noqa: E402

from agentflow_desktop.core.settings import Overrides  # noqa: E402
from agentflow_desktop.desktop.application import DesktopProgram  # noqa: E402
from agentflow_desktop.desktop.screens.tasks.page import EVIDENCE  # noqa: E402
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase  # noqa: E402
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel  # noqa: E402
from agentflow_desktop.desktop.theme import Choice, Theme  # noqa: E402
from support.openai_server import OpenAIServer, Received, Reply, failure, reply_json  # noqa: E402

TASK = (
    "What limits the charge current of this pack at room temperature, and which part reaches its "
    "limit first? Give the source of each figure."
)
_LIMIT = {
    "quotes": [{"source": "S4", "text": "The BMS limits the charge current to 8.0 A."}],
    "text": "The BMS sets the limit: **8.0 A** for the whole pack.",
}
_OPENS = {
    "quotes": [{"source": "S1", "text": "The BMS opened the\ncharge switch after 2.1 s."}],
    "text": "On the bench it opened the charge switch 2.1 s after 9.0 A was set.",
}
_CELLS = {
    "quotes": [
        {
            "source": "S2",
            "text": "The charge current is limited to 0.5C, which is 2400 mA per cell",
        },
        {
            "source": "S4",
            "text": "Four cells in parallel would by themselves allow 4 x 2400 mA = 9.6 A",
        },
    ],
    "text": "The cells come next: four in parallel allow 9.6 A between 15 °C and 45 °C.",
}
_COLD = {
    "quotes": [
        {
            "source": "S4",
            "text": "Below 15 °C and above 45 °C the BMS reduces the charge current to 3.8 A.",
        }
    ],
    "text": "Below 15 °C and above 45 °C the BMS goes down to 3.8 A.",
}
_FUSE_WRONG = {
    "quotes": [{"source": "S4", "text": "| Fuse F1 | 15 A | in the charge path |"}],
    "text": "The fuse is last, at 15 A.",
}
_FUSE_RIGHT = {
    "quotes": [
        {"source": "S4", "text": "| Fuse F1 | 15 A | in the charge path |"},
        {
            "source": "S1",
            "text": "Fuse F1 of pack 2 is a 10 A part, not the 15 A of the data sheet",
        },
    ],
    "text": "The fuse is last: 15 A by the data sheet, but **10 A in pack 2**.",
}
_WARMER = {
    "quotes": [{"source": "S4", "text": "The pack warms by 4 °C in the first hour."}],
    "text": "Charging at 8.0 A warms the pack by about 4 °C in the first hour.",
}
_TITLE = "The BMS sets the limit first: 8.0 A"
_ISSUE = {
    "severity": "high",
    "claim": "C5",
    "quote": {
        "source": "S1",
        "text": "Fuse F1 of pack 2 is a 10 A part, not the 15 A of the data sheet",
    },
    "why": "The notes say that pack 2 carries a 10 A fuse, so 15 A does not hold for every pack.",
}
_RESPONSE = {"issue": "I1", "stance": "refine", "reason": "Right: the notes contradict the sheet."}
_REPLIES = {
    "answer": [{"claims": [_LIMIT, _OPENS, _CELLS, _COLD, _FUSE_WRONG, _WARMER], "title": _TITLE}],
    "review": [
        {"issues": [_ISSUE], "alternative": "", "verdict": "revise"},
        {"issues": [], "alternative": "", "verdict": "approve"},
    ],
    "refined": [
        {
            "responses": [_RESPONSE],
            "claims": [_LIMIT, _OPENS, _CELLS, _COLD, _FUSE_RIGHT, _WARMER],
            "title": _TITLE,
        }
    ],
}
_MODELS = """models:
  planner-model:
    provider: openai_compatible
    model: planner-model
    base_url: {url}
    window_tokens: 32000
    max_output_tokens: 2000
    billing: free
  heavy-model:
    provider: openai_compatible
    model: heavy-model
    base_url: {url}
    window_tokens: 128000
    max_output_tokens: 4000
    billing: metered
    prices: [{{effective_from: 2020-01-01, input_usd: 2.00, output_usd: 12.00}}]
"""


class Script:
    """What the scripted models say; ``is_down`` makes them refuse, ``delay_s`` makes them slow."""

    def __init__(self) -> None:
        self.is_down = False
        self.delay_s = 0.0
        self._asked: dict[str, int] = {}

    def restart(self) -> None:
        self._asked.clear()

    def __call__(self, request: Received) -> Reply:
        if self.is_down:
            return failure(401, "invalid key")
        replies = _REPLIES[request.schema_name]
        turn = self._asked.get(request.schema_name, 0)
        self._asked[request.schema_name] = turn + 1
        return reply_json(replies[min(turn, len(replies) - 1)], delay_s=self.delay_s)


class Drawing:
    """One look of the program, driven state by state."""

    def __init__(self, program: DesktopProgram, script: Script, look: str, folder: Path) -> None:
        self.program, self.script, self.look, self.folder = program, script, look, folder

    @property
    def task(self) -> TaskViewModel:
        """The task that is shown."""
        return self.program.tasks.shown

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for a state of the view-model, then for the window to draw it."""
        changed = asyncio.Event()
        stop = self.task.listen(lambda _: changed.set())
        try:
            async with asyncio.timeout(30):
                while not is_so():
                    changed.clear()
                    await changed.wait()
        finally:
            stop()
        await asyncio.sleep(0.25)

    async def draw(self, name: str) -> None:
        window = self.program.window
        assert window is not None
        focus = QApplication.focusWidget()
        if focus is not None:
            focus.clearFocus()
        await asyncio.sleep(0.1)
        window.grab().save(str(self.folder / f"{name}-{self.look}.png"))

    async def open(self) -> None:
        await self.until(lambda: self.task.state.is_open)

    async def plan(self) -> None:
        tasks = self.task
        tasks.add_paths([ROOT / "resources" / "examples" / "battery"])
        await self.until(lambda: bool(tasks.state.request.selection.directories))
        tasks.set_task(TASK)
        await self.until(lambda: tasks.state.plan.phase is PlanPhase.READY)

    async def ask(self, *, use_cache: bool) -> None:
        self.script.restart()
        tasks = self.task
        tasks.set_use_cache(use_cache)
        before = tasks.state.run
        tasks.run()
        await self.until(
            lambda: (
                not tasks.state.is_running
                and tasks.state.run is not None
                and (before is None or tasks.state.run.run_id != before.run_id)
            )
        )

    async def main_state(self) -> None:
        """The finished run of two models, the first quote lit."""
        await self.open()
        await self.plan()
        await self.ask(use_cache=False)
        self.task.set_use_cache(True)
        self.task.look_at_citation(1)
        await asyncio.sleep(0.6)
        await self.draw("tasks")

    async def every_state(self) -> None:
        await self.open()
        await self.draw("empty")
        await self.plan()
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
        await self.draw("tasks")
        await self.ask(use_cache=True)
        await self.draw("cached")
        window = self.program.window
        assert window is not None
        window.resize(1_024, 700)
        await asyncio.sleep(0.3)
        await self.draw("small")
        window.tasks_screen.page.show_view(EVIDENCE)
        await asyncio.sleep(0.3)
        await self.draw("small-evidence")
        window.resize(1_440, 900)
        self.script.is_down = True
        await self.ask(use_cache=False)
        await self.draw("error")
        self.script.is_down = False


async def _draw(program: DesktopProgram, work: Callable[[], object]) -> None:
    async def drive() -> None:
        try:
            await work()  # type: ignore[misc]
        finally:
            program.quit()

    driving = program.scope.spawn(drive())
    await program.run()
    driving.result()


def main() -> int:
    """Draw, in both looks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="draw every state there")
    folder: Path | None = parser.parse_args().all
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    script = Script()
    looks: tuple[Choice, ...] = ("light", "dark")
    with OpenAIServer(script, models=("planner-model", "heavy-model")) as server:
        for look in looks:
            with tempfile.TemporaryDirectory() as home:
                config = Path(home) / "config"
                config.mkdir()
                models = _MODELS.format(url=server.base_url)
                (config / "models.yaml").write_text(models, encoding="utf-8")
                environ = {**os.environ, "AGENTFLOW_HOME": home}
                with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
                    runner.run(_one_look(app, look, environ, script, folder))
    return 0


async def _one_look(
    app: QApplication, look: Choice, environ: dict[str, str], script: Script, folder: Path | None
) -> None:
    roles = {"models.planner": "planner-model", "models.heavy": "heavy-model"}
    program = DesktopProgram(Theme(app, look), Overrides(values=roles), environ)
    drawing = Drawing(program, script, look, folder or HERE)
    script.restart()
    await _draw(program, drawing.every_state if folder else drawing.main_state)


if __name__ == "__main__":
    sys.exit(main())
