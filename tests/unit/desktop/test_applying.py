"""When a change takes hold."""

import asyncio
from typing import Any

from agentflow_desktop.desktop.applying import Applier, ApplyPhase


class Runs:
    def __init__(self, *running: object) -> None:
        self.running = running


def applier_with(reopened: list[str]) -> Applier:
    def spawn(work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)

    return Applier(spawn=spawn, reopen=lambda: reopened.append("now"), pause_s=0)


async def test_several_changes_in_a_row_open_the_program_anew_once() -> None:
    reopened: list[str] = []
    applier = applier_with(reopened)
    applier.connect(Runs())
    applier.note_change()
    applier.note_change()
    assert applier.state.words == "Applying"
    await asyncio.sleep(0.01)
    assert reopened == ["now"]
    applier.disconnect()
    applier.connect(Runs())
    assert applier.state.phase is ApplyPhase.NOTHING


async def test_while_a_task_runs_it_is_said_that_the_change_waits_for_its_end() -> None:
    reopened: list[str] = []
    applier = applier_with(reopened)
    applier.connect(Runs(object()))
    applier.note_change()
    assert applier.state.words == "Applies when the running task has ended"
    await asyncio.sleep(0.01)
    assert reopened == ["now"], "the program itself waits until it is idle"
