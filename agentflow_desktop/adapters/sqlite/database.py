"""The program's SQLite file: one connection on one thread, checked and migrated when opened.

Write-ahead logging with ``synchronous=NORMAL``: what is committed survives ``kill -9``; a power
cut may lose the last moments, but never leaves the file damaged. A caller whose row must also
survive a power cut wraps it in ``durable``.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import peewee
from structlog import get_logger

from agentflow_desktop.adapters.sqlite.backups import check, newest_good_backup, take_backup
from agentflow_desktop.adapters.sqlite.failures import (
    DAMAGED_HINT,
    NO_BACKUP_HINT,
    is_damage,
    sqlite_cause,
    storage_error,
    translated,
    wait_for_turn,
)
from agentflow_desktop.adapters.sqlite.migrations import migrate
from agentflow_desktop.core.clock import Clock, SystemClock, from_iso_z, to_iso_z
from agentflow_desktop.core.errors import StorageError

T = TypeVar("T")

_log = get_logger(__name__)

_BUSY_TIMEOUT_S = 15
_ALWAYS_CHECKED_BYTES = 16 * 1024 * 1024
_UPKEEP_EVERY = timedelta(hours=24)


class Database:
    """A SQLite file and the one thread that talks to it.

    ``call`` for coroutines, ``call_blocking`` where there is no loop. Work that was handed over
    is always done, even if the one who waits for it is cancelled.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agentflow-database")
        self._is_open = False
        self.orm = peewee.SqliteDatabase(
            str(path),
            pragmas=(
                ("busy_timeout", _BUSY_TIMEOUT_S * 1000),
                ("foreign_keys", 1),
                ("journal_mode", "wal"),
                ("synchronous", "normal"),
            ),
            timeout=_BUSY_TIMEOUT_S,
        )

    def open(self) -> None:
        """Open, check and migrate the file, made if there is none. Opening twice is harmless.

        Raises StorageError for a damaged file (which stays where it is), one from a newer
        version, a folder that can't be written, a full disk.
        """
        self._thread.submit(self._open).result()

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` with the connection on the database's thread and give what it gives.

        Raises StorageError for what SQLite raises. The first call opens the file.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    def call_blocking(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As ``call``, for code without an event loop. Never from the database's thread."""
        return self.submit(work).result()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Hand over ``work``; it is done in order, whether or not anyone waits for it."""
        return self._thread.submit(self._do, work)

    def close(self) -> None:
        """Finish what was handed over and close the file. Closing twice is harmless."""
        try:
            closing = self._thread.submit(self.orm.close)
        except RuntimeError:  # closed before
            return
        self._thread.shutdown(wait=True)
        with translated(self.path):
            closing.result()

    async def check(self) -> str:
        """What SQLite's own check finds now; empty if the file is sound."""
        return await self.call(check)

    async def back_up(self, reason: str) -> Path:
        """Copy the file as it is committed now; gives the copy. ``reason``: see ``take_backup``."""
        return await self.call(
            lambda connection: take_backup(connection, self.path, reason, self._clock.now())
        )

    def byte_count(self) -> int:
        """Size of the file with its write-ahead log."""
        parts = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if not self._is_open:
            self._open()
        connection = self._raw()
        try:
            with translated(self.path):
                return work(connection)
        finally:
            if connection.in_transaction:
                connection.rollback()

    def _raw(self) -> sqlite3.Connection:
        return cast(sqlite3.Connection, cast(Any, self.orm).connection())

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            with translated(self.path):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = self._connect()
            with translated(self.path):
                self._refuse_damage(connection)
                applied = migrate(connection, self.path, self._clock.now())
                self._keep_up(connection)
        except BaseException:
            self.orm.close()
            raise
        self._is_open = True
        if applied:
            _log.info("database_migrated", path=str(self.path), migrations=list(applied))

    def _connect(self) -> sqlite3.Connection:
        try:
            wait_for_turn(lambda: self.orm.connect(reuse_if_open=True))
        except (peewee.DatabaseError, sqlite3.Error) as error:
            cause = sqlite_cause(error)
            if cause is None:
                raise
            if is_damage(cause):
                raise self._damaged(str(cause)) from error
            raise storage_error(cause, self.path) from error
        return self._raw()

    def _refuse_damage(self, connection: sqlite3.Connection) -> None:
        """A small file is checked at every start, a large one once a day."""
        try:
            if self.byte_count() > _ALWAYS_CHECKED_BYTES and not self._is_due(
                connection, "checked_at"
            ):
                return
            found = check(connection)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise self._damaged(str(error)) from error
        if found:
            raise self._damaged(found)

    def _damaged(self, found: str) -> StorageError:
        backup = newest_good_backup(self.path)
        which = (
            f" The newest good backup is of {backup.made_at:%Y-%m-%d %H:%M} UTC."
            if backup
            else " There is no good backup."
        )
        return StorageError(
            f"The database {self.path} is damaged.{which}",
            hint=DAMAGED_HINT if backup else NO_BACKUP_HINT,
            detail=found,
        )

    def _keep_up(self, connection: sqlite3.Connection) -> None:
        """Note the check and take the daily backup, just after the file was found sound."""
        if not self._is_due(connection, "backed_up_at"):
            return
        now = self._clock.now()
        if connection.execute("SELECT EXISTS (SELECT 1 FROM runs)").fetchone()[0]:
            take_backup(connection, self.path, "daily", now)
        connection.execute(
            "INSERT OR REPLACE INTO storage_facts VALUES ('checked_at', ?), ('backed_up_at', ?)",
            (to_iso_z(now), to_iso_z(now)),
        )

    def _is_due(self, connection: sqlite3.Connection, name: str) -> bool:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'storage_facts'"
        ).fetchone()
        row = (
            known
            and connection.execute(
                "SELECT value FROM storage_facts WHERE name = ?", (name,)
            ).fetchone()
        )
        return not row or self._clock.now() - from_iso_z(str(row[0])) >= _UPKEEP_EVERY


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """``BEGIN IMMEDIATE`` to ``COMMIT``; whatever is raised within rolls back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def durable(connection: sqlite3.Connection) -> Generator[None]:
    """Commits within are on the disk itself before they return. Not inside a transaction."""
    connection.execute("PRAGMA synchronous = FULL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = NORMAL")
