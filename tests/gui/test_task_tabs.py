"""Several tasks in one window: tabs, what is asked when one closes, what stands below an answer."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.core.events import RunEvent, RunStarted, StepOutput, StepStarted
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.screens.tasks.close_question import CloseQuestion
from agentflow_desktop.desktop.screens.tasks.draft_keeper import SavePhase
from agentflow_desktop.desktop.screens.tasks.route_dialog import RouteDialog
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase, RunState, advance
from agentflow_desktop.desktop.screens.tasks.state import PlanPhase
from agentflow_desktop.desktop.screens.tasks.steps_pane import StepsPane
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.claims import Claim, Finding, PlannedQuestion
from agentflow_desktop.workflows.ask.model import (
    FINDINGS_KIND,
    NOTICE_KIND,
    QUESTIONS_KIND,
    AskFindings,
    AskNotice,
    AskQuestions,
    AskRequest,
)
from support.gui_loop import AT, FOUND, LOST, SmallAskJob, run_with_loop, until
from support.tasks_stage import Stage, words_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, "light")
    qapp.setStyleSheet("")


def test_keys_open_walk_close_and_bring_back_tasks(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme)
        stage.screen.activateWindow()
        stage.page.request.task.setFocus()
        await until(stage.page.request.task.hasFocus)
        QTest.keyClicks(stage.page.request.task, "One")
        QTest.keyClick(stage.page.request.task, Qt.Key.Key_T, CONTROL)
        await until(lambda: len(stage.tabs.state.tabs) == 2)
        assert stage.page.request.task.hasFocus()
        QTest.keyClicks(stage.page.request.task, "Two")
        assert [stage.screen.strip.tabText(i) for i in range(2)] == ["One", "Two"]
        QTest.keyClick(stage.page.request.task, Qt.Key.Key_Tab, CONTROL)
        assert stage.page.request.task.toPlainText() == "One"
        QTest.keyClick(stage.page.request.task, Qt.Key.Key_W, CONTROL)
        assert [line.title for line in stage.tabs.state.tabs] == ["Two"]
        assert stage.page.request.task.hasFocus()
        QTest.keyClick(stage.page.request.task, Qt.Key.Key_T, CONTROL | SHIFT)
        assert stage.page.request.task.toPlainText() == "One"
        await stage.close()

    run_with_loop(qapp, work)


def test_a_tab_is_shown_by_a_click_and_closed_by_its_cross(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        stage.tabs.ask_again(AskRequest("One"))
        stage.tabs.ask_again(AskRequest("Two & more"))
        strip = stage.screen.strip
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.tabRect(0).center())
        assert stage.model.state.request.task == "One"
        cross = strip.tabButton(1, strip.ButtonPosition.RightSide)
        assert cross.accessibleName() == "Close Two & more"
        QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
        assert [line.title for line in stage.tabs.state.tabs] == ["One"]
        assert strip.count() == 1
        await stage.close()

    run_with_loop(qapp, work)


def questions() -> list[CloseQuestion]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, CloseQuestion)]


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_closing_a_tab_asks_what_shall_become_of_its_run(
    qapp: QApplication, theme: Theme, is_cancelled: bool
) -> None:
    async def work() -> None:
        gate = asyncio.Event()
        stage = Stage(theme, SmallAskJob(gate=gate))
        await stage.plan()
        stage.page.run()
        await until(lambda: stage.model.state.is_running)
        run = stage.runs.running[0]
        stage.tabs.close(stage.tabs.state.shown)
        await until(lambda: bool(questions()))
        questions()[0].reject()
        assert stage.model.state.is_running
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        stage.tabs.close(stage.tabs.state.shown)
        await until(lambda: bool(questions()))
        asked = questions()[0]
        (asked.cancel_button if is_cancelled else asked.go_on_button).click()
        assert [line.title for line in stage.tabs.state.tabs] == ["New task"]
        gate.set()
        ended = await run.wait()
        assert ended.type == ("run_cancelled" if is_cancelled else "run_succeeded")
        await until(lambda: stage.scope.count == 0)
        await stage.close()

    run_with_loop(qapp, work)


def test_two_hundred_tabs_leave_no_widget_and_no_task(qapp: QApplication, theme: Theme) -> None:
    async def open_and_close_twenty() -> None:
        stage = Stage(theme)
        counts: list[int] = []
        for number in range(20):
            stage.tabs.ask_again(AskRequest(f"Task {number}"))
            await until(lambda: stage.model.state.plan.phase is PlanPhase.READY)
            stage.tabs.close(stage.tabs.state.shown)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            if number in (4, 19):
                gc.collect()
                counts.append(len(QApplication.allWidgets()))
        assert counts[1] <= counts[0]
        await until(lambda: stage.scope.count == 0)
        await stage.close()

    left: list[int] = []
    for _ in range(10):
        run_with_loop(qapp, open_and_close_twenty)
        gc.collect()
        left.append(len(QApplication.allWidgets()))
    assert left[-1] <= left[1]


def test_a_follow_up_runs_in_the_same_tab_with_the_answer_before_it_folded_above(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        job = SmallAskJob()
        stage = Stage(theme, job)
        await stage.answer()
        follow = stage.page.result.follow
        assert follow.isVisible()
        assert not follow.ask_button.isEnabled()
        QTest.keyClicks(follow.field, "And at 10 degrees?")
        QTest.keyClick(follow.field, Qt.Key.Key_Return)
        await until(lambda: len(job.requests) == 2 and not stage.model.state.is_running)
        assert len(stage.tabs.state.tabs) == 1
        assert job.requests[1].task == "And at 10 degrees?"
        assert [e.question for e in job.requests[1].earlier] == ["What limits the current?"]
        assert follow.field.text() == ""
        earlier = stage.page.result.earlier
        assert earlier.isVisible()
        assert "What limits the current?" in words_of(earlier)
        earlier.rows[0].toggle.click()
        assert earlier.rows[0].toggle.accessibleName().startswith("Fold")
        assert "Follows 1 earlier question" in words_of(stage.page.request)
        stage.model.forget_earlier()
        assert stage.model.state.request.earlier == ()
        await until(lambda: stage.scope.count == 0)
        await stage.close()

    run_with_loop(qapp, work)


def test_a_word_on_an_answer_is_kept_and_taken_back_by_the_same_click(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        assert stage.model.state.run is not None
        run_id = stage.model.state.run.run_id
        follow = stage.page.result.follow
        follow.useful_button.click()
        await until(lambda: stage.queries.ratings.get(run_id) is True)
        assert follow.useful_button.isChecked()
        follow.useless_button.click()
        await until(lambda: stage.queries.ratings.get(run_id) is False)
        assert not follow.useful_button.isChecked()
        follow.useless_button.click()
        await until(lambda: stage.queries.ratings.get(run_id) is None)
        assert not follow.useless_button.isChecked()
        await stage.close()

    run_with_loop(qapp, work)


def test_a_report_is_written_where_it_was_said_and_that_is_told(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        path = tmp_path / "answer.pdf"
        stage.model.export(path)
        await until(lambda: bool(stage.queries.written) and stage.scope.count == 0)
        assert f"Written to {path}" in words_of(stage.page.result.follow)
        stage.queries.write_error = StorageError("The disk is full.", hint="Make room.")
        stage.model.export(path)
        await until(lambda: stage.model.state.aside is not None)
        assert "The disk is full. Make room." in words_of(stage.page.result.follow)
        await stage.close()

    run_with_loop(qapp, work)


def test_the_route_is_explained_call_by_call(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.plan()
        stage.page.request.route.why_button.click()
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, RouteDialog)]
        shown = words_of(dialogs[0])
        assert "40 tokens are under 8,000." in shown
        assert "Small: the planner proposes an answer" in shown
        dialogs[0].accept()
        await stage.close()

    run_with_loop(qapp, work)


def test_drafts_are_told_quietly_and_a_full_disk_is_not_hidden(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await until(lambda: stage.scope.count == 0)
        stage.page.request.task.setPlainText("One")
        await until(lambda: stage.tabs.state.save.phase is SavePhase.SAVED)
        assert "Draft saved" in words_of(stage.screen.header)
        stage.queries.kept_drafts.error = StorageError("The disk is full.")
        stage.page.request.task.setPlainText("One more")
        await until(lambda: stage.tabs.state.save.phase is SavePhase.FAILED)
        assert "Draft not saved" in words_of(stage.screen.header)
        await stage.close()

    run_with_loop(qapp, work)


def large_run() -> RunState:
    """A run with questions, findings with and without a quote, and a notice."""
    run = RunState("run_1", "t", AskRequest("t"), AT)
    claims = [Claim(f"C{n}", f"Part {n} is checked.", (FOUND,)) for n in range(25)]
    claims.append(Claim("C25", "Nothing backs this.", (), (LOST,)))
    named = {"run_id": "run_1", "at": AT + timedelta(seconds=1)}
    asked = AskQuestions((PlannedQuestion("Q1", "What is checked?", ("S1",)),))
    found = AskFindings(tuple(Finding(claim, "Q1") for claim in claims))
    events: list[RunEvent] = [
        RunStarted(**named, kind="ask", title="t"),
        StepStarted(**named, step_id="s1", title="Planner plans", role=Role.PLANNER, model="p"),
        StepOutput(**named, step_id="s1", kind=QUESTIONS_KIND, body=asked),
        StepStarted(**named, step_id="s2", title="Heavy reads", role=Role.HEAVY, model="h"),
        StepOutput(**named, step_id="s2", kind=NOTICE_KIND, body=AskNotice("Part was left out.")),
        StepOutput(**named, step_id="s2", kind=FINDINGS_KIND, body=found),
    ]
    for event in events:
        run = advance(run, event)
    return run


def test_questions_findings_and_notices_stand_at_their_steps_and_fold(
    qapp: QApplication, theme: Theme
) -> None:
    pane = StepsPane(theme)
    pane.resize(700, 500)
    pane.show_run(large_run(), AT)
    pane.show()
    plans, reads = pane.rows
    assert "asks 1 question" in words_of(plans)
    assert "26 findings, 25 quotes, 1 rejected" in words_of(reads)
    assert not plans.is_open
    plans._flip()
    assert "What is checked?" in words_of(plans)
    reads._flip()
    shown = words_of(reads)
    assert "Part 3 is checked." in shown
    assert "Part was left out." in shown
    assert "Nothing backs this." not in shown  # waits behind the button
    more = [b for b in reads.findChildren(type(pane.fold_button)) if "more of 6" in b.text()]
    more[0].click()
    QApplication.sendPostedEvents()
    assert "Nothing backs this." in words_of(reads)
    pane.fold_button.click()
    assert not any(row.is_open for row in pane.rows)
    pane.deleteLater()


def test_a_review_is_open_while_it_is_answered_and_folded_once_the_run_has_ended(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        run = stage.model.state.run
        assert run is not None
        pane = stage.page.result.steps
        assert not any(row.is_open for row in pane.rows)
        pane.show_run(replace(run, run_id="run_x", phase=RunPhase.RUNNING), AT)
        assert [row.is_open for row in pane.rows] == [False, False, True]
        pane.show_run(replace(run, run_id="run_x"), AT)
        assert not any(row.is_open for row in pane.rows)
        await stage.close()

    run_with_loop(qapp, work)
