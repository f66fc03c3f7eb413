"""What ``m0006_history_search`` does: searchable text, facts, marks and deletion of runs.

``run_search`` has each run's title, task and answer with their case folded, under the run's
number: a full-text index (FTS5) where this SQLite has that, else a plain table of the same
columns. ``run_facts`` has the values that lists are narrowed by. Runs that are there already are
read from their events as they were stored then, not through the program's own types, which may
change after this migration.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, cast

_COLUMNS = (
    "ALTER TABLE runs ADD COLUMN number INTEGER",
    "ALTER TABLE runs ADD COLUMN is_useful INTEGER CHECK (is_useful IN (0, 1))",
    "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE runs ADD COLUMN deleted_at TEXT",
)
_TABLES = (
    "CREATE UNIQUE INDEX runs_by_number ON runs (number)",
    "CREATE INDEX runs_shown ON runs (number) WHERE deleted_at IS NULL",
    "CREATE INDEX runs_by_state ON runs (state, number) WHERE deleted_at IS NULL",
    "CREATE INDEX runs_by_kind ON runs (kind, number) WHERE deleted_at IS NULL",
    "CREATE INDEX runs_by_mark ON runs (is_useful, number) WHERE deleted_at IS NULL",
    "CREATE INDEX runs_by_start ON runs (started_at, number) WHERE deleted_at IS NULL",
    "CREATE INDEX runs_deleted ON runs (deleted_at, number) WHERE deleted_at IS NOT NULL",
    """
    CREATE TABLE run_facts (
        number INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        name TEXT NOT NULL CHECK (name IN ('task_kind', 'model', 'badge')),
        value TEXT NOT NULL,
        PRIMARY KEY (number, name, value)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX run_facts_by_value ON run_facts (name, value, number)",
)
_FULL_TEXT = (
    "CREATE VIRTUAL TABLE run_search USING fts5 (title, task, answer,"
    " tokenize = 'unicode61 remove_diacritics 2')"
)
_PLAIN_TEXT = (
    "CREATE TABLE run_search (number INTEGER PRIMARY KEY, title TEXT, task TEXT, answer TEXT)"
)
_TASK_KINDS = (
    "INSERT OR IGNORE INTO run_facts SELECT number, 'task_kind', task_kind"
    " FROM runs JOIN attempts USING (run_id) WHERE task_kind <> ''"
)
_FACT = "INSERT OR IGNORE INTO run_facts VALUES (?, ?, ?)"
_BUMP = "UPDATE storage_facts SET value = value + 1 WHERE name = 'history_revision'"
# Triggers, so that every process and every statement counts, and the count is in its transaction.
_REVISION = (
    "INSERT INTO storage_facts VALUES ('history_revision', '1')",
    f"CREATE TRIGGER runs_added AFTER INSERT ON runs BEGIN {_BUMP}; END",
    f"CREATE TRIGGER runs_changed AFTER UPDATE ON runs BEGIN {_BUMP}; END",
    f"CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN {_BUMP}; END",
    f"CREATE TRIGGER run_facts_added AFTER INSERT ON run_facts BEGIN {_BUMP}; END",
)


def add_history_search(connection: sqlite3.Connection) -> None:
    """Number the runs, make the tables, and fill them from the events of the runs there are."""
    for statement in _COLUMNS:
        connection.execute(statement)
    ids = connection.execute("SELECT run_id FROM runs ORDER BY run_id").fetchall()
    connection.executemany(
        "UPDATE runs SET number = ? WHERE run_id = ?",
        [(number, run_id) for number, (run_id,) in enumerate(ids, start=1)],
    )
    for statement in _TABLES:
        connection.execute(statement)
    try:
        connection.execute(_FULL_TEXT)
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise
        connection.execute(_PLAIN_TEXT)
    connection.execute(_TASK_KINDS)
    for (run_id,) in ids:
        _read_run(connection, run_id)
    connection.execute("ALTER TABLE runs DROP COLUMN title_folded")  # it is in run_search now
    for statement in _REVISION:
        connection.execute(statement)


def _read_run(connection: sqlite3.Connection, run_id: str) -> None:
    number, title = connection.execute(
        "SELECT number, title FROM runs WHERE run_id = ?", (run_id,)
    ).fetchone()
    texts = {"task": "", "answer": ""}
    facts: dict[tuple[str, str], None] = {}
    bodies = connection.execute(
        "SELECT body FROM run_events WHERE run_id = ? ORDER BY sequence", (run_id,)
    )
    for (body,) in bodies:
        for name, text in _told_by(json.loads(body)):
            if name in texts:
                texts[name] = text
            elif text:
                facts[name, text] = None
    connection.execute(
        "INSERT INTO run_search (rowid, title, task, answer) VALUES (?, ?, ?, ?)",
        (number, title.casefold(), texts["task"].casefold(), texts["answer"].casefold()),
    )
    connection.executemany(_FACT, [(number, name, value) for name, value in facts])


def _told_by(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What an event of version 0.3 tells: pairs of a fact's name, or task or answer, and text."""
    match event.get("type"), event.get("kind"):
        case "step_started", _:
            yield "model", str(event.get("model", ""))
        case "cost_recorded", _:
            yield "model", str(event.get("served_model", ""))
        case "step_output", "ask.request":
            request = _part(event, "body")
            yield "task", str(request.get("task", ""))
            yield "task_kind", str(request.get("task_kind", ""))
        case "step_output", "ask.draft":
            yield "answer", _answer_text(_part(_part(event, "body"), "answer"))
        case "run_succeeded", "ask":
            result = _part(event, "result")
            yield "task", str(result.get("task", ""))
            yield "answer", _answer_text(_part(result, "answer"))
            for badge in result.get("badges", ()):
                yield "badge", str(badge)
        case _:
            return


def _answer_text(answer: dict[str, Any]) -> str:
    """Title, claims and quotes, in reading order."""
    parts = [answer.get("title", "")]
    for claim in answer.get("claims", ()):
        parts.append(claim.get("text", ""))
        parts += [evidence.get("quote", "") for evidence in claim.get("evidence", ())]
    return "\n\n".join(str(part) for part in parts)


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    part = whole.get(name)
    return cast(dict[str, Any], part) if isinstance(part, dict) else {}
