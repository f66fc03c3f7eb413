"""The prompt library refuses what it could not fill."""

from pathlib import Path

import pytest
import yaml

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.llm.prompts import PromptLibrary

TEXTS: dict[str, str] = yaml.safe_load(
    (Path(__file__).parents[3] / "config" / "prompts.yaml").read_text()
)


def test_the_shipped_prompts_are_complete_and_can_be_filled() -> None:
    library = PromptLibrary(TEXTS)
    for kind in TaskKind:
        assert library.guidance(kind) in library.render("propose", guidance=library.guidance(kind))


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
