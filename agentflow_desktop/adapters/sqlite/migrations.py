"""Named migrations of the database, applied in order, each in its own transaction.

Append only: a migration that was released is never edited, renamed or moved. A new one is a
function at the end with the next number. One statement per ``execute``: ``executescript``
would commit the transaction that makes a migration whole or nothing.
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from agentflow_desktop.adapters.sqlite.backups import take_backup
from agentflow_desktop.adapters.sqlite.history_migration import add_history_search
from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.errors import StorageError

Migration = Callable[[sqlite3.Connection], None]

MIGRATIONS: list[Migration] = []


def migration(function: Migration) -> Migration:
    """Put the function at the end of the list, under its own name."""
    MIGRATIONS.append(function)
    return function


def migrate(
    connection: sqlite3.Connection,
    database: Path,
    now: datetime,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> tuple[str, ...]:
    """Apply what is missing; gives the names applied by this call.

    Safe when several processes start at once: the list of applied names is read again under
    the write lock. Raises StorageError if the database knows migrations that we don't.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) WITHOUT ROWID"
    )
    names = [m.__name__ for m in migrations]
    _refuse_newer(connection, database, names)
    back_up = bool(_applied(connection))
    applied: list[str] = []
    for name, apply in zip(names, migrations, strict=True):
        if name in _applied(connection):
            continue
        if _apply(connection, database, now, name, apply, back_up=back_up):
            applied.append(name)
    return tuple(applied)


def _apply(
    connection: sqlite3.Connection,
    database: Path,
    now: datetime,
    name: str,
    apply: Migration,
    *,
    back_up: bool,
) -> bool:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if name in _applied(connection):  # another process was faster
            connection.execute("ROLLBACK")
            return False
        if back_up:
            _back_up_first(database, now, name)
        apply(connection)
        connection.execute("INSERT INTO migrations VALUES (?, ?)", (name, to_iso_z(now)))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return True


def _back_up_first(database: Path, now: datetime, name: str) -> None:
    # A second connection sees the committed state; our write lock keeps it still meanwhile.
    reader = sqlite3.connect(database)
    try:
        take_backup(reader, database, f"before-{name}", now)
    finally:
        reader.close()


def _applied(connection: sqlite3.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT name FROM migrations")}


def _refuse_newer(connection: sqlite3.Connection, database: Path, names: Sequence[str]) -> None:
    unknown = sorted(_applied(connection) - set(names))
    if unknown:
        raise StorageError(
            f"The database {database} was written by a newer version of AgentFlow.",
            hint="Update AgentFlow, or choose another data directory.",
            detail=f"unknown migrations: {', '.join(unknown)}",
        )


@migration
def m0001_ledger(connection: sqlite3.Connection) -> None:
    """Attempts at paid calls, and running sums over a run, a day and a month.

    Amounts are integer nano-dollars. ``charged_nusd`` is what the attempt counts: its hold
    while held or unknown, its cost once settled.
    """
    connection.execute(
        """
        CREATE TABLE attempts (
            attempt_id TEXT PRIMARY KEY,
            run_id TEXT NOT NULL,
            job_kind TEXT NOT NULL,
            task_kind TEXT NOT NULL,
            model TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'unknown')),
            held_nusd INTEGER NOT NULL CHECK (held_nusd >= 0),
            charged_nusd INTEGER NOT NULL CHECK (charged_nusd >= 0),
            max_tokens INTEGER NOT NULL CHECK (max_tokens >= 0),
            day TEXT NOT NULL,
            reserved_at TEXT NOT NULL,
            settled_at TEXT,
            served_model TEXT NOT NULL DEFAULT '',
            input_tokens INTEGER NOT NULL DEFAULT 0,
            cached_input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0,
            thinking_tokens INTEGER NOT NULL DEFAULT 0,
            is_estimated INTEGER NOT NULL DEFAULT 0,
            is_over_hold INTEGER NOT NULL DEFAULT 0,
            outcome TEXT NOT NULL DEFAULT '',
            owner_boot TEXT NOT NULL,
            owner_pid INTEGER NOT NULL,
            owner_started INTEGER NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX attempts_of_run ON attempts (run_id)")
    connection.execute("CREATE INDEX attempts_held ON attempts (owner_pid) WHERE state = 'held'")
    connection.execute(
        """
        CREATE TABLE budget_totals (
            scope TEXT PRIMARY KEY,
            calls INTEGER NOT NULL DEFAULT 0,
            spent_nusd INTEGER NOT NULL DEFAULT 0,
            reserved_nusd INTEGER NOT NULL DEFAULT 0,
            spent_tokens INTEGER NOT NULL DEFAULT 0,
            reserved_tokens INTEGER NOT NULL DEFAULT 0,
            input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID
        """
    )


@migration
def m0002_runs(connection: sqlite3.Connection) -> None:
    """History: runs and the events emitted in them, in order."""
    connection.execute(
        """
        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            title_folded TEXT NOT NULL,
            state TEXT NOT NULL,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            cost_nusd INTEGER,
            owner_boot TEXT NOT NULL,
            owner_pid INTEGER NOT NULL,
            owner_started INTEGER NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX runs_running ON runs (run_id) WHERE state = 'running'")
    connection.execute(
        """
        CREATE TABLE run_events (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            sequence INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (run_id, sequence)
        )
        """
    )


@migration
def m0003_facts(connection: sqlite3.Connection) -> None:
    """Small facts that the storage keeps about itself, such as when it was last checked."""
    connection.execute(
        "CREATE TABLE storage_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
    )


@migration
def m0004_file_index(connection: sqlite3.Connection) -> None:
    """Files that were looked at before, by path and stamp, and sizes of their texts in tokens.

    ``path`` is the file system's own bytes: a name need not be text.
    """
    connection.execute(
        """
        CREATE TABLE file_index (
            path BLOB PRIMARY KEY,
            byte_count INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL,
            inode TEXT NOT NULL,
            reader_version TEXT NOT NULL,
            digest TEXT NOT NULL,
            reason TEXT NOT NULL
        ) WITHOUT ROWID
        """
    )
    connection.execute(
        """
        CREATE TABLE text_sizes (
            digest TEXT NOT NULL,
            reader_version TEXT NOT NULL,
            raw_tokens INTEGER NOT NULL,
            PRIMARY KEY (digest, reader_version)
        ) WITHOUT ROWID
        """
    )


@migration
def m0005_calibration(connection: sqlite3.Connection) -> None:
    """Per model: sums of estimated and of real input tokens, the older ones faded."""
    connection.execute(
        "CREATE TABLE calibration (model TEXT PRIMARY KEY, raw REAL NOT NULL, real REAL NOT NULL)"
        " WITHOUT ROWID"
    )


@migration
def m0006_history_search(connection: sqlite3.Connection) -> None:
    """History to search, narrow, mark and delete from, the runs that are there included."""
    add_history_search(connection)


@migration
def m0007_model_days(connection: sqlite3.Connection) -> None:
    """Running sums by day, asked model, served model and kind of task, for charts over a year.

    An attempt that waits or was given up counts under no served model.
    """
    connection.execute(
        """
        CREATE TABLE model_days (
            day TEXT NOT NULL,
            model TEXT NOT NULL,
            served_model TEXT NOT NULL,
            task_kind TEXT NOT NULL,
            calls INTEGER NOT NULL,
            paid_calls INTEGER NOT NULL,
            unknown_calls INTEGER NOT NULL,
            estimated_calls INTEGER NOT NULL,
            spent_nusd INTEGER NOT NULL,
            reserved_nusd INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL,
            cached_input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            thinking_tokens INTEGER NOT NULL,
            PRIMARY KEY (day, model, served_model, task_kind)
        ) WITHOUT ROWID
        """
    )
    connection.execute(
        """
        INSERT INTO model_days
        SELECT day, model, served_model, task_kind, SUM(state <> 'held'),
            SUM(state <> 'held' AND charged_nusd > 0), SUM(state = 'unknown'),
            SUM(state <> 'held' AND is_estimated), SUM(IIF(state = 'held', 0, charged_nusd)),
            SUM(IIF(state = 'held', held_nusd, 0)), SUM(input_tokens), SUM(cached_input_tokens),
            SUM(output_tokens), SUM(thinking_tokens)
        FROM attempts GROUP BY day, model, served_model, task_kind
        """
    )
    connection.execute("CREATE INDEX attempts_of_day ON attempts (day, run_id)")


@migration
def m0008_drafts(connection: sqlite3.Connection) -> None:
    """Open tasks of the window, so that nothing typed is lost with the process."""
    connection.execute(
        "CREATE TABLE drafts (draft_id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID"
    )
