"""What one task decides, without Qt."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import InputRefused, ProviderUnavailable
from agentflow_desktop.core.events import StepOutput, StepStarted
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.screens.tasks.examples import shipped_examples
from agentflow_desktop.desktop.screens.tasks.run_badges import run_badges
from agentflow_desktop.desktop.screens.tasks.run_state import (
    RunPhase,
    RunState,
    StepPhase,
    advance,
)
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, PlanPhase
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.workflows.ask.model import FINDINGS_KIND, AskFindings, AskRequest
from support.gui_loop import (
    ANSWER,
    AT,
    FOUND,
    TEXT,
    SmallAskJob,
    SmallQueries,
    small_runs,
    until,
)

pytestmark = pytest.mark.anyio


class Screen:
    """A view-model with its scope and doors."""

    def __init__(self, job: SmallAskJob | None = None) -> None:
        self.bugs: list[BaseException] = []
        self.scope = TaskScope(self.bugs.append)
        self.job = job or SmallAskJob()
        self.queries = SmallQueries()
        self.runs: RunManager = small_runs(self.job, self.queries.stored)
        self.model = TaskViewModel(spawn=self.scope.spawn, clock=SystemClock(), debounce_s=0)

    def open(self) -> TaskViewModel:
        self.model.connect(self.runs, self.queries)
        return self.model

    async def close(self) -> None:
        await self.scope.close()
        await self.runs.close()
        assert not self.bugs


async def planned(screen: Screen) -> TaskViewModel:
    model = screen.open()
    model.set_task("What limits the current?")
    await until(lambda: model.state.plan.phase is PlanPhase.READY)
    return model


async def answered(screen: Screen) -> TaskViewModel:
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and model.state.run.result is not None)
    return model


async def test_nothing_is_planned_or_run_before_the_program_is_open() -> None:
    screen = Screen()
    screen.model.set_task("What?")
    screen.model.run()
    assert screen.model.state.plan.phase is PlanPhase.EMPTY
    assert screen.model.state.run is None
    screen.open()
    await until(lambda: screen.model.state.plan.phase is PlanPhase.READY)
    await screen.close()


async def test_only_the_last_of_quick_keystrokes_is_planned() -> None:
    screen = Screen()
    model = screen.open()
    for end in range(1, 6):
        model.set_task("What?"[:end])
    await until(lambda: model.state.plan.phase is PlanPhase.READY)
    assert [request.task for request in screen.queries.planned] == ["What?"]
    await screen.close()


async def test_a_plan_of_an_older_text_is_never_shown() -> None:
    screen = Screen()
    held = asyncio.Event()

    async def wait_once() -> None:
        if len(screen.queries.planned) == 1:
            await held.wait()

    screen.queries.before_plan = wait_once
    model = screen.open()
    model.set_task("first")
    await until(lambda: len(screen.queries.planned) == 1)
    model.set_task("second")
    held.set()
    await until(lambda: model.state.plan.phase is PlanPhase.READY)
    assert [request.task for request in screen.queries.planned] == ["first", "second"]
    await screen.close()


async def test_an_unplannable_task_says_why_and_can_be_checked_again() -> None:
    screen = Screen()
    screen.queries.plan_error = InputRefused("There is no file x.", hint="Choose another.")
    model = screen.open()
    model.set_task("What?")
    await until(lambda: model.state.plan.phase is PlanPhase.FAILED)
    assert model.state.plan.problem is not None
    assert model.state.plan.problem.hint == "Choose another."
    assert not model.state.can_run
    screen.queries.plan_error = None
    model.replan()
    await until(lambda: model.state.plan.phase is PlanPhase.READY)
    assert model.state.can_run
    await screen.close()


async def test_files_and_folders_are_told_apart_and_taken_once(tmp_path: Path) -> None:
    screen = Screen()
    model = screen.open()
    file = tmp_path / "a.txt"
    file.write_text("a", encoding="utf-8")
    model.add_paths([file, tmp_path, file])
    await until(lambda: bool(model.state.request.selection.files))
    model.add_paths([file])
    await until(lambda: screen.scope.count == 0)
    assert model.state.request.selection.files == (file,)
    assert model.state.request.selection.directories == (tmp_path,)
    model.remove_path(tmp_path)
    assert model.state.request.selection.directories == ()
    await screen.close()


async def test_a_run_ends_with_the_answer_its_steps_and_its_cost() -> None:
    screen = Screen()
    model = await answered(screen)
    run = model.state.run
    assert run is not None
    assert run.phase is RunPhase.SUCCEEDED
    assert run.answer == ANSWER
    assert [step.title for step in run.steps] == [
        "Reading the files", "Planner proposes", "Heavy model verifies",
    ]  # fmt: skip
    assert {step.phase for step in run.steps} == {StepPhase.DONE}
    assert (run.steps[1].input_tokens, run.steps[1].output_tokens) == (40, 12)
    assert run.cost_usd == Decimal("0.01")
    words = [badge.text for badge in run_badges(run)]
    assert words == [
        "Rounds used up",
        "1 of 2 claims quoted",
        "1 without a quote",
        "1 quote rejected",
    ]
    await screen.close()


async def test_the_first_quote_is_shown_in_its_file_when_the_answer_stands() -> None:
    screen = Screen()
    model = await answered(screen)
    await until(lambda: model.state.evidence.phase is EvidencePhase.READY)
    evidence = model.state.evidence
    assert evidence.number == 1
    assert evidence.excerpt is not None
    lit = evidence.excerpt.text[evidence.excerpt.lit_start : evidence.excerpt.lit_end]
    assert lit == FOUND.quote
    assert not evidence.is_changed
    await screen.close()


async def test_a_changed_file_is_said_to_be_changed_and_its_quote_looked_for() -> None:
    screen = Screen()
    screen.queries.digest = "d2"
    screen.queries.text = f"A new first line.\n{TEXT}"
    model = await answered(screen)
    await until(lambda: model.state.evidence.phase is EvidencePhase.READY)
    excerpt = model.state.evidence.excerpt
    assert model.state.evidence.is_changed
    assert excerpt is not None
    assert excerpt.text[excerpt.lit_start : excerpt.lit_end] == FOUND.quote
    screen.queries.text = "Something else.\n"
    model.look_at(FOUND)
    await until(lambda: model.state.evidence.phase is EvidencePhase.READY)
    excerpt = model.state.evidence.excerpt
    assert excerpt is not None
    assert excerpt.lit_start == excerpt.lit_end
    await screen.close()


async def test_text_streams_in_while_the_planner_writes() -> None:
    gate = asyncio.Event()
    screen = Screen(SmallAskJob(gate=gate))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and bool(model.state.run.streamed_text))
    run = model.state.run
    assert run is not None
    assert run.streamed_text.startswith("The cell takes at most")
    gate.set()
    await until(lambda: not model.state.is_running)
    assert model.state.run is not None
    assert model.state.run.streamed_text == ""
    await screen.close()


async def test_cancelling_ends_the_run_and_leaves_another_possible() -> None:
    screen = Screen(SmallAskJob(gate=asyncio.Event()))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and len(model.state.run.steps) == 2)
    model.cancel()
    assert model.state.run is not None
    assert model.state.run.is_cancelling
    await until(lambda: not model.state.is_running)
    assert model.state.run.phase is RunPhase.CANCELLED
    await until(lambda: model.state.can_run)
    await screen.close()


async def test_a_failed_run_keeps_its_message_and_next_step() -> None:
    error = ProviderUnavailable("The server is away.", hint="Start it.")
    screen = Screen(SmallAskJob(error=error))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and not model.state.run.is_running)
    run = model.state.run
    assert run is not None
    assert run.problem is not None
    assert (run.problem.message, run.problem.hint) == ("The server is away.", "Start it.")
    await screen.close()


async def test_run_asked_before_the_price_is_known_waits_for_it() -> None:
    screen = Screen()
    held = asyncio.Event()
    screen.queries.before_plan = held.wait  # type: ignore[assignment]
    model = screen.open()
    model.set_task("What?")
    await until(lambda: bool(screen.queries.planned))
    model.run()
    assert model.state.is_run_awaited
    assert model.state.run is None
    held.set()
    await until(lambda: model.state.run is not None)
    await until(lambda: not model.state.is_running)
    await screen.close()


async def test_two_runs_are_never_started_at_once() -> None:
    screen = Screen(SmallAskJob(gate=asyncio.Event()))
    model = await planned(screen)
    model.run()
    model.run()
    await until(lambda: len(screen.job.requests) == 1)
    assert len(screen.runs.running) == 1
    await screen.close()


async def test_an_example_leaves_nothing_of_the_last_task() -> None:
    screen = Screen()
    model = await answered(screen)
    model.load_example(shipped_examples()[0])
    assert model.state.run is None
    assert model.state.request.task == shipped_examples()[0].task
    assert model.state.evidence.phase is EvidencePhase.NONE
    await screen.close()


async def test_a_run_of_the_history_is_shown_exactly_as_it_was() -> None:
    screen = Screen()
    model = await answered(screen)
    await until(lambda: screen.scope.count == 0)
    shown = model.state.run
    assert shown is not None
    again = TaskViewModel(spawn=screen.scope.spawn, clock=SystemClock(), debounce_s=0)
    again.connect(screen.runs, screen.queries)
    again.reopen(shown.run_id, with_request=True)
    await until(lambda: again.state.run is not None)
    # What streamed is not stored: the whole reply is.
    assert again.state.run == replace(
        shown, steps=tuple(replace(step, text="") for step in shown.steps)
    )
    assert again.state.request == model.state.request
    await until(lambda: again.state.evidence.phase is EvidencePhase.READY)
    await screen.close()


async def test_a_run_that_goes_on_is_followed_where_it_is_opened_again() -> None:
    gate = asyncio.Event()
    screen = Screen(SmallAskJob(gate=gate))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and bool(model.state.run.streamed_text))
    assert model.state.run is not None
    again = TaskViewModel(spawn=screen.scope.spawn, clock=SystemClock(), debounce_s=0)
    again.connect(screen.runs, screen.queries)
    again.reopen(model.state.run.run_id, with_request=True)
    await until(lambda: again.state.run is not None and bool(again.state.run.streamed_text))
    assert not again.state.is_elsewhere
    again.cancel()
    await until(lambda: not again.state.is_running and not model.state.is_running)
    assert model.state.run.phase is RunPhase.CANCELLED
    await screen.close()


async def test_a_run_whose_process_is_gone_is_shown_as_interrupted() -> None:
    screen = Screen(SmallAskJob(gate=asyncio.Event()))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and len(model.state.run.steps) == 2)
    assert model.state.run is not None
    run_id = model.state.run.run_id
    screen.queries.stored.interrupted.add(run_id)
    elsewhere = SmallQueries(stored=screen.queries.stored)
    again = TaskViewModel(spawn=screen.scope.spawn, clock=SystemClock(), debounce_s=0)
    again.connect(small_runs(SmallAskJob()), elsewhere)
    again.reopen(run_id, with_request=True)
    await until(lambda: again.state.run is not None)
    assert again.state.run is not None
    assert again.state.run.phase is RunPhase.INTERRUPTED
    assert again.state.run.steps[-1].phase is StepPhase.STOPPED
    await screen.close()


async def test_a_run_that_is_not_there_is_told_and_the_task_can_still_be_used() -> None:
    screen = Screen()
    model = screen.open()
    model.reopen("run_gone", with_request=True)
    await until(lambda: model.state.reopening is not None and bool(model.state.reopening.problem))
    assert model.state.run is None
    model.set_task("Another")
    await until(lambda: model.state.can_run)
    await screen.close()


async def test_what_is_typed_or_run_while_a_run_is_fetched_is_not_overwritten() -> None:
    screen = Screen()
    model = await answered(screen)
    earlier = model.state.run
    assert earlier is not None
    gate = asyncio.Event()
    screen.queries.before_events = gate.wait
    again = TaskViewModel(spawn=screen.scope.spawn, clock=SystemClock(), debounce_s=0)
    again.connect(screen.runs, screen.queries)
    again.reopen(earlier.run_id, with_request=True)
    again.set_task("Something else")
    await until(lambda: again.state.plan.phase is PlanPhase.READY)
    again.run()
    await until(lambda: again.state.run is not None and again.state.run.result is not None)
    assert again.state.run is not None
    later = again.state.run.run_id
    gate.set()
    await until(lambda: screen.scope.count == 0)
    assert again.state.run.run_id == later != earlier.run_id
    assert again.state.request.task == "Something else"
    await screen.close()


async def test_a_run_of_another_process_is_watched_on_when_the_program_is_opened_anew() -> None:
    screen = Screen(SmallAskJob(gate=asyncio.Event()))
    model = await planned(screen)
    model.run()
    await until(lambda: model.state.run is not None and len(model.state.run.steps) == 2)
    assert model.state.run is not None
    run_id = model.state.run.run_id
    again = TaskViewModel(
        spawn=screen.scope.spawn, clock=SystemClock(), debounce_s=0, elsewhere_poll_s=0
    )
    again.connect(small_runs(SmallAskJob()), SmallQueries(stored=screen.queries.stored))
    again.reopen(run_id, with_request=True)
    await until(lambda: again.state.is_elsewhere)
    again.disconnect()
    again.connect(small_runs(SmallAskJob()), SmallQueries(stored=screen.queries.stored))
    model.cancel()
    await until(lambda: not again.state.is_elsewhere)
    assert again.state.run is not None
    assert again.state.run.phase is RunPhase.CANCELLED
    await screen.close()


async def test_a_quote_that_was_waited_for_is_read_by_the_program_that_is_opened_anew() -> None:
    screen = Screen()
    screen.queries.before_text = asyncio.Event().wait
    model = await answered(screen)
    await until(lambda: model.state.evidence.phase is EvidencePhase.LOADING)
    model.disconnect()
    model.connect(screen.runs, SmallQueries(stored=screen.queries.stored))
    await until(lambda: model.state.evidence.phase is EvidencePhase.READY)
    await screen.close()


async def test_packs_that_are_read_side_by_side_run_side_by_side() -> None:
    run = RunState("run_1", "t", AskRequest("t"), AT)
    named = {"run_id": "run_1", "at": AT}
    for number in (1, 2, 3):
        step = f"s{number}"
        run = advance(
            run, StepStarted(**named, step_id=step, title=step, role=Role.HEAVY, model="heavy")
        )
    assert {step.phase for step in run.steps} == {StepPhase.RUNNING}
    run = advance(run, StepOutput(**named, step_id="s1", kind=FINDINGS_KIND, body=AskFindings(())))
    assert [s.phase for s in run.steps] == [
        StepPhase.DONE, StepPhase.RUNNING, StepPhase.RUNNING,
    ]  # fmt: skip
    assert run.current_step is run.steps[2]
    run = advance(
        run, StepStarted(**named, step_id="s4", title="w", role=Role.PLANNER, model="planner")
    )
    assert [s.phase for s in run.steps] == [StepPhase.DONE] * 3 + [StepPhase.RUNNING]


async def test_a_scope_reports_a_bug_and_ends_its_tasks_on_close() -> None:
    bugs: list[BaseException] = []
    scope = TaskScope(bugs.append)

    async def fail() -> None:
        raise ZeroDivisionError

    failing = scope.spawn(fail())
    with pytest.raises(ZeroDivisionError):
        await failing
    endless = scope.spawn(asyncio.Event().wait())
    await scope.close()
    assert endless.cancelled()
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    with pytest.raises(RuntimeError):
        scope.spawn(fail())
