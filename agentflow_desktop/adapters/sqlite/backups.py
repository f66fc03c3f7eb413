"""Copies of the database, and the ways out when it is damaged. Nothing is ever deleted but
the oldest copies of ours.
"""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agentflow_desktop.adapters.sqlite.failures import NO_BACKUP_HINT, translated
from agentflow_desktop.core.errors import StorageError

KEPT_OF_EACH_REASON = 5
_STAMP = "%Y%m%dT%H%M%S%fZ"
_PARTS = ("-shm", "-wal", "")  # the log leaves before the file: a new file must not meet it


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy: why and when (UTC) it was made."""

    path: Path
    reason: str
    made_at: datetime


def backup_directory(database: Path) -> Path:
    return database.with_name(f"{database.name}-backups")


def take_backup(source: sqlite3.Connection, database: Path, reason: str, now: datetime) -> Path:
    """Copy the committed state through SQLite's backup API; keep the newest few per reason.

    ``reason`` is a word such as ``daily`` or ``before`` and may be followed by a migration's
    name after a dash. The copy appears under its name only when it is whole.
    """
    directory = backup_directory(database)
    target = directory / f"{now.astimezone(UTC).strftime(_STAMP)}-{reason}.db"
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    with translated(target):
        directory.mkdir(parents=True, exist_ok=True)
        try:
            copy = sqlite3.connect(unfinished)
            try:
                source.backup(copy)
            finally:
                copy.close()
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    _drop_oldest(database, reason.partition("-")[0])
    return target


def list_backups(database: Path) -> Sequence[Backup]:
    """Every copy, newest first."""
    found: list[Backup] = []
    directory = backup_directory(database)
    if not directory.is_dir():
        return found
    for path in directory.glob("*.db"):
        stamp, _, reason = path.stem.partition("-")
        try:
            made_at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # a file that the person put there
        found.append(Backup(path, reason, made_at))
    return sorted(found, key=lambda backup: backup.path.name, reverse=True)


def newest_good_backup(database: Path) -> Backup | None:
    """The newest copy that passes SQLite's own check."""
    return next((b for b in list_backups(database) if is_sound(b.path)), None)


def is_sound(path: Path) -> bool:
    """Whether the file is a database in which quick_check finds nothing."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return check(connection) == ""
        finally:
            connection.close()
    except sqlite3.Error:
        return False


def check(connection: sqlite3.Connection) -> str:
    """What quick_check finds first; empty if the database is sound."""
    first = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if first == "ok" else first


def restore_backup(database: Path, now: datetime) -> tuple[Backup, Path | None]:
    """Put the newest good backup in the database's place; gives it and where the old file went.

    The program must not run meanwhile. Raises StorageError if there is no good backup.
    """
    backup = newest_good_backup(database)
    if backup is None:
        raise StorageError(
            f"There is no good backup of {database}.",
            hint=NO_BACKUP_HINT,
        )
    with translated(database):
        restored = database.with_name(f"{database.name}.{os.getpid()}.part")
        shutil.copyfile(backup.path, restored)
        kept = set_aside(database, now)
        restored.replace(database)
    return backup, kept


def set_aside(database: Path, now: datetime) -> Path | None:
    """Rename the database with its side files, so that the next start makes an empty one.

    Gives the new name, None if there was no file. The program must not run meanwhile.
    """
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.damaged-{now.astimezone(UTC).strftime(_STAMP)}")
    with translated(database):
        for suffix in _PARTS:
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.rename(kept.with_name(kept.name + suffix))
    return kept


def _drop_oldest(database: Path, reason: str) -> None:
    same = [b for b in list_backups(database) if b.reason.partition("-")[0] == reason]
    for backup in same[KEPT_OF_EACH_REASON:]:
        backup.path.unlink(missing_ok=True)
