"""A planner that names one step at a time, as rows of the steps timeline."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from agentflow_desktop.core.events import RunEvent, RunStarted, StepOutput, StepStarted
from agentflow_desktop.core.routing import Role, StepTool
from agentflow_desktop.desktop.screens.tasks.run_state import RunState, StepPhase, advance
from agentflow_desktop.desktop.screens.tasks.step_row import StepRow
from agentflow_desktop.desktop.screens.tasks.steps_pane import StepsPane
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.workflows.ask.model import STEP_KIND, AskRequest, AskStep
from support.gui_loop import AT
from support.tasks_stage import words_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

READ = AskStep(
    1,
    StepTool.ASK_HEAVY,
    "Which part checks\nthe bound?",
    "Part 2 names 17.",
    reason="It must be read.",
)
SAME = AskStep(
    2, StepTool.ASK_HEAVY, "Which part checks the bound?", "None", "The same step was taken before."
)


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, "light")
    qapp.setStyleSheet("")


def run_of(*steps: AskStep) -> RunState:
    run = RunState("run_1", "t", AskRequest("t"), AT)
    named = {"run_id": "run_1", "at": AT}
    events: list[RunEvent] = [RunStarted(**named, kind="ask", title="t")]
    for step in steps:
        step_id, title = f"s{step.number}", f"Planner chooses step {step.number}"
        events.append(
            StepStarted(**named, step_id=step_id, title=title, role=Role.PLANNER, model="p7b")
        )
        events.append(StepOutput(**named, step_id=step_id, kind=STEP_KIND, body=step))
    for event in events:
        run = advance(run, event)
    return run


def rows_of(theme: Theme, run: RunState) -> tuple[StepsPane, list[StepRow]]:
    pane = StepsPane(theme)
    pane.resize(700, 500)
    pane.show_run(run, AT)
    pane.show()
    return pane, pane.rows


def test_a_chosen_step_says_what_is_done_next_and_what_for(
    qapp: QApplication, theme: Theme
) -> None:
    run = run_of(READ)
    assert run.steps[0].phase is StepPhase.DONE
    pane, (row,) = rows_of(theme, run)
    assert "have the heavy model read: Which part checks the bound?, p7b" in words_of(row)
    row._flip()
    shown = words_of(row)
    assert "Next | Have the heavy model read." in shown
    assert "To find out | Which part checks\nthe bound?" in shown
    assert "Because | It must be read." in shown
    assert "Given with it | Part 2 names 17." in shown
    pane.close()


def test_a_step_that_code_refuses_says_so_in_its_line_and_why_below(
    qapp: QApplication, theme: Theme
) -> None:
    pane, (_, row) = rows_of(theme, run_of(READ, SAME))
    assert "not done: have the heavy model read" in words_of(row)
    row._flip()
    shown = words_of(row)
    assert "Not done: The same step was taken before." in shown
    assert "Given with it" not in shown
    pane.close()


def test_every_tool_has_words_of_its_own(qapp: QApplication, theme: Theme) -> None:
    steps = [AskStep(n, tool, "x") for n, tool in enumerate(StepTool, start=1)]
    pane, rows = rows_of(theme, run_of(*steps))
    said = {words_of(row).split("|")[1] for row in rows}
    assert len(said) == len(StepTool)
    pane.close()
