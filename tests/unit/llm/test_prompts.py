"""The prompt library refuses what it could not fill."""

from pathlib import Path

import pytest
import yaml

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import TaskKind, VerificationMode
from agentflow_desktop.llm.prompts import PromptLibrary

TEXTS: dict[str, str] = yaml.safe_load(
    (Path(__file__).parents[3] / "config" / "prompts.yaml").read_text()
)


def test_the_shipped_prompts_are_complete_and_can_be_filled() -> None:
    library = PromptLibrary(TEXTS)
    for kind in TaskKind:
        guidance, reading = library.guidance(kind), library.reading(kind)
        assert guidance in library.render("propose", guidance=guidance)
        for name in ("answer", "write"):
            assert reading in library.render(name, guidance=guidance, reading=reading)
    for mode in VerificationMode:
        check = library.check(mode)
        assert check in library.render("review", guidance="g", check=check)


def test_no_two_kinds_and_no_two_modes_are_told_the_same() -> None:
    library = PromptLibrary(TEXTS)
    assert len({library.guidance(kind) for kind in TaskKind}) == len(TaskKind)
    assert len({library.reading(kind) for kind in TaskKind}) == len(TaskKind)
    assert len({library.check(mode) for mode in VerificationMode}) == len(VerificationMode)


@pytest.mark.parametrize(
    ("name", "text"),
    [("propose", "no placeholder"), ("repair", "${errors} ${other}"), ("review", "$1 ${guidance}")],
)
def test_other_placeholders_than_the_program_fills_are_refused(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        PromptLibrary({**TEXTS, name: text})


def test_a_missing_and_an_unknown_prompt_are_named() -> None:
    texts = {name: text for name, text in TEXTS.items() if name != "refine"} | {"refin": "x"}
    with pytest.raises(ConfigurationError, match=r"missing: refine; unknown: refin"):
        PromptLibrary(texts)


def test_an_edited_prompt_changes_the_digest() -> None:
    edited = {**TEXTS, "kind_logs": TEXTS["kind_logs"] + "More."}
    assert PromptLibrary(TEXTS).digest() != PromptLibrary(edited).digest()
