"""Ignore files above a chosen folder hold as git has it, unless they hide the folder itself."""

from pathlib import Path

import pytest

from agentflow_desktop.adapters.readers.ignore_rules import rules_above


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("*.secret\n")
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n")
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / ".gitignore").write_text("!wanted.log\nbroken[\n")
    (tmp_path / "build").mkdir()
    return tmp_path


def test_rules_of_the_work_tree_hold_in_a_folder_within(tree: Path) -> None:
    deep = tree / "src" / "deep"
    rules = rules_above(deep)

    assert rules.ignores(deep / "a.log", is_directory=False)
    assert rules.ignores(deep / "a.secret", is_directory=False)
    assert not rules.ignores(deep / "wanted.log", is_directory=False)
    assert rules.ignores(deep / "build", is_directory=True)
    assert not rules.ignores(deep / "build", is_directory=False)


def test_a_folder_that_is_itself_ignored_is_read_when_it_is_chosen(tree: Path) -> None:
    rules = rules_above(tree / "build")

    assert not rules.ignores(tree / "build" / "a.log", is_directory=False)


def test_outside_of_a_work_tree_nothing_above_holds(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "folder").mkdir()

    rules = rules_above(tmp_path / "folder")

    assert not rules.ignores(tmp_path / "folder" / "a.txt", is_directory=False)
