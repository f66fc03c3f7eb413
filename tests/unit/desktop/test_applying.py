"""When a change takes hold."""

import asyncio
from typing import Any

from agentflow_desktop.desktop.applying import Applier, ApplyPhase
from support.gui_loop import until


class Runs:
    def __init__(self, *running: object) -> None:
        self.running = running


def applier_with(reopened: list[str], tasks: list[asyncio.Task[Any]] | None = None) -> Applier:
    begun = [] if tasks is None else tasks

    def spawn(work: Any) -> asyncio.Task[Any]:
        begun.append(asyncio.get_running_loop().create_task(work))
        return begun[-1]

    return Applier(spawn=spawn, reopen=lambda: reopened.append("now"), pause_s=0)


async def test_several_changes_in_a_row_open_the_program_anew_once() -> None:
    reopened: list[str] = []
    applier = applier_with(reopened)
    applier.connect(Runs())
    applier.note_change()
    applier.note_change()
    assert applier.state.words == "Applying"
    await until(lambda: reopened == ["now"])
    applier.disconnect()
    applier.connect(Runs())
    assert applier.state.phase is ApplyPhase.NOTHING


async def test_while_a_task_runs_it_is_said_that_the_change_waits_for_its_end() -> None:
    reopened: list[str] = []
    applier = applier_with(reopened)
    applier.connect(Runs(object()))
    applier.note_change()
    assert applier.state.words == "Applies when the running task has ended"
    await until(lambda: reopened == ["now"])  # the program itself waits until it is idle


async def test_a_program_that_could_not_be_opened_applies_nothing_any_more() -> None:
    reopened: list[str] = []
    tasks: list[asyncio.Task[Any]] = []
    applier = applier_with(reopened, tasks)
    applier.connect(Runs())
    applier.note_change()
    applier.give_up()
    assert applier.state.words == "Applying", "the change is still to come"
    await until(lambda: reopened == ["now"])
    applier.disconnect()
    await asyncio.wait(tasks)
    applier.give_up()
    assert applier.state.words == ""
