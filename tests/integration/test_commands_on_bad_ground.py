"""What the commands say where a database is damaged, nothing was found or nothing could be read."""

import json
from pathlib import Path

import pytest

from support.ask_home import AskHome
from support.command_line import run_command


@pytest.fixture
def person(tmp_path: Path) -> AskHome:
    """A person's home without any model."""
    return AskHome(tmp_path / "person")


def test_health_shows_a_damaged_database_as_a_row_and_checks_the_rest(person: AskHome) -> None:
    database = person.root / "data" / "agentflow.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database" * 1_000)
    ended = run_command(person.root, "health", "--json")
    rows = {row["subject"]: row for row in json.loads(ended.out)}
    assert ended.code == 7
    assert [name for name, row in rows.items() if not row["is_usable"]] == ["database"]
    assert f"{database} is damaged" in rows["database"]["message"]
    assert "start-fresh" in rows["database"]["hint"]
    assert set(rows) == {"database", "reader", "model built-in"}
    assert [path.name for path in database.parent.iterdir()] == ["agentflow.db"]


def test_a_list_without_runs_says_so_and_stays_json_for_programs(person: AskHome) -> None:
    assert run_command(person.root, "history", "list").err == "No runs yet.\n"
    narrowed = run_command(person.root, "history", "list", "--search", "nothing")
    assert (narrowed.out, narrowed.err) == ("", "No such run.\n")
    assert json.loads(run_command(person.root, "history", "list", "--json").out) == []


def test_a_deletion_names_the_command_that_undoes_it(person: AskHome) -> None:
    asked = run_command(person.root, "run", "--task", "limits")
    run_id = asked.err.split()[-1]
    deleted = run_command(person.root, "history", "delete", run_id, run_id[:-4])
    assert deleted.out == "Deleted 1 run.\n"
    assert deleted.err == f'For 1 hour "agentflow history undelete {run_id}" brings it back.\n'
    back = run_command(person.root, "history", "undelete", run_id, run_id)
    assert (back.code, back.out) == (0, "Brought 1 run back.\n")


def test_where_nothing_could_be_read_each_file_says_why(person: AskHome, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pdf"
    garbage.write_bytes(bytes(range(256)) * 8)
    asked = run_command(person.root, "run", "--task", "limits", "--file", str(garbage))
    assert "  garbage.pdf: It is not text.\n" in asked.err
    assert "there is none that it could read" in asked.out


def test_an_unknown_choice_is_refused_in_plain_words(person: AskHome) -> None:
    refused = run_command(person.root, "run", "--task", "x", "--kind", "nope")
    assert refused.code == 2
    assert refused.err.startswith("Invalid value for '--kind': 'nope' is not one of 'general'")
