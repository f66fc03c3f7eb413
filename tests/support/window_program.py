"""The whole window over the real program, offscreen, driven by a test."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.theme import Theme, chosen_theme
from support.gui_loop import run_with_loop

Drive = Callable[[DesktopProgram], Awaitable[None]]


def run_program(
    app: QApplication, home: Path, drive: Drive, look: str = "light", **environ: str
) -> None:
    """Run the window until the drive is done, then quit as closing it does."""

    theme = Theme(app, chosen_theme(look))

    async def work() -> None:
        program = DesktopProgram(theme, environ={"AGENTFLOW_HOME": str(home), **environ})

        async def driving() -> None:
            try:
                await drive(program)
            finally:
                program.quit()

        done = asyncio.ensure_future(driving())
        assert await program.run() == 0
        await done
        assert program.window is not None
        assert not program.window.isVisible()
        program.window.deleteLater()
        QApplication.sendPostedEvents()

    run_with_loop(app, work)
