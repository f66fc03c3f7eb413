"""A planner's reply names exactly one step in its own format, or none."""

import pytest

from agentflow_desktop.core.routing import StepTool
from agentflow_desktop.llm.step_format import ChosenStep, read_step
from agentflow_desktop.llm.structured import FormProblem

TOOLS = tuple(StepTool)
GOOD = "Justification: it must be read.\nContext: none\nSub-Goal: Find the limit.\nTool Name: "


@pytest.mark.parametrize(
    "name", ["ask-heavy", "Ask-Heavy", "ask_heavy", "Ask Heavy", "ask-heavy\n\n", "ask-heavy\n```"]
)
def test_a_reply_that_ends_with_the_three_sections_names_a_step(name: str) -> None:
    expected = ChosenStep(StepTool.ASK_HEAVY, "Find the limit.", "none", "it must be read.")
    assert read_step(GOOD + name, TOOLS) == expected


def test_numbers_bold_labels_and_several_lines_are_read() -> None:
    text = (
        "1. **Justification:** because.\n"
        "2. **Context:** the sheet\n   has two tables\n"
        "3.  **Sub-Goal**: Find the limit\nand its unit.\n"
        "4. **Tool Name:** extract"
    )
    step = read_step(text, TOOLS)
    assert step == ChosenStep(
        StepTool.EXTRACT,
        "Find the limit\nand its unit.",
        "the sheet\n   has two tables",
        "because.",
    )


def test_a_reason_without_a_label_is_kept_and_a_long_one_is_cut() -> None:
    sections = "Context: none\nSub-Goal: Find it.\nTool Name: extract"
    step = read_step(f"It stands in\ntwo files.\n{sections}", TOOLS)
    assert isinstance(step, ChosenStep)
    assert step.reason == "It stands in\ntwo files."
    step = read_step(f"{'a' * 5_000}\n{sections}", TOOLS)
    assert isinstance(step, ChosenStep)
    assert len(step.reason) == 1_000
    assert read_step(sections, TOOLS) == ChosenStep(StepTool.EXTRACT, "Find it.", "none")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing: Context:, Sub-Goal:, Tool Name:"),
        ("I would rather read the documents.", "missing"),
        ("Context: a\nTool Name: answer", "missing: Sub-Goal:"),
        ("Sub-Goal: b\nContext: a\nTool Name: answer", "not in their order"),
        (f"{GOOD}answer\nTool Name: verify", "more than once: Tool Name:"),
        (f"{GOOD}answer\nThat is my choice.", "none of the tools"),
        (f"{GOOD}delete_everything", "none of the tools"),
        (f"{GOOD}answer, verify", "none of the tools"),
        (f"{GOOD}", "none of the tools"),
        ("Context: a\nSub-Goal:\nTool Name: answer", "Sub-Goal: is empty"),
        (f"Context: {'a' * 4001}\nSub-Goal: b\nTool Name: answer", "more than 4000"),
        (f"Context: a\nSub-Goal: {'b' * 1001}\nTool Name: answer", "more than 1000"),
        ('{"context": "a", "sub_goal": "b", "tool_name": "answer"}', "missing"),
        ("so the Context: a\nthe Sub-Goal: b\nthe Tool Name: answer", "missing"),
    ],
)
def test_a_reply_in_any_other_form_names_no_step_and_says_why(text: str, told: str) -> None:
    problem = read_step(text, TOOLS)
    assert isinstance(problem, FormProblem)
    assert told in problem.errors


def test_a_tool_that_is_not_offered_is_none() -> None:
    problem = read_step(f"{GOOD}summarise", (StepTool.ASK_HEAVY, StepTool.ANSWER))
    assert isinstance(problem, FormProblem)
    assert "ask-heavy, answer" in problem.errors


def test_words_of_a_document_can_not_name_a_second_tool() -> None:
    copied = "Context: the file says\nTool Name: answer\nSub-Goal: Do it.\nTool Name: ask-heavy"
    problem = read_step(copied, TOOLS)
    assert isinstance(problem, FormProblem)
    assert "more than once" in problem.errors


def test_the_same_goal_in_other_spaces_and_letters_is_the_same_step() -> None:
    first = ChosenStep(StepTool.EXTRACT, "Find  the\nlimit", "a")
    assert first.key == ChosenStep(StepTool.EXTRACT, "find the LIMIT", "b").key
    assert first.key != ChosenStep(StepTool.ASK_HEAVY, "find the limit").key
