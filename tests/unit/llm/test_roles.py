"""Which model takes which seat."""

import pytest

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind
from agentflow_desktop.llm.roles import bind_fallbacks, bind_profiles

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


def test_a_fallback_is_approved_for_the_role_that_names_it() -> None:
    named = ModelSettings(planner="small", heavy="big", heavy_fallback="small")
    assert bind_fallbacks(ALL, named) == {Role.HEAVY: SMALL}
    assert bind_fallbacks(ALL, ModelSettings(planner="small", heavy="big")) == {}


def test_where_one_model_plays_both_roles_so_does_its_fallback() -> None:
    alone = ModelSettings(planner="small", planner_fallback="big")
    assert bind_fallbacks(ALL, alone) == {Role.PLANNER: BIG, Role.HEAVY: BIG}


def test_the_built_in_engine_needs_no_fallback() -> None:
    assert bind_fallbacks(ALL, ModelSettings(planner_fallback="big")) == {}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("smal", "'smal', which is not in models.yaml"),
        ("big", "the very model that it is to stand in for"),
        ("built-in", "the built-in engine, which finds passages"),
    ],
)
def test_a_name_that_is_no_fallback_is_refused(name: str, says: str) -> None:
    settings = ModelSettings(planner="small", heavy="big", heavy_fallback=name)
    with pytest.raises(ConfigurationError, match=f"^models.heavy_fallback names .*{says}"):
        bind_fallbacks(ALL, settings)
