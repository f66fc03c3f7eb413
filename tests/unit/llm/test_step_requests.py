"""What a planner that names steps is asked always fits what it was trained with."""

import json

import pytest

from agentflow_desktop.core.routing import StepTool, TaskKind
from agentflow_desktop.core.settings import RoutingSettings, VerificationSettings
from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.documents.tokens import Calibration, raw_tokens
from agentflow_desktop.llm.claims import Claim, Finding
from agentflow_desktop.llm.provider import ModelProfile, PlannerFormat, ProviderKind
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.step_format import ChosenStep
from agentflow_desktop.llm.step_requests import StepWriter, TakenStep, describe_steps
from agentflow_desktop.llm.windows import Windows, request_tokens
from support.call_parts import some_prompts
from support.tier_home import code_file

PROFILE = ModelProfile(
    "planner",
    ProviderKind.OPENAI_COMPATIBLE,
    "planner",
    window_tokens=131_072,
    planner_format=PlannerFormat.AGENTFLOW_STEPS,
)


def taken(number: int, findings: int, words: int = 30) -> TakenStep:
    step = ChosenStep(StepTool.ASK_HEAVY, f"Question {number}?")
    claims = [Claim(f"F{n}", f"finding {n} " * words, ()) for n in range(findings)]
    return TakenStep(number, step, f"{findings} findings.", tuple(map(Finding, claims)))


@pytest.mark.parametrize("steps", [0, 4])
def test_a_request_never_passes_the_prompts_that_the_model_was_trained_with(steps: int) -> None:
    settings = VerificationSettings()
    routing = RoutingSettings(planner_max_tokens=100_000)
    writer = StepWriter(some_prompts(), settings, Windows(Calibration(), routing, settings))
    documents = tuple(
        Document(name=f"{n}.py", digest=str(n), media=MediaKind.CODE, text=code_file(n, 40))
        for n in range(300)
    )
    question = Question("What?", "extra " * 200, TaskKind.CODEBASE, documents)
    request = writer.choose(
        question,
        PROFILE,
        outline_documents(documents),
        tuple(StepTool),
        [taken(n, 60) for n in range(1, steps + 1)],
    )
    assert 10_000 < request_tokens(request) <= 18_432


def test_steps_are_told_whole_while_they_fit() -> None:
    lines = describe_steps([taken(1, 2), taken(2, 0)], 10_000).splitlines()
    first, second = (json.loads(line) for line in lines)
    assert (first["step"], first["tool"], len(first["findings"])) == (1, "ask-heavy", 2)
    assert second == {
        "step": 2, "tool": "ask-heavy", "sub_goal": "Question 2?", "result": "0 findings.",
    }  # fmt: skip


@pytest.mark.parametrize("room", [2_000, 300, 60])
def test_steps_that_do_not_fit_are_cut_and_the_oldest_left_out_with_a_count(room: int) -> None:
    text = describe_steps([taken(n, 40) for n in range(1, 5)], room)
    assert raw_tokens(text) <= room + 20
    assert "Question 4?" in text


def test_without_steps_that_is_said() -> None:
    assert describe_steps([], 100) == "None yet."
