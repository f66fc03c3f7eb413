"""Models are added, changed and taken away in the person's file; its loader has the last word."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.models_editing import ModelsEditor
from agentflow_desktop.core.errors import AgentFlowError, InputRefused
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.llm.model_entries import EntryOrigin, ModelDraft, PriceDraft
from agentflow_desktop.llm.provider import Billing

FIELDS = {
    "provider": "openai_compatible",
    "model": "org/m-1",
    "base_url": "http://127.0.0.1:9000/v1",
}
TODAY = date(2026, 11, 26)


@pytest.fixture
def editor(tmp_path: Path) -> ModelsEditor:
    return ModelsEditor({"AGENTFLOW_HOME": str(tmp_path)}, Overrides())


def test_a_model_is_added_with_what_was_typed_and_the_usual_rest(editor: ModelsEditor) -> None:
    editor.keep(ModelDraft("mine.v1", {**FIELDS, "window_tokens": "16000"}))
    entry = editor.find("mine.v1")
    assert entry.origin is EntryOrigin.OWN
    assert (entry.profile.window_tokens, entry.profile.max_output_tokens) == (16_000, 2_048)
    assert entry.profile.billing is Billing.FREE
    text = editor.file.read_text("utf-8")
    assert "    window_tokens: 16000\n" in text
    assert "max_output_tokens" not in text


def test_of_a_shipped_model_only_what_differs_is_written(editor: ModelsEditor) -> None:
    shipped = editor.find("ollama").profile
    draft = ModelDraft("ollama", {"model": "llama3", "base_url": shipped.base_url})
    editor.keep(draft)
    assert editor.file.read_text("utf-8") == "models:\n  ollama:\n    model: llama3\n"
    assert editor.find("ollama").origin is EntryOrigin.CHANGED
    editor.remove("ollama")
    assert editor.find("ollama").profile == shipped
    assert editor.find("ollama").origin is EntryOrigin.SHIPPED


def test_a_price_holds_from_its_day_and_earlier_ones_stay(editor: ModelsEditor) -> None:
    editor.keep(ModelDraft("gemini-3.8-flash", {}, PriceDraft(TODAY, "0.5", "2", "0.05")))
    prices = editor.find("gemini-3.8-flash").profile.prices
    assert [(p.effective_from, p.input_usd, p.cached_input_usd) for p in prices] == [
        (TODAY, Decimal("0.5"), Decimal("0.05")),
        (date(2027, 1, 1), Decimal("1.50"), None),
    ]
    editor.keep(ModelDraft("gemini-3.8-flash", {}, PriceDraft(TODAY, "", "")))
    assert [p.effective_from for p in editor.find("gemini-3.8-flash").profile.prices] == [
        date(2027, 1, 1)
    ]


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("mine", {"window_tokens": "abc"}, "window_tokens must be a valid integer, is abc."),
        ("mine", {"base_url": "localhost"}, "base_url must be an address such as"),
        ("mine", {"model": ""}, "model is missing."),
        ("mine", {"max_output_tokens": "9000"}, "max_output_tokens must be less than"),
        ("no good", {}, "A model's name is made of letters, digits and"),
    ],
)
def test_a_draft_that_can_not_stand_is_told_in_a_sentence_and_not_written(
    editor: ModelsEditor, name: str, changed: dict[str, str], sentence: str
) -> None:
    draft = ModelDraft(name, {**FIELDS, **changed})
    assert editor.problem_of(draft).startswith(sentence)
    with pytest.raises(AgentFlowError):
        editor.keep(draft)
    assert not editor.file.exists()


def test_a_model_that_plays_a_role_is_not_taken_away(editor: ModelsEditor) -> None:
    editor.keep(ModelDraft("mine", FIELDS))
    settings = editor.file.with_name("settings.yaml")
    settings.write_text("models: {planner_fallback: mine, planner: ollama}", encoding="utf-8")
    with pytest.raises(InputRefused, match="still plays a role"):
        editor.remove("mine")
    settings.unlink()
    editor.remove("mine")
    assert "mine" not in {entry.profile.name for entry in editor.entries()}


def test_what_comes_with_the_program_is_not_taken_away(editor: ModelsEditor) -> None:
    with pytest.raises(InputRefused, match="comes with the program"):
        editor.remove("built-in")
