"""Open tasks and their drafts, without Qt."""

import asyncio
import gc
import weakref

import pytest

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.desktop.screens.tasks.draft_keeper import SavePhase
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase
from agentflow_desktop.desktop.screens.tasks.tabs import TaskTabs
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.workflows.ask.model import AskRequest
from support.gui_loop import SmallAskJob, SmallQueries, small_runs, until

pytestmark = pytest.mark.anyio


class Window:
    """Tabs with their scope and doors; another window over the same stores is another session."""

    def __init__(
        self,
        job: SmallAskJob | None = None,
        queries: SmallQueries | None = None,
        save_after_s: float = 0,
    ) -> None:
        self.bugs: list[BaseException] = []
        self.scope = TaskScope(self.bugs.append)
        self.queries = queries or SmallQueries()
        self.runs = small_runs(job or SmallAskJob(), self.queries.stored)
        self.tabs = TaskTabs(
            spawn=self.scope.spawn,
            clock=SystemClock(),
            debounce_s=0,
            save_after_s=save_after_s,
        )

    async def open(self) -> TaskTabs:
        self.tabs.connect(self.runs, self.queries)
        await until(lambda: self.scope.count == 0)
        return self.tabs

    async def close(self) -> None:
        self.tabs.disconnect()
        await self.scope.close()
        await self.runs.close()
        assert not self.bugs


def titles(tabs: TaskTabs) -> list[str]:
    return [line.title for line in tabs.state.tabs]


async def run_in(tabs: TaskTabs, task: str) -> str:
    """Run the task in the shown tab to its end."""
    model = tabs.shown
    model.set_task(task)
    await until(lambda: model.state.plan.phase is PlanPhase.READY)
    model.run()
    assert model.state.run is not None
    await until(lambda: not model.state.is_running)
    return model.state.run.run_id


async def test_there_is_always_a_task_and_an_untouched_one_is_used_before_another_is_made() -> None:
    window = Window()
    tabs = await window.open()
    tabs.open_new()
    assert titles(tabs) == ["New task"]
    tabs.shown.set_task("First line\nand more")
    tabs.open_new()
    assert titles(tabs) == ["First line and more", "New task"]
    for line in tabs.state.tabs:
        tabs.close(line.tab_id)
    assert titles(tabs) == ["New task"]
    await window.close()


async def test_runs_go_on_side_by_side_each_in_its_own_tab() -> None:
    gate = asyncio.Event()
    window = Window(SmallAskJob(gate=gate))
    tabs = await window.open()
    first = tabs.shown
    for task in ("One", "Two"):
        tabs.open_new()
        model = tabs.shown
        model.set_task(task)
        await until(lambda m=model: m.state.plan.phase is PlanPhase.READY)
        model.run()
    assert tabs.shown is not first
    assert [line.phase for line in tabs.state.tabs] == [RunPhase.RUNNING, RunPhase.RUNNING]
    tabs.model(tabs.state.tabs[0].tab_id).cancel()
    gate.set()
    await until(lambda: all(line.phase is not RunPhase.RUNNING for line in tabs.state.tabs))
    assert [line.phase for line in tabs.state.tabs] == [RunPhase.CANCELLED, RunPhase.SUCCEEDED]
    await window.close()


async def test_what_is_typed_is_there_at_the_next_start_in_order_with_the_same_tab_shown() -> None:
    window = Window()
    tabs = await window.open()
    tabs.shown.set_task("One")
    await asyncio.sleep(0.002)  # ids sort by the millisecond
    tabs.open_new()
    tabs.shown.set_task("Two")
    tabs.shown.set_context("At 5 °C.")
    tabs.show(tabs.state.tabs[0].tab_id)
    await until(lambda: tabs.state.save.phase is SavePhase.SAVED)
    await window.close()

    again = Window(queries=window.queries)
    tabs = await again.open()
    assert titles(tabs) == ["One", "Two"]
    assert tabs.shown.state.request.task == "One"
    assert tabs.model(tabs.state.tabs[1].tab_id).state.request.context == "At 5 °C."
    await again.close()


async def test_what_was_typed_last_is_kept_when_the_program_is_closed_at_once() -> None:
    window = Window(save_after_s=60)
    tabs = await window.open()
    tabs.shown.set_task("One more word")
    await asyncio.sleep(0)
    assert window.queries.kept_drafts.changes == 0
    await window.close()
    assert "One more word" in next(iter(window.queries.kept_drafts.bodies.values()))


async def test_many_keystrokes_are_kept_together() -> None:
    window = Window(save_after_s=0.02)
    tabs = await window.open()
    for end in range(1, 200):
        tabs.shown.set_task("x" * end)
    await until(lambda: tabs.state.save.phase is SavePhase.SAVED)
    assert window.queries.kept_drafts.changes == 1
    assert "x" * 199 in next(iter(window.queries.kept_drafts.bodies.values()))
    await window.close()


async def test_a_finished_run_comes_back_with_its_tab_and_a_closed_tab_does_not() -> None:
    window = Window()
    tabs = await window.open()
    run_id = await run_in(tabs, "What?")
    await asyncio.sleep(0.002)
    tabs.open_new()
    tabs.shown.set_task("Closed soon")
    tabs.close(tabs.state.shown)
    await until(lambda: tabs.state.save.phase is SavePhase.SAVED and window.scope.count == 0)
    await window.close()

    again = Window(queries=window.queries)
    tabs = await again.open()
    assert [(line.run_id, line.phase) for line in tabs.state.tabs] == [(run_id, RunPhase.SUCCEEDED)]
    assert tabs.shown.state.request.task == "What?"
    await again.close()


async def test_a_disk_that_is_full_is_told_and_what_is_typed_is_kept_at_the_next_chance() -> None:
    window = Window()
    tabs = await window.open()
    window.queries.kept_drafts.error = StorageError("The disk is full.", hint="Make room.")
    tabs.shown.set_task("One")
    await until(lambda: tabs.state.save.phase is SavePhase.FAILED)
    assert tabs.state.save.problem is not None
    assert tabs.state.save.problem.hint == "Make room."
    window.queries.kept_drafts.error = None
    tabs.shown.set_task("One more")
    await until(lambda: tabs.state.save.phase is SavePhase.SAVED)
    await window.close()


async def test_closing_a_tab_asks_while_its_run_goes_on() -> None:
    gate = asyncio.Event()
    window = Window(SmallAskJob(gate=gate))
    tabs = await window.open()
    for task in ("Keep", "Cancel"):
        tabs.open_new()
        tabs.shown.set_task(task)
        await until(lambda: tabs.shown.state.plan.phase is PlanPhase.READY)
        tabs.shown.run()
    keep, cancel = tabs.state.tabs
    tabs.close(keep.tab_id)
    assert tabs.state.closing == keep.tab_id
    tabs.keep_open()
    assert len(tabs.state.tabs) == 2
    tabs.close(keep.tab_id)
    tabs.close_with_run(is_cancelled=False)
    tabs.close(cancel.tab_id)
    tabs.close_with_run(is_cancelled=True)
    assert titles(tabs) == ["New task"]
    await until(lambda: len(window.runs.running) == 1)
    assert window.runs.running[0].title == "Keep"
    tabs.open_run(keep.run_id)
    await until(lambda: tabs.shown.state.is_running)
    gate.set()
    await until(lambda: tabs.state.tabs[0].phase is RunPhase.SUCCEEDED)
    await until(lambda: window.scope.count == 0)
    await window.close()


async def test_a_run_is_opened_once_and_asked_again_in_a_tab_of_its_own() -> None:
    window = Window()
    tabs = await window.open()
    run_id = await run_in(tabs, "What?")
    tabs.open_new()
    tabs.open_run(run_id)
    assert len(tabs.state.tabs) == 2
    assert tabs.shown.state.run is not None
    tabs.ask_again(AskRequest("What else?"))
    assert titles(tabs) == ["What?", "New task", "What else?"]
    assert tabs.shown.state.run is None
    await until(lambda: window.scope.count == 0)
    await window.close()


async def test_a_closed_task_can_be_brought_back() -> None:
    window = Window()
    tabs = await window.open()
    tabs.shown.set_task("Precious words")
    tabs.close(tabs.state.shown)
    assert titles(tabs) == ["New task"]
    tabs.reopen_closed()
    assert tabs.shown.state.request.task == "Precious words"
    await window.close()


async def test_tabs_are_walked_round_and_round() -> None:
    window = Window()
    tabs = await window.open()
    for task in ("One", "Two", "Three"):
        tabs.open_new()
        tabs.shown.set_task(task)
    tabs.show_beside(1)
    assert tabs.shown.state.request.task == "One"
    tabs.show_beside(-1)
    assert tabs.shown.state.request.task == "Three"
    tabs.close(tabs.state.shown)
    assert tabs.shown.state.request.task == "Two"
    await window.close()


async def test_two_hundred_tabs_opened_and_closed_leave_nothing_behind() -> None:
    window = Window()
    tabs = await window.open()
    seen: list[weakref.ref[object]] = []
    for number in range(200):
        tabs.ask_again(AskRequest(f"Task {number}"))
        seen.append(weakref.ref(tabs.shown))
        await until(lambda: tabs.shown.state.plan.phase is PlanPhase.READY)
        tabs.close(tabs.state.shown)
    await until(lambda: window.scope.count == 0)
    gc.collect()
    assert sum(ref() is not None for ref in seen) == 0
    await window.close()
