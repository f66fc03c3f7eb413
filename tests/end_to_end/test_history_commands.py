"""Earlier runs at the command line: found, shown, rated, asked again, deleted and had back."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.core.events import RunSucceeded
from agentflow_desktop.workflows.ask.model import AskResult
from support.ask_home import TASK, AskHome
from support.command_line import Ended, run_command


class Person:
    """A person's home in which two questions were asked of the built-in engine."""

    def __init__(self, root: Path) -> None:
        self.home = AskHome(root)
        self.ask("What limits the charge current?", "--kind", "documents")
        self.ask("Which fuse is rated?")
        self.fuse, self.charge = self.ids()

    def ask(self, task: str, *more: str) -> None:
        folder = str(self.home.documents)
        assert run_command(
            self.home.root, "run", "--task", task, "--directory", folder, *more
        ).code == 0  # fmt: skip

    def history(self, *arguments: str) -> Ended:
        return run_command(self.home.root, "history", *arguments)

    def listed(self, *options: str) -> list[dict[str, Any]]:
        ended = self.history("list", "--json", *options)
        assert ended.code == 0, ended.err
        return json.loads(ended.out)

    def ids(self, *options: str) -> list[str]:
        return [run["run_id"] for run in self.listed(*options)]


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person(tmp_path_factory.mktemp("person"))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--search", "which fuse"], ["fuse"]),
        (["--search", "140 A prohibited"], ["charge"]),
        (["--search", "which FUS"], ["fuse"]),
        (["--kind", "documents"], ["charge"]),
        (["--state", "failed"], []),
        (["--model", "built-in"], ["fuse", "charge"]),
        (["--badge", "built-in"], ["fuse", "charge"]),
        (["--since", "2020-01-01", "--until", "2199-01-01"], ["fuse", "charge"]),
        (["--until", "2020-01-01"], []),
        (["--at-least", "0.01"], []),
        (["--unmarked"], ["fuse", "charge"]),
        (["--limit", "1"], ["fuse"]),
    ],
)
def test_the_list_is_narrowed(person: Person, options: Sequence[str], found: list[str]) -> None:
    names = {person.fuse: "fuse", person.charge: "charge"}
    assert [names[run_id] for run_id in person.ids(*options)] == found


def test_the_list_goes_on_after_a_run(person: Person) -> None:
    assert person.ids("--before", person.fuse) == [person.charge]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--since", "yesterday"], "Give a day"),
        (["list", "--at-least", "much"], "an amount of dollars"),
        (["list", "--badge", "gold"], "one of built_in"),
        (["list", "--useful", "--unmarked"], "exclude each other"),
        (["undelete", "run_9"], "No run begins"),
    ],
)
def test_what_can_t_be_meant_is_refused_with_what_can(
    person: Person, arguments: Sequence[str], words: str
) -> None:
    ended = person.history(*arguments)
    assert ended.code == 2
    assert words in ended.err


def test_a_run_is_rated_shown_with_its_mark_and_found_by_it(person: Person) -> None:
    rated = person.history("rate", person.fuse, "--not-useful", "--note", "Too short.")
    assert rated.out == f"{person.fuse}: Marked not useful\nNote: Too short.\n"
    shown = person.history("show", person.fuse)
    assert "Marked not useful" in shown.err
    assert "Note: Too short." in shown.err
    assert person.ids("--not-useful") == [person.fuse]
    cleared = json.loads(person.history("rate", person.fuse, "--note", "", "--json").out)
    assert (cleared["is_useful"], cleared["note"]) == (None, "")
    assert person.ids("--not-useful") == []


def test_deleted_runs_leave_the_list_and_come_back(person: Person) -> None:
    deleted = person.history("delete", person.fuse, person.charge)
    assert deleted.out == "Deleted 2 runs.\n"
    assert "undelete" in deleted.err
    assert person.ids() == []
    assert "Deleted 20" in person.history("show", person.fuse).err
    assert person.history("undelete", person.fuse, person.charge).out == "Brought 2 runs back.\n"
    assert person.ids() == [person.fuse, person.charge]
    assert person.history("undelete", person.fuse).code == 2


def test_a_run_is_asked_again_of_the_files_as_they_are_now(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.home.sheet.write_text("The charge current is at most 99 A.\n", encoding="utf-8")
    again = person.history("again", person.charge, "--no-cache", "--json")
    assert again.code == 0, again.err
    last = event_codec().decode(again.out.splitlines()[-1])
    assert isinstance(last, RunSucceeded)
    assert isinstance(last.result, AskResult)
    assert last.result.task == TASK
    assert last.result.answer.claims[0].evidence[0].quote == "The charge current is at most 99 A."
    newest = person.listed("--limit", "1")[0]
    assert (newest["run_id"], newest["task_kind"]) == (last.run_id, "documents")


def test_a_run_that_did_not_keep_its_request_says_why_it_can_t_be_asked_again(
    tmp_path: Path,
) -> None:
    person = Person(tmp_path)
    (path,) = person.home.root.rglob("agentflow.db")
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM run_events WHERE body LIKE '%ask.request%'")
    connection.close()
    again = person.history("again", person.charge)
    assert again.code == 2
    assert "does not say which files" in again.err
    assert person.history("show", person.charge).code == 0
