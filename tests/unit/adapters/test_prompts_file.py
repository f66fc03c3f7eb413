"""The shipped prompts, and a person's own in their place."""

from pathlib import Path

import pytest

from agentflow_desktop.adapters.prompts_file import load_prompts
from agentflow_desktop.core.errors import ConfigurationError


def test_an_own_prompt_takes_the_place_of_the_shipped_one_and_changes_the_digest(
    tmp_path: Path,
) -> None:
    own = tmp_path / "prompts.yaml"
    shipped = load_prompts(own)
    own.write_text("repair: |\n  Mend ${errors} now.\n", encoding="utf-8")
    library = load_prompts(own)
    assert library.render("repair", errors="this") == "Mend this now."
    assert library.render("propose", guidance="g") == shipped.render("propose", guidance="g")
    assert library.digest() != shipped.digest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("repare: x\n", "prompts.yaml line 1: repare is no prompt of this version."),
        ("repair:\n", "prompts.yaml line 1: repair must be text."),
        ("repair: [a]\n", "prompts.yaml line 1: repair must be text."),
        ("repair: no placeholder\n", "The prompt 'repair' has other placeholders"),
        ("repair: ${errors} ${task}\n", "The prompt 'repair' has other placeholders"),
        ("repair: ${errors} $ 5\n", "The prompt 'repair' has other placeholders"),
    ],
)
def test_a_prompt_that_does_not_fit_is_refused(tmp_path: Path, text: str, message: str) -> None:
    own = tmp_path / "prompts.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_prompts(own)
    assert caught.value.message.startswith(message)
