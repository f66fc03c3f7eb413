"""Which served names mean the model that was asked for."""

import pytest

from agentflow_desktop.llm.served_models import is_asked_model
from support.call_parts import a_profile


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("gpt-5", "gpt-5"),
        ("gpt-5", "GPT-5"),
        ("gpt-5", ""),
        ("gpt-5", "gpt-5-2026-08-07"),
        ("gpt-4", "gpt-4-0613"),
        ("claude-9", "claude-9-20260807"),
        ("claude-9", "claude-9@20260807"),
        ("gemini-3-flash", "gemini-3-flash-001"),
        ("qwen2.5", "qwen2.5:latest"),
        ("openai/gpt-5", "gpt-5-2026-08-07"),
        ("agentflow-planner-7b", "AgentFlow/agentflow-planner-7b"),
        ("AgentFlow/agentflow-planner-7b", "agentflow-planner-7b"),
        ("qwen2.5-7b-instruct", "/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf"),
        ("qwen2.5-7b-instruct", r"C:\models\qwen2.5-7b-instruct.gguf"),
        ("qwen2.5-7b-instruct", "qwen2.5-7b-instruct-q8_0-00001-of-00002.gguf"),
        ("/models/a-7b-q4_0.gguf", "a-7b"),
    ],
)
def test_one_model_has_many_names(asked: str, served: str):
    assert is_asked_model(a_profile("http://127.0.0.1/v1", model=asked), served)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("gpt-5", "gpt-5-mini"),
        ("gpt-5-mini", "gpt-5"),
        ("gpt-5", "gpt-5-mini-2026-08-07"),
        ("gpt-5", "gpt-5-preview"),
        ("gemini-2.5-pro", "gemini-3.1-pro"),
        ("qwen2.5:7b", "qwen2.5:32b"),
        ("openai/gpt-5", "other/gpt-5"),
        ("llama-3", "/models/qwen2.5-7b-instruct.gguf"),
        ("a", "ab"),
    ],
)
def test_another_model_is_not_taken_for_it(asked: str, served: str):
    assert not is_asked_model(a_profile("http://127.0.0.1/v1", model=asked), served)


def test_an_alias_is_a_pattern_of_the_profile():
    profile = a_profile("http://127.0.0.1/v1", model="fast", aliases=("Llama-3.*-instruct",))
    assert is_asked_model(profile, "llama-3.3-instruct")
    assert not is_asked_model(profile, "llama-2-instruct")
