"""Setting up from the command line: what the window can do, a person can type."""

import json
from pathlib import Path

from support.ask_home import AskHome
from support.command_line import run_command
from support.openai_server import OpenAIServer, from_sources

CHANGED = "# mine\nlogging:\n  level: debug  # loud\nverification:\n  max_iterations: 3\n"


def port_of(server: OpenAIServer) -> str:
    return server.base_url.split(":")[2].split("/")[0]


def test_settings_are_set_explained_and_reset_and_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.yaml"
    file.parent.mkdir()
    file.write_text("# mine\nlogging:\n  level: debug  # loud\n", encoding="utf-8")
    done = run_command(tmp_path, "config", "set", "verification.max_iterations", "3")
    assert (done.code, done.out) == (
        0, f"verification.max_iterations is 3 from now on, in {file}.\n",
    )  # fmt: skip
    assert file.read_text("utf-8") == CHANGED
    refused = run_command(tmp_path, "config", "set", "verification.max_iterations", "33")
    assert refused.code == 3
    assert "must be from 1 to 8, is 33" in refused.err
    masked = run_command(
        tmp_path, "config", "set", "logging.level", "info",
        environ={"AGENTFLOW_LOGGING__LEVEL": "error"},
    )  # fmt: skip
    assert masked.code == 2
    assert "AGENTFLOW_LOGGING__LEVEL, which wins over settings.yaml" in masked.err
    assert file.read_text("utf-8") == CHANGED
    described = run_command(tmp_path, "config", "describe", "logging.level")
    assert "The least important message that is written." in described.out
    assert "Must be one of debug, info, warning, error. Default: info." in described.out
    assert run_command(tmp_path, "config", "reset", "logging.level").code == 0
    assert "level" not in file.read_text("utf-8")
    assert run_command(tmp_path, "config", "set", "a.b").code == 2
    assert run_command(tmp_path, "config", "describe", "nothing").code == 2


def test_weights_that_must_sum_to_one_are_set_together(tmp_path: Path) -> None:
    weights = ("evaluation.weights.security", "0.3", "evaluation.weights.performance", "0.1")
    assert run_command(tmp_path, "config", "set", *weights[:2]).code == 3
    assert run_command(tmp_path, "config", "set", *weights).code == 0
    lines = json.loads(run_command(tmp_path, "config", "show", "--changed", "--json").out)
    assert {line["key"]: line["value"] for line in lines} == {
        "evaluation.weights.performance": "0.1", "evaluation.weights.security": "0.3",
    }  # fmt: skip


def test_a_local_server_is_found_added_bound_and_asked(tmp_path: Path) -> None:
    home = AskHome(tmp_path / "person")
    with OpenAIServer(from_sources, models=("org/m-7b",)) as server:
        found = run_command(home.root, "models", "find-local", "--port", port_of(server))
        assert f"{server.base_url}  org/m-7b" in found.out
        added = run_command(
            home.root, "models", "add", "mine", "--model", "org/m-7b",
            "--address", server.base_url, "--window", "16000",
        )  # fmt: skip
        assert added.code == 0, added.err
        assert run_command(home.root, "models", "add", "mine", "--model", "x").code == 2
        assert run_command(home.root, "models", "bind", "--planner", "mine").code == 0
        spare = run_command(home.root, "models", "bind", "--planner-fallback", "ollama")
        assert spare.out == "The fallback of planner is ollama.\n", spare.err
        assert "fallback of planner" in run_command(home.root, "models", "list").out
        same = run_command(home.root, "models", "bind", "--planner-fallback", "mine")
        assert "the very model that it is to stand in for" in same.err
        tested = run_command(home.root, "models", "test", "mine").out
        assert tested.startswith("mine answers, in ")
        asked = run_command(
            home.root, "run", "--task", "What is the fuse rated?", "--file", str(home.sheet)
        )
        assert asked.code == 0, asked.err
        assert server.requests[-1].body["model"] == "org/m-7b"
    changed = run_command(home.root, "models", "edit", "mine", "--price", "0.25/2/0.05")
    assert changed.code == 0, changed.err
    assert run_command(home.root, "models", "edit", "nobody", "--window", "9000").code == 2
    refused = run_command(home.root, "models", "remove", "mine")
    assert refused.code == 2
    assert "mine still plays a role." in refused.err
    assert run_command(home.root, "models", "bind", "--planner", "").code == 0
    assert run_command(home.root, "models", "remove", "mine").code == 0
    text = (home.root / "config" / "models.yaml").read_text("utf-8")
    assert "mine" not in text


def test_the_database_is_checked_and_copied_and_the_log_is_shown(tmp_path: Path) -> None:
    assert run_command(tmp_path, "database", "check").out == "The database is sound.\n"
    copied = run_command(tmp_path, "database", "backup")
    assert copied.code == 0
    (backup,) = (tmp_path / "data" / "agentflow.db-backups").glob("*-manual.db")
    assert copied.out == f"Copied the database to {backup}.\n"
    assert "manual" in run_command(tmp_path, "database", "list").out
    shown = run_command(tmp_path, "logs", "--lines", "5")
    assert "database_migrated" in shown.out
    quiet = run_command(tmp_path, "logs", "--level", "error")
    assert (quiet.code, quiet.out) == (0, "")
    assert "No such line in" in quiet.err


def test_licences_are_listed_for_people_and_programs(tmp_path: Path) -> None:
    listed = run_command(tmp_path, "licences")
    assert listed.out.splitlines()[1].split()[0] == "agentflow-desktop"
    parts = json.loads(run_command(tmp_path, "licences", "--json").out)
    assert {"component": "Inter (font)", "version": "", "expression": "OFL-1.1"} in parts
