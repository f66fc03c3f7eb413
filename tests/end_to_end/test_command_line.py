"""The command line as a person uses it: real processes, a real database, a server on loopback."""

import csv
import io
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.core.events import CostRecorded, RunStarted, RunSucceeded
from agentflow_desktop.workflows.ask.model import AskResult
from support.ask_home import TASK, AskHome
from support.command_line import command_of, environment_of, run_command, start_command
from support.openai_server import OpenAIServer, Received, Reply, Script, failure, from_sources

ROLES = ("--planner", "cheap", "--heavy", "dear")


@pytest.fixture
def person(tmp_path: Path) -> AskHome:
    """A person's home without any model."""
    return AskHome(tmp_path / "person")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(from_sources) as opened:
        yield opened


@pytest.fixture
def served(tmp_path: Path, server: OpenAIServer) -> AskHome:
    """A person's home with two models on the server."""
    return AskHome(tmp_path / "person", server.base_url)


def ask(person: AskHome, *more: str) -> list[str]:
    return ["run", "--task", TASK, "--directory", str(person.documents), *more]


def test_an_answer_goes_to_stdout_with_quotes_that_stand_in_the_files(person: AskHome) -> None:
    ended = run_command(person.root, *ask(person))
    assert ended.code == 0
    assert re.search(r'^\[1\] cell\.md:\d  "', ended.out, re.MULTILINE)
    assert "Standard charge current is 0.5C, maximum 140 A." in ended.out
    assert "Built-in engine: passages found, not reasoning" in ended.err
    assert "Route: small" in ended.err
    assert "Price: $0" in ended.err
    assert "\x1b" not in ended.out + ended.err


def test_what_a_file_says_can_not_drive_the_terminal(person: AskHome) -> None:
    person.sheet.write_text("The charge current \x1b[2J\x9b31m limit is \u202e5 A.", "utf-8")
    ended = run_command(person.root, *ask(person))
    assert "charge current" in ended.out
    assert not set(ended.out + ended.err) & {"\x1b", "\x9b", "\u202e"}


def test_what_a_server_says_can_not_drive_the_terminal(
    served: AskHome, server: OpenAIServer
) -> None:
    server.script = lambda _: failure(400, "bad \x1b[2J\x9b31m request")
    ended = run_command(served.root, "models", "test", "cheap")
    assert ended.code == 7
    assert "bad" in ended.out
    assert not set(ended.out + ended.err) & {"\x1b", "\x9b"}


def test_a_stdout_that_knows_no_such_letters_gets_them_escaped(person: AskHome) -> None:
    environ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    person.sheet.write_text("The charge current is 5 A at 25 °C.", encoding="utf-8")
    ended = run_command(person.root, *ask(person), environ=environ)
    assert ended.code == 0, ended.err
    assert "25 \\xb0C" in ended.out


def test_the_second_time_the_kept_result_is_used_until_a_byte_changes(person: AskHome) -> None:
    first = run_command(person.root, *ask(person))
    second = run_command(person.root, *ask(person))
    assert "Using cached result" in second.err
    assert second.out == first.out
    assert "Using cached result" not in run_command(person.root, *ask(person, "--no-cache")).err
    person.sheet.write_text(person.sheet.read_text().replace("140", "141"))
    third = run_command(person.root, *ask(person))
    assert "Using cached result" not in third.err
    assert "maximum 141 A" in third.out


def test_a_follow_up_takes_the_files_and_what_was_asked_before_from_a_run(
    served: AskHome, server: OpenAIServer
) -> None:
    first = run_command(served.root, *ask(served, *ROLES))
    assert first.code == 0, first.err
    run = re.findall(r"run_\w{26}", first.err)[-1]
    asked_before = len(server.requests)
    ended = run_command(served.root, "run", "--follow-up", run, "--task", "And the fuse?", *ROLES)
    assert ended.code == 0, ended.err
    assert f"asked before: {TASK}" in ended.err
    followed = server.requests[asked_before]
    assert [source.name for source in followed.blocks.sources] == ["cell.md"]
    assert TASK in followed.blocks.sections["earlier"]
    assert followed.blocks.sections["task"] == "And the fuse?"
    refused = run_command(served.root, "run", "--follow-up", "run_zz", "--task", "And?")
    assert (refused.code, "No run begins with" in refused.err) == (2, True)


def test_two_models_propose_and_verify_and_the_rejected_quote_is_shown(served: AskHome) -> None:
    ended = run_command(served.root, *ask(served, *ROLES))
    assert ended.code == 0, ended.err
    for words in ("planner: cheap", "heavy: dear", "1 rejected", "verdict: revise", "refine:"):
        assert words in ended.err
    assert "cell.md:" in ended.out


def test_json_is_the_event_stream_and_nothing_else(served: AskHome) -> None:
    ended = run_command(served.root, *ask(served, *ROLES, "--json"))
    codec = event_codec()
    events = [codec.decode(line) for line in ended.out.splitlines()]
    assert isinstance(events[0], RunStarted)
    last = events[-1]
    assert isinstance(last, RunSucceeded)
    assert isinstance(last.result, AskResult)
    spent = sum((e.cost_usd for e in events if isinstance(e, CostRecorded)), Decimal(0))
    assert last.cost_usd == spent > 0
    shown = run_command(served.root, "history", "show", last.run_id, "--json")
    stored = [codec.decode(line) for line in shown.out.splitlines()]
    assert [e for e in events if type(e).__name__ not in ("TextDelta", "StepProgress")] == stored


def test_costs_agree_to_the_last_digit_with_every_attempt(served: AskHome) -> None:
    ended = run_command(served.root, *ask(served, *ROLES, "--json"))
    attempts = [json.loads(line) for line in ended.out.splitlines()]
    prices = [Decimal(e["cost_usd"]) for e in attempts if e["type"] == "cost_recorded"]
    for by in ("day", "week", "month", "model", "kind", "run"):
        text = run_command(served.root, "costs", "--by", by, "--csv", "-").out
        rows = list(csv.DictReader(io.StringIO(text)))
        assert sum(Decimal(row["spent_usd"]) for row in rows) == sum(prices)
        assert sum(int(row["calls"]) for row in rows) == len(prices)
    spending = json.loads(run_command(served.root, "costs", "--json").out)["spending"]
    assert Decimal(spending["total"]["spent_usd"]) == sum(prices)
    assert f"${sum(prices, Decimal(0)).normalize():f}" in run_command(served.root, "costs").out


def test_a_dry_run_tells_route_price_and_files_and_spends_nothing(
    served: AskHome, server: OpenAIServer
) -> None:
    ended = run_command(served.root, *ask(served, *ROLES, "--dry-run"))
    assert ended.code == 0
    for words in ("Route: small", "Price: about $", "at most $", "cell.md", "cheap", "dear"):
        assert words in ended.out
    plan = json.loads(run_command(served.root, *ask(served, *ROLES, "--dry-run", "--json")).out)
    assert plan["route"]["tier"] == "small"
    assert not server.requests
    spending = json.loads(run_command(served.root, "costs", "--json").out)["spending"]
    assert spending["total"]["calls"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nonsense"], 2, "There is no command nonsense."),
        (["histroy"], 2, "Did you mean history?"),
        (["run"], 2, "--task"),
        (["run", "--task", " "], 2, "The task is empty."),
        (["run", "--task", "x", "--file", "absent.txt"], 2, "absent.txt"),
        (["run", "--task", "x", "--output", "answer.doc"], 2, ".md for Markdown, .html"),
        (["run", "--task", "x", "--output", "no/such/answer.md"], 2, "There is no folder"),
        (["--set", "logging.level=loud", "status"], 3, "must be one of debug, info"),
        (["--set", "logging.level", "status"], 2, "--set needs KEY=VALUE"),
        (["--config", "absent.yaml", "status"], 3, "There is no file absent.yaml"),
        (["run", "--task", "x", "--planner", "nobody"], 3, "models.planner names 'nobody'"),
        (["models", "test"], 2, "Try: agentflow models test --help"),
        (["models", "test", "nobody"], 2, "There is no model named 'nobody'"),
        (["models", "set-key", "nobody"], 2, "No model needs a key nobody."),
        (["models", "remove-key", "openai"], 2, "No key openai is kept."),
        (["history", "show", "run_0"], 2, "run_0"),
        (["cache", "invalidate", ""], 2, "Error: "),
        (["costs", "--json", "--csv", "-"], 2, "exclude each other"),
        (["costs", "--from", "yesterday"], 2, "'yesterday' is no day"),
        (["costs", "--from", "2026-11-02", "--to", "2026-11-01"], 2, "ends before"),
        (["costs", "--csv", "no/such/costs.csv"], 2, "There is no folder"),
        (["cache", "uses", "--json", "--csv", "-"], 2, "exclude each other"),
        (["database", "restore"], 2, "--yes"),
    ],
)
def test_what_can_not_be_done_is_said_on_stderr_with_its_exit_code(
    person: AskHome, arguments: list[str], code: int, words: str
) -> None:
    ended = run_command(person.root, *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_a_spent_budget_ends_with_code_4_and_names_the_limit(served: AskHome) -> None:
    limit = ("--set", "production.cost_tracking.per_task_limit=0.000001")
    ended = run_command(served.root, *limit, *ask(served, *ROLES))
    assert ended.code == 4
    assert "Error: " in ended.err


@pytest.mark.parametrize(
    "script", [lambda _: failure(401, "bad key"), lambda _: failure(400, "no such model")]
)
def test_a_refusing_server_ends_with_code_5(
    script: Script, served: AskHome, server: OpenAIServer
) -> None:
    server.script = script
    assert run_command(served.root, *ask(served, *ROLES)).code == 5


def test_a_damaged_database_ends_with_code_6_and_the_way_out_works(person: AskHome) -> None:
    assert run_command(person.root, *ask(person)).code == 0
    database = person.root / "data" / "agentflow.db"
    damaged = b"not a database" * 1_000
    for path in database.parent.glob("agentflow.db-*"):
        if path.is_file():
            path.unlink()
    database.write_bytes(damaged)
    ended = run_command(person.root, "status")
    assert ended.code == 6
    assert "agentflow database start-fresh" in ended.err
    fresh = run_command(person.root, "database", "start-fresh", "--yes")
    assert fresh.code == 0, fresh.err
    kept = next(database.parent.glob("agentflow.db.damaged-*"))
    assert kept.read_bytes() == damaged
    assert run_command(person.root, "status").code == 0


def test_health_ends_with_code_7_when_a_model_in_use_does_not_answer(
    served: AskHome, server: OpenAIServer
) -> None:
    assert run_command(served.root, "health").code == 0
    roles = ("--set", "models.planner=cheap")
    assert run_command(served.root, *roles, "health").code == 0
    server.health_status = 503
    ended = run_command(served.root, *roles, "health")
    assert ended.code == 7
    assert "FAILED" in ended.out
    checks = json.loads(run_command(served.root, *roles, "health", "--json").out)
    assert [c["is_usable"] for c in checks if c["subject"] == "model cheap"] == [False]
    assert run_command(served.root, "models", "test", "cheap").code == 7


def test_a_probe_shows_what_it_found_and_writes_it_only_when_told(
    served: AskHome, server: OpenAIServer
) -> None:
    server.script = lambda _: Reply("Red and seven.")
    server.max_model_len = 4_000
    server.models = ("planner-model",)
    own = served.root / "config" / "models.yaml"
    before = own.read_text("utf-8")
    ended = run_command(served.root, "models", "test", "cheap")
    assert ended.code == 0
    assert "cheap answers, in " in ended.out
    assert "a JSON Schema is ignored" in ended.out
    assert "context length 4,000 by /models; models.yaml says 32,000" in ended.out
    assert "window_tokens: 32000 should be 4000" in ended.out
    assert "This costs at most $" in ended.err
    assert "--write writes this" in ended.err
    assert own.read_text("utf-8") == before

    found = json.loads(run_command(served.root, "models", "test", "cheap", "--json").out)
    assert (found["schema"], found["told_window"]["tokens"]) == ("ignored", 4_000)
    ended = run_command(served.root, "models", "test", "cheap", "--write")
    assert ended.code == 0
    assert "window_tokens: 4000\n" in own.read_text("utf-8")
    assert own.with_name("models.yaml.before").read_text("utf-8") == before
    assert "models.yaml.before" in ended.err
    ended = run_command(served.root, "models", "test", "cheap", "--measure-window")
    assert ended.code == 2
    assert "costs money" in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_cancels_the_run_settles_the_ledger_and_ends_with_130(
    served: AskHome, server: OpenAIServer, number: signal.Signals
) -> None:
    asked = threading.Event()

    def stall(_: Received) -> Reply:
        asked.set()
        return Reply("A long answer that never ends. " * 40, stall_after=3)

    server.script = stall
    running = start_command(served.root, *ask(served, *ROLES, "--json"))
    assert running.stdout is not None
    events: list[dict[str, Any]] = []
    for line in running.stdout:
        events.append(json.loads(line))
        if events[-1]["type"] == "step_started" and events[-1]["model"]:
            break
    assert asked.wait(timeout=60)
    running.send_signal(number)
    rest, err = running.communicate(timeout=60)
    events += [json.loads(line) for line in rest.splitlines()]
    assert running.returncode == 130, err
    assert events[-1]["type"] == "run_cancelled"
    assert "Traceback" not in err
    with sqlite3.connect(served.root / "data" / "agentflow.db") as database:
        states = [row[0] for row in database.execute("SELECT state FROM attempts")]
    database.close()
    assert states
    assert "held" not in states


def test_a_reader_that_goes_away_is_no_error_message(person: AskHome) -> None:
    running = start_command(person.root, *ask(person, "--json"))
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr is not None
    err = running.stderr.read()
    assert running.wait(timeout=60) in (0, 141)
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    running.stderr.close()


def test_output_writes_markdown_or_json_and_says_when_it_replaces(
    person: AskHome, tmp_path: Path
) -> None:
    markdown, data = tmp_path / "answer.md", tmp_path / "answer.json"
    first = run_command(person.root, *ask(person, "--output", str(markdown)))
    assert f"Wrote {markdown}" in first.err
    assert "Standard charge current is 0.5C, maximum 140 A." in markdown.read_text("utf-8")
    second = run_command(person.root, *ask(person, "--output", str(markdown)))
    assert f"Replaced {markdown}" in second.err
    run_command(person.root, *ask(person, "--output", str(data)))
    assert json.loads(data.read_text("utf-8"))["task"] == TASK
    runs = json.loads(run_command(person.root, "history", "list", "--json").out)
    assert len(runs) == 3
    data.unlink()
    exported = run_command(
        person.root, "history", "export", runs[-1]["run_id"], "--output", str(data)
    )
    assert exported.out == f"Wrote {data}\n"
    assert json.loads(data.read_text("utf-8"))["cached_from"] is None


def test_kept_results_can_be_listed_and_removed(person: AskHome) -> None:
    run_command(person.root, *ask(person))
    run_command(person.root, *ask(person))
    (line,) = json.loads(run_command(person.root, "cache", "list", "--json").out)
    assert line["title"] == TASK
    assert line["key"][:12] in run_command(person.root, "cache", "list").out
    stats = json.loads(run_command(person.root, "cache", "stats", "--json").out)
    assert (stats["entries"], stats["hits"]) == (1, 1)
    (use,) = json.loads(run_command(person.root, "cache", "uses", "--json").out)
    assert (use["hits"], use["misses"], use["stale"]) == (1, 1, 0)
    table = person.root / "uses.csv"
    written = run_command(person.root, "cache", "uses", "--by", "month", "--csv", str(table))
    assert written.out == f"Wrote {table}\n"
    (row,) = csv.DictReader(io.StringIO(table.read_text("utf-8")))
    assert (row["month"][-2:], row["hits"], row["misses"]) == ("01", "1", "1")
    assert run_command(person.root, "cache", "clear-old").out == "Removed 0 results.\n"
    assert run_command(person.root, "cache", "invalidate", line["key"]).out == "Removed 1 result.\n"
    assert run_command(person.root, "cache", "clear").out == "Removed 0 results.\n"


def test_settings_show_their_place_and_a_broken_file_does_not_hide_the_paths(
    person: AskHome,
) -> None:
    settings = person.root / "config" / "settings.yaml"
    settings.write_text("logging:\n  keep_days: 3\n", encoding="utf-8")
    shown = run_command(person.root, "config", "show", "--changed", "--json")
    (line,) = json.loads(shown.out)
    assert (line["key"], line["value"], line["place"]) == (
        "logging.keep_days",
        "3",
        "settings.yaml line 2",
    )
    assert run_command(person.root, "config", "check").code == 0
    settings.write_text("logging:\n  keep_days: none\n", encoding="utf-8")
    checked = run_command(person.root, "config", "check")
    assert checked.code == 3
    assert "settings.yaml line 2: logging.keep_days must be a whole number" in checked.err
    paths = run_command(person.root, "config", "path")
    assert paths.code == 0
    assert str(settings) in paths.out
    assert "keep_days must be" in paths.err


def test_results_and_logs_lie_where_config_path_says(person: AskHome, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    elsewhere = ("--set", f"production.caching.directory={chosen}")
    for options, cache in ((), person.root / "cache"), (elsewhere, chosen):
        run_command(person.root, *options, *ask(person))
        shown = run_command(person.root, *options, "config", "path").out
        places = dict(line.split()[:2] for line in shown.splitlines()[1:])
        assert Path(places["cache"]) == cache
        assert [path.suffix for path in cache.glob("*.db")] == [".db"]
        assert list(Path(places["logs"]).glob("agentflow_*.log"))


def test_a_key_without_a_keyring_is_refused_with_the_variable_to_set(person: AskHome) -> None:
    ended = run_command(person.root, "models", "set-key", "openai", stdin="sk-test-0123456789\n")
    assert ended.code == 2
    assert "OPENAI_API_KEY" in ended.err
    assert "sk-test" not in ended.out + ended.err


def test_the_variable_that_is_named_for_a_key_is_the_one_that_is_read(person: AskHome) -> None:
    (person.root / "config" / "models.yaml").write_text(
        "models:\n  mine:\n    provider: openai_compatible\n    model: m\n"
        "    base_url: http://127.0.0.1:9/v1\n    key_name: my-key\n",
        encoding="utf-8",
    )
    ended = run_command(person.root, "models", "set-key", "my-key", stdin="sk-test-0123456789\n")
    named = re.search(r"environment variable (\S+) instead", ended.err)
    assert named is not None
    environ = {named[1]: "sk-test-0123456789"}
    shown = run_command(person.root, "models", "list", "--json", environ=environ).out
    assert [m["key_state"] for m in json.loads(shown) if m["name"] == "mine"] == [
        f"set ({named[1]})"
    ]


def test_debug_ends_with_where_the_time_went(person: AskHome) -> None:
    ended = run_command(person.root, "--debug", "status")
    assert ended.code == 0
    assert "Timing: " in ended.err
    for words in ("ms  import the program", "ms  open the application", "Imports, by package"):
        assert words in ended.err


def test_the_log_names_the_run_in_every_line_of_it_and_holds_no_text_of_the_person(
    served: AskHome,
) -> None:
    ended = run_command(served.root, "--debug", *ask(served, *ROLES))
    assert ended.code == 0, ended.err
    (path,) = (served.root / "logs").glob("agentflow_*.log")
    assert re.fullmatch(r"agentflow_\d{8}\.log", path.name)
    text = path.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    of_run = [line for line in lines if line["logger"] == "app.runs"]
    assert {line["event"] for line in of_run} == {"run_event", "run_ended"}
    (run_id,) = {line["run_id"] for line in of_run}
    assert run_id in ended.err
    for private in (TASK, "maximum 140 A"):
        assert private not in text


def test_a_terminal_sees_colours_and_the_text_as_it_comes(served: AskHome) -> None:
    parent, child = pty.openpty()
    running = subprocess.Popen(
        command_of(*ask(served, *ROLES)),
        stdin=subprocess.DEVNULL,
        stdout=child,
        stderr=child,
        env=environment_of(served.root, {"TERM": "xterm-256color"}),
    )
    os.close(child)
    seen = _read_all(parent)
    assert running.wait(timeout=60) == 0
    assert "\x1b[" in seen
    assert seen.count("Standard charge current is 0.5C, maximum 140 A.") >= 3


def _read_all(descriptor: int) -> str:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(descriptor, 65_536)
        except OSError:  # Linux's way to say that the other end is closed
            part = b""
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode("utf-8", "replace")


def test_help_loads_neither_qt_nor_pydantic_nor_typer_nor_a_model_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "agentflow_desktop", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "agentflow_desktop" in loaded
    assert not loaded & {"PySide6", "openai", "pydantic", "typer", "rich", "asyncio", "yaml"}
    for name in ("run", "health", "costs", "130", "--debug"):
        assert name in done.stdout


@pytest.mark.parametrize(
    "name", ["run", "health", "status", "costs", "cache", "history", "config", "database", "models"]
)
def test_every_command_has_help(person: AskHome, name: str) -> None:
    ended = run_command(person.root, name, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: agentflow {name}")
    assert not (person.root / "data").exists()
