"""Changes in a person's YAML file: only what is meant changes, or nothing does."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.adapters.settings_files import load_settings
from agentflow_desktop.adapters.yaml_edits import Changes, edit_yaml, edited_text
from agentflow_desktop.core.errors import ConfigurationError, StorageError
from agentflow_desktop.core.settings import Overrides

OWN = """\
# My models.
models:   # all of them

    ollama:
        window_tokens:   8192   # by hand
        # what it is called there
        model: 'llama3:8b'
    # the dear one
    gemini-2.5-flash: {thinking_budget: 0, aliases: [a, "b"]}

# the end
"""


def edited(text: str, changes: Changes) -> str:
    return edited_text(text, "own.yaml", changes)


def test_a_changed_value_leaves_every_other_byte_as_it_was() -> None:
    changed = edited(OWN, {"models.ollama.window_tokens": 32768, "models.ollama.model": "a: #b"})
    assert changed == OWN.replace("8192", "32768").replace("'llama3:8b'", "'a: #b'")


def test_a_new_value_stands_below_the_last_one_of_its_section_in_its_indentation() -> None:
    changed = edited(OWN, {"models.ollama.sends_schema": False})
    below = "        model: 'llama3:8b'\n"
    assert changed == OWN.replace(below, f"{below}        sends_schema: false\n")


def test_names_with_dots_are_given_by_their_parts() -> None:
    flash = ("models", "gemini-2.5-flash")
    assert "{thinking_budget: 0, aliases: [c]}" in edited(OWN, {(*flash, "aliases"): ["c"]})
    assert 'aliases: [a, "b"], x: 1}' in edited(OWN, {(*flash, "x"): 1})
    new = edited(OWN, {("models", "m.1", "model"): "m"})
    assert '"b"]}\n    m.1:\n      model: m\n\n# the end' in new


def test_taking_a_value_away_keeps_the_comments_around_it() -> None:
    without = edited(OWN, {"models.ollama.window_tokens": None})
    assert without == OWN.replace("        window_tokens:   8192   # by hand\n", "")
    without = edited(OWN, {("models", "gemini-2.5-flash", "thinking_budget"): None})
    assert '{aliases: [a, "b"]}' in without
    without = edited(OWN, {("models", "gemini-2.5-flash", "aliases"): None})
    assert "{thinking_budget: 0}" in without


def test_a_section_goes_with_its_last_value() -> None:
    text = "# top\na:\n  b:\n    c: 1\nd: 2\n"
    assert edited(text, {"a.b.c": None}) == "# top\nd: 2\n"
    assert edited("a: {b: {c: 1}}\n", {"a.b.c": None}) == ""
    assert edited(text, {"a.b.absent": None, "x": None}) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "a:\n  b: 1\n"),
        ("# nothing yet", "# nothing yet\na:\n  b: 1\n"),
        ("a:\n", "a:\n  b: 1\n"),
        ("a: # here\n  # c: 2\n", "a: # here\n  b: 1\n  # c: 2\n"),
        ("c: 1", "c: 1\na:\n  b: 1\n"),
        ("a: {}\n", "a: {b: 1}\n"),
        ("a:\n  b:\n", "a:\n  b: 1\n"),
        ("a:\n  b: |\n    x\n    y\n  c: 2\n", "a:\n  b: 1\n  c: 2\n"),
        ("a:\n  b:\n  - 1\n  - 2\n\n# c\n", "a:\n  b: 1\n\n# c\n"),
        ("a:\r\n  c: 2\r\n", "a:\r\n  c: 2\r\n  b: 1\r\n"),
        ("\ufeffa:\n  b: 2 # x\n", "\ufeffa:\n  b: 1 # x\n"),
        ("---\na:\n  b: 2\n", "---\na:\n  b: 1\n"),
    ],
)
def test_a_value_finds_its_place_in_files_of_every_form(old: str, new: str) -> None:
    assert edited(old, {"a.b": 1}) == new


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.30"), "0.30"),
        (Decimal(5), "5"),
        (Decimal("1E-8"), "0.00000001"),
        (True, "true"),
        ("true", "'true'"),
        ("", "''"),
        ("two\nlines", r'"two\nlines"'),
        ("ü", "ü"),
        ((1, "b"), "[1, b]"),
        ([{"effective_from": date(2026, 1, 1), "input_usd": Decimal("0.5")}],
         "[{effective_from: 2026-01-01, input_usd: 0.5}]"),
    ],
)  # fmt: skip
def test_values_are_written_digit_for_digit_and_letter_for_letter(
    value: object, written: str
) -> None:
    assert edited("", {"a": value}) == f"a: {written}\n"


@pytest.mark.parametrize(
    "text", ["x: &m {b: 2}\na: *m\n", "a: 5\n", "a: [1]\n", "a: &n\n  b: 2\nc: *n\n"]
)
def test_a_place_that_cant_be_changed_alone_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"keeps the program from changing a\.b alone"):
        edited(text, {"a.b": 1})


_names = st.sampled_from(["a", "b", "c.d", "e f", "no", "1"])
_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
_values = st.one_of(st.integers(), st.booleans(), _texts, st.lists(_texts, max_size=3))
_trees = st.recursive(_values, lambda t: st.dictionaries(_names, t, max_size=4), max_leaves=8)


@given(st.dictionaries(_names, _trees), st.booleans(), st.lists(_names, min_size=1, max_size=3),
       st.one_of(st.none(), _values))  # fmt: skip
def test_any_change_of_any_file_is_exact_or_refused(
    tree: dict[str, Any], flow: bool, place: list[str], value: object
) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    try:
        changed = yaml.safe_load(edited(text, {tuple(place): value})) or {}
    except ConfigurationError:
        return
    at: Any = changed
    for name in place[:-1]:
        at = cast(dict[str, Any], at).get(name, {}) if isinstance(at, dict) else {}
    if value is None:
        assert not isinstance(at, dict) or place[-1] not in at
    else:
        assert at[place[-1]] == value
    for name in tree.keys() - {place[0]}:
        assert changed[name] == tree[name]


def test_a_file_is_made_and_its_former_content_kept_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "config" / "models.yaml"
    assert edit_yaml(path, {"models.ollama.model": "a"}, load_models) is None
    path.chmod(0o600)
    first = path.read_text("utf-8")
    kept = edit_yaml(path, {"models.ollama.model": "b"}, load_models)
    assert kept is not None
    assert kept == path.with_name("models.yaml.before")
    assert kept.read_text("utf-8") == first
    assert "model: b" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert edit_yaml(path, {"models.ollama.model": "b"}, load_models) is None
    assert {file.name for file in path.parent.iterdir()} == {path.name, kept.name}


def test_what_the_loader_refuses_is_not_written_and_told_in_its_words(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("models: {planner: ollama}\n", encoding="utf-8")

    def validate(file: Path) -> None:
        load_settings(file, {}, Overrides())

    with pytest.raises(ConfigurationError, match=r"^settings\.yaml line 1: models\.max_attempts"):
        edit_yaml(path, {"models.max_attempts": 0}, validate)
    assert path.read_text("utf-8") == "models: {planner: ollama}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["settings.yaml"]


def test_a_file_that_is_not_yaml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_text("models: [\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"models\.yaml line 2: not valid YAML"):
        edit_yaml(path, {"models.x.model": "a"}, load_models)
    assert path.read_text("utf-8") == "models: [\n"


def test_a_folder_that_cant_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't be written"):
        edit_yaml(tmp_path / "file" / "models.yaml", {"models.ollama.model": "a"}, load_models)


def test_changes_from_several_threads_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"

    def add(number: int) -> None:
        edit_yaml(path, {f"models.m{number}.window_tokens": number}, lambda _: None)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(24)))
    kept = cast(dict[str, Any], yaml.safe_load(path.read_text("utf-8")))
    assert kept["models"] == {f"m{n}": {"window_tokens": n} for n in range(24)}
