"""Runs in a real window that are cancelled, closed upon or killed: each keeps its true cost."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.main_window import MainWindow
from support.ask_home import TASK, AskHome
from support.command_line import run_command
from support.openai_server import OpenAIServer, Received, Reply, from_sources
from support.real_window import Place, RealWindow, wait_until
from support.window_places import places_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
OpenWindow = Callable[..., RealWindow]
READY = "#1f5fbf"
"""The ground of a Run button that can be pressed."""


def slowly(request: Received) -> Reply:
    """An answer that streams for longer than any test waits."""
    return replace(from_sources(request), piece_characters=1, delay_s=1.0)


def run_button(_: DesktopProgram, window: MainWindow) -> list[QWidget]:
    return [window.tasks_screen.page.request.run_button]


class Desk:
    """A window over two metered models, and what a person sees and does there."""

    def __init__(self, window: RealWindow, server: OpenAIServer, run_button: Place) -> None:
        self.window = window
        self._server = server
        self._ready_at = (run_button[0] - 25, run_button[1] + 8)  # beside its word

    def ask(self, task: str = "") -> None:
        """Type the task and run it, until a model is at work on it."""
        asked = len(self._server.requests)
        if task:
            self.window.type(task)
        self.run()
        wait_until(lambda: len(self._server.requests) > asked, "for a model to be asked")

    def run(self) -> None:
        wait_until(lambda: self.window.color_at(self._ready_at) == READY, "for the route")
        self.window.press("ctrl+Return")

    def assert_every_cost_is_settled(self) -> None:
        """Nothing is held, and every run says what its own calls cost, which is not nothing."""
        window = self.window
        told = run_command(window.home, "history", "list", "--json")
        costs = {run["run_id"]: Decimal(run["cost_usd"]) for run in json.loads(told.out)}
        assert len(costs) == len(window.runs())
        assert costs == window.charged_usd()
        assert all(cost > 0 for cost in costs.values())
        assert window.reserved_usd() == 0


def test_runs_that_are_cancelled_closed_upon_or_killed_keep_their_true_cost(
    open_window: OpenWindow, qapp: QApplication, tmp_path: Path
) -> None:
    with OpenAIServer(slowly) as server:
        home = AskHome(tmp_path / "agentflow", server.base_url)
        settings = home.root / "config" / "settings.yaml"
        settings.write_text("models: {planner: cheap, heavy: dear}\n", encoding="utf-8")
        window = open_window()
        (place,) = places_of(qapp, tmp_path / "twin", window.size, run_button)

        desk = Desk(window, server, place)
        window.open_file_dialog("ctrl+shift+o", "Add a folder", home.documents)
        wait_until(lambda: window.draft_is_kept(str(home.documents)), "for the folder")
        desk.ask(TASK)
        window.press("Escape")
        wait_until(lambda: window.runs() == [(TASK, "cancelled")], "for the run to be cancelled")
        desk.assert_every_cost_is_settled()

        window.press("ctrl+t")
        desk.ask("Closed in the middle?")
        window.close()
        ended = [(TASK, "cancelled"), ("Closed in the middle?", "cancelled")]
        assert window.runs() == ended

        desk = Desk(open_window(), server, place)
        desk.assert_every_cost_is_settled()
        desk.window.press("ctrl+t")
        desk.ask("Killed in the middle?")
        desk.window.press("ctrl+t")
        desk.window.type("What is the fuse rated?")
        wait_until(lambda: desk.window.draft_is_kept("What is the fuse rated?"), "for the draft")
        desk.window.kill()

        server.script = from_sources
        desk = Desk(open_window(), server, place)
        ended.append(("Killed in the middle?", "interrupted"))
        wait_until(lambda: desk.window.runs() == ended, "for the killed run to be found")
        desk.assert_every_cost_is_settled()
        desk.ask()  # what was typed before is there again
        ended.append(("What is the fuse rated?", "succeeded"))
        wait_until(lambda: desk.window.runs() == ended, "for the answer to the draft")
        desk.window.close()
        desk.assert_every_cost_is_settled()
