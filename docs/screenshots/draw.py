"""Draws the screens into this folder: the real program on the shipped examples, offscreen.

Its two models are a scripted server on loopback; its year of costs is written through the real
ledger. ``--all FOLDER`` draws more states into another folder, for looking at them side by side.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drawing import Drawing, drive  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from qasync import QEventLoop  # noqa: E402
from scripted_models import MODELS, Script  # noqa: E402

from agentflow_desktop.core.settings import Overrides  # noqa: E402
from agentflow_desktop.desktop.application import DesktopProgram  # noqa: E402
from agentflow_desktop.desktop.theme import Choice, Theme  # noqa: E402
from support.openai_server import OpenAIServer  # noqa: E402
from support.spent_year import write_spent_year  # noqa: E402

ROLES = {"models.planner": "planner-model", "models.heavy": "heavy-model"}
LIMITS = {
    "production.cost_tracking.daily_limit": "8",
    "production.cost_tracking.monthly_limit": "62",
}
LOOKS: tuple[Choice, ...] = ("light", "dark")


class Stage:
    """A Qt application on which one program after the other is opened and drawn."""

    def __init__(self, app: QApplication, url: str, script: Script, folder: Path) -> None:
        self._app, self._url, self._script, self._folder = app, url, script, folder

    def show(
        self,
        look: Choice,
        home: Path,
        values: dict[str, str],
        scene: Callable[[Drawing], Awaitable[None]],
    ) -> None:
        """Open the program on a home, play the scene, close it."""
        (home / "config").mkdir(parents=True, exist_ok=True)
        models = MODELS.format(url=self._url)
        (home / "config" / "models.yaml").write_text(models, encoding="utf-8")
        environ = {**os.environ, "AGENTFLOW_HOME": str(home)}

        async def play() -> None:
            program = DesktopProgram(Theme(self._app, look), Overrides(values=values), environ)
            drawing = Drawing(program, self._script, look, self._folder)
            await drive(program, lambda: scene(drawing))

        self._script.restart()
        with asyncio.Runner(loop_factory=lambda: QEventLoop(self._app)) as runner:
            runner.run(play())


def main() -> int:
    """Draw, in both looks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="draw more states there")
    folder: Path | None = parser.parse_args().all
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    script = Script()
    with (
        OpenAIServer(script, models=("planner-model", "heavy-model")) as server,
        tempfile.TemporaryDirectory() as place,
    ):
        stage = Stage(app, server.base_url, script, folder or HERE)
        spent = Path(place) / "spent"
        write_spent_year(spent)
        for look in LOOKS:
            home = Path(place) / look
            stage.show(look, home, {}, Drawing.assistant)
            stage.show(look, home, {}, Drawing.earlier_questions)
            stage.show(look, home, ROLES, Drawing.screens)
            stage.show(look, spent, ROLES | LIMITS, Drawing.costs)
            if folder is not None:
                stage.show(look, Path(place) / f"{look}-states", ROLES, Drawing.every_state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
