"""Which model takes which seat."""

import pytest

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind
from agentflow_desktop.llm.roles import bind_profiles

BUILT_IN = ModelProfile("built-in", ProviderKind.BUILT_IN, "built-in")
SMALL = ModelProfile("small", ProviderKind.OPENAI_COMPATIBLE, "s")
BIG = ModelProfile("big", ProviderKind.OPENAI_COMPATIBLE, "b")
ALL = (BUILT_IN, SMALL, BIG)


@pytest.mark.parametrize(
    ("planner", "heavy", "seats"),
    [
        ("", "", (BUILT_IN, BUILT_IN)),
        ("small", "", (SMALL, SMALL)),
        ("", "big", (BIG, BIG)),
        ("built-in", "big", (BIG, BIG)),
        ("small", "built-in", (SMALL, SMALL)),
        ("small", "big", (SMALL, BIG)),
    ],
)
def test_a_model_configured_alone_plays_both_roles(
    planner: str, heavy: str, seats: tuple[ModelProfile, ModelProfile]
) -> None:
    assert bind_profiles(ALL, planner, heavy) == seats


def test_a_name_that_is_not_configured_is_refused_with_the_names_that_are() -> None:
    with pytest.raises(ConfigurationError) as caught:
        bind_profiles(ALL, "smal", "")
    assert "models.planner" in caught.value.message
    assert "big, built-in, small" in caught.value.hint
