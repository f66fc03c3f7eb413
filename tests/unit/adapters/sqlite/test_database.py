"""The database file: opened, checked, backed up, migrated, and refused with a way out."""

import asyncio
import os
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.backups import (
    KEPT_OF_EACH_REASON,
    list_backups,
    newest_good_backup,
    restore_backup,
    set_aside,
    take_backup,
)
from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.adapters.sqlite.migrations import MIGRATIONS, migrate
from agentflow_desktop.core.errors import StorageError
from support.child_scripts import child_script
from support.set_clock import SetClock

ADD_RUN = (
    "INSERT INTO runs (run_id, kind, title, state, started_at, owner_boot, owner_pid,"
    " owner_started) VALUES ('run_1', 'ask', 'T', 'succeeded', '', '', 1, 1)"
)
COUNT_RUNS = "SELECT COUNT(*) FROM runs"


def make(path: Path, *, with_run: bool = True) -> None:
    database = Database(path)
    database.open()
    if with_run:
        database.call_blocking(lambda c: c.execute(ADD_RUN).rowcount)
    database.close()


def damage(path: Path) -> None:
    """Overwrite pages in the middle, as a failing disk does; the header stays."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def count_runs(path: Path) -> int:
    database = Database(path)
    try:
        return database.call_blocking(lambda c: int(c.execute(COUNT_RUNS).fetchone()[0]))
    finally:
        database.close()


async def test_work_runs_on_one_thread_that_is_not_the_loop_s(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    seen = [await database.call(lambda _: threading.get_ident()) for _ in range(3)]
    database.close()
    assert len(set(seen)) == 1
    assert seen[0] != threading.get_ident()


async def test_work_is_done_even_if_the_one_who_waits_is_cancelled(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    database.open()
    task = asyncio.create_task(database.call(lambda c: c.execute(ADD_RUN).rowcount))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.call(lambda c: c.execute(COUNT_RUNS).fetchone()) == (1,)
    database.close()


def test_the_file_is_in_wal_mode_with_foreign_keys_and_normal_syncing(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep" / "er" / "a.db")
    names = ("journal_mode", "foreign_keys", "synchronous")
    values = database.call_blocking(
        lambda c: [c.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    )
    database.close()
    assert values == ["wal", 1, 1]
    assert [p.name for p in (tmp_path / "deep" / "er").iterdir()] == ["a.db"]  # no log left


def test_failed_work_leaves_no_transaction_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(ADD_RUN)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.call_blocking(fail)
    assert database.call_blocking(lambda c: c.execute(COUNT_RUNS).fetchone()) == (0,)
    database.close()


def test_an_error_of_sqlite_becomes_a_storage_error(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    database.call_blocking(lambda c: c.execute(ADD_RUN).rowcount)
    with pytest.raises(StorageError) as refused:
        database.call_blocking(lambda c: c.execute(ADD_RUN).rowcount)
    database.close()
    assert isinstance(refused.value.__cause__, sqlite3.IntegrityError)


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"SQLite format 3\0junk" * 99])
def test_a_file_that_is_no_database_is_refused_and_left_where_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    database = Database(path)
    with pytest.raises(StorageError, match="is damaged") as refused:
        database.open()
    database.close()
    assert "start-fresh" in refused.value.hint
    assert "restore" not in refused.value.hint  # there is no backup to go back to
    assert path.read_bytes() == content


def test_a_damaged_database_names_its_newest_good_backup_and_can_be_restored(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    clock = SetClock()
    make(path)
    connection = sqlite3.connect(path)
    good = take_backup(connection, path, "daily", clock.now())
    clock.advance(timedelta(days=1))
    damage(take_backup(connection, path, "daily", clock.now()))
    connection.close()
    damage(path)
    damaged = path.read_bytes()

    database = Database(path)
    with pytest.raises(StorageError, match=r"is damaged. .* backup is of 2026-11-23 12:00 UTC"):
        database.open()
    database.close()
    backup, kept = restore_backup(path, clock.now())
    assert backup.path == good
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert count_runs(path) == 1


def test_starting_fresh_keeps_the_damaged_file_with_its_side_files(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path)
    path.with_name("a.db-wal").write_bytes(b"log")
    kept = set_aside(path, SetClock().now())
    assert kept is not None
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"log"
    assert count_runs(path) == 0
    assert set_aside(tmp_path / "none.db", SetClock().now()) is None


def test_without_any_backup_restoring_says_so_and_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"junk" * 2000)
    with pytest.raises(StorageError, match="no good backup"):
        restore_backup(path, SetClock().now())
    assert path.read_bytes() == b"junk" * 2000


def test_a_backup_is_taken_daily_and_only_the_newest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    clock = SetClock()
    make(path)
    for _ in range(KEPT_OF_EACH_REASON + 3):
        for _ in range(2):  # the second start of a day takes none
            clock.advance(timedelta(hours=12))
            database = Database(path, clock=clock)
            database.open()
            database.close()
    backups = list_backups(path)
    assert [b.reason for b in backups] == ["daily"] * KEPT_OF_EACH_REASON
    assert clock.now() - backups[0].made_at <= timedelta(hours=12)
    assert newest_good_backup(path) == backups[0]


def test_each_migration_of_a_database_in_use_is_preceded_by_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path)

    def m9001_note(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE notes (text TEXT)")

    def m9002_note(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO notes VALUES ('x')")

    connection = sqlite3.connect(path, isolation_level=None)
    known = [*MIGRATIONS, m9001_note, m9002_note]
    applied = migrate(connection, path, SetClock().now(), known)
    assert applied == ("m9001_note", "m9002_note")
    assert migrate(connection, path, SetClock().now(), known) == ()
    connection.close()
    reasons = {b.reason: b.path for b in list_backups(path)}
    assert set(reasons) == {"before-m9001_note", "before-m9002_note"}
    assert count_runs_in(reasons["before-m9001_note"]) == 1


def count_runs_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(COUNT_RUNS).fetchone()[0])
    finally:
        connection.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path)

    def m9001_half(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (text TEXT)")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, path, SetClock().now(), [*MIGRATIONS, m9001_half])
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "half" not in names


def test_a_database_of_a_newer_version_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    make(path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO migrations VALUES ('m9999_future', '')")
    connection.close()
    database = Database(path)
    with pytest.raises(StorageError, match="newer version") as refused:
        database.open()
    database.close()
    assert "Update AgentFlow" in refused.value.hint


def test_four_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    options = {"database": str(path)}
    with (
        child_script("ledger_process", "open", **options) as first,
        child_script("ledger_process", "open", **options) as second,
        child_script("ledger_process", "open", **options) as third,
        child_script("ledger_process", "open", **options) as fourth,
    ):
        starters = (first, second, third, fourth)
        assert [s.hear() for s in starters] == [{"ready": True}] * 4
        for starter in starters:
            starter.go_on()
        expected = {"migrations": sorted(m.__name__ for m in MIGRATIONS)}
        assert [s.hear() for s in starters] == [expected] * 4
        assert [s.end() for s in starters] == [0] * 4


def test_a_migration_that_another_process_applied_meanwhile_is_not_applied_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    slow = sqlite3.connect(path, isolation_level=None)
    fast = sqlite3.connect(path, isolation_level=None)
    first: list[tuple[str, ...]] = []

    def let_the_other_go_first(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE" and not first:
            first.append(migrate(fast, path, SetClock().now()))

    slow.set_trace_callback(let_the_other_go_first)
    applied = migrate(slow, path, SetClock().now())
    slow.close()
    fast.close()
    assert first == [tuple(m.__name__ for m in MIGRATIONS)]
    assert applied == ()


def test_migrations_are_numbered_in_order_and_none_was_edited_away() -> None:
    names = [m.__name__ for m in MIGRATIONS]
    assert names[:3] == ["m0001_ledger", "m0002_runs", "m0003_facts"]
    numbers = [int(name[1:5]) for name in names]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_folder_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database = Database(tmp_path / "file" / "a.db")
    with pytest.raises(StorageError, match="can't be used"):
        database.open()
    database.close()


def test_closing_finishes_what_was_handed_over_and_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = Database(path)
    futures = [
        database.submit(lambda c, n=n: c.execute(ADD_RUN.replace("run_1", f"run_{n}")).rowcount)
        for n in range(50)
    ]
    database.close()
    database.close()
    assert [f.result() for f in futures] == [1] * 50
    assert count_runs(path) == 50


def test_a_transaction_rolls_back_what_was_raised_in_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")

    def work(connection: sqlite3.Connection) -> int:
        with pytest.raises(sqlite3.IntegrityError), transaction(connection):
            connection.executemany(ADD_RUN, [(), ()])
        return int(connection.execute(COUNT_RUNS).fetchone()[0])

    assert database.call_blocking(work) == 0
    database.close()


def test_a_database_that_another_program_keeps_locked_may_be_tried_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    database.call_blocking(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchone())
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="stayed locked") as refused:
        database.call_blocking(lambda c: c.execute(ADD_RUN).rowcount)
    assert refused.value.retryable
    other.execute("ROLLBACK")
    other.close()
    assert database.call_blocking(lambda c: c.execute(ADD_RUN).rowcount) == 1
    database.close()


def test_an_error_of_a_query_through_peewee_becomes_a_storage_error_too(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    with pytest.raises(StorageError) as refused:
        database.call_blocking(lambda _: database.orm.execute_sql("SELECT * FROM nowhere"))
    database.close()
    assert "no such table" in refused.value.detail
