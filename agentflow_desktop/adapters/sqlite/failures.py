"""What SQLite and the file system raise, as sentences for a person."""

import errno
import secrets
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import peewee

from agentflow_desktop.core.errors import StorageError

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
T = TypeVar("T")

_OPENING_TRIES = 60
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

DAMAGED_HINT = (
    'Run "agentflow database restore" to go back to the newest good backup, or '
    '"agentflow database start-fresh" for an empty one; both keep the damaged file beside it.'
)

NO_BACKUP_HINT = (
    'Run "agentflow database start-fresh" to begin with an empty database; '
    "the damaged file is kept beside it."
)

_CANT_OPEN = (
    "The database {} can't be opened.",
    "Check that the folder exists and that you may write to it.",
)
_LOCKED = (
    "The database {} stayed locked by another program.",
    "Close other programs that use it, then try again.",
)
_SENTENCES = {
    sqlite3.SQLITE_CORRUPT: ("The database {} is damaged.", DAMAGED_HINT),
    sqlite3.SQLITE_NOTADB: ("The database {} is damaged.", DAMAGED_HINT),
    sqlite3.SQLITE_READONLY: (
        "The database {} can't be written: the file or its folder is read-only.",
        "Allow writing to the folder, or choose another data directory.",
    ),
    sqlite3.SQLITE_CANTOPEN: _CANT_OPEN,
    sqlite3.SQLITE_PERM: _CANT_OPEN,
    sqlite3.SQLITE_AUTH: _CANT_OPEN,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_IOERR: (
        "The disk did not read or write the database {}.",
        "Check that the disk has free space and is healthy, then try again.",
    ),
}


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error; 0 where Python raised it by itself."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def sqlite_cause(error: peewee.PeeweeException | sqlite3.Error) -> sqlite3.Error | None:
    """SQLite's own error, which peewee wraps in its like; None if peewee itself complains."""
    if isinstance(error, sqlite3.Error):
        return error
    original: object = getattr(error, "orig", None)
    return original if isinstance(original, sqlite3.Error) else None


def is_busy(error: sqlite3.Error) -> bool:
    return primary_code(error) in _BUSY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file's content is no sound database."""
    return primary_code(error) in _DAMAGED


def storage_error(error: sqlite3.Error | OSError, path: Path) -> StorageError:
    """The StorageError that says what happened to the file at ``path`` and what to do."""
    detail = f"{type(error).__name__}: {error} ({path})"
    if isinstance(error, OSError):
        return _from_os(error, path, detail)
    code = primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return _full(path, detail)
    message, hint = _SENTENCES.get(code, ("The database {} refused a command.", ""))
    return StorageError(message.format(path), hint=hint, detail=detail, retryable=code in _BUSY)


def _full(path: Path, detail: str) -> StorageError:
    return StorageError(
        f"The disk is full: {path} could not be written.",
        hint="Free some space, then try again. Nothing that was stored is lost.",
        detail=detail,
        retryable=True,
    )


def _from_os(error: OSError, path: Path, detail: str) -> StorageError:
    if error.errno in _FULL_ERRNOS:
        return _full(path, detail)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            f"{path} can't be written: the folder is read-only or belongs to someone else.",
            hint="Allow writing to the folder, or choose another data directory.",
            detail=detail,
        )
    return StorageError(
        f"{path} can't be used: {error.strerror or error}.",
        hint="Check the folder, or choose another data directory.",
        detail=detail,
    )


@contextmanager
def translated(path: Path) -> Generator[None]:
    """Errors of SQLite, peewee and the file system within become StorageError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise storage_error(error, path) from error
    except peewee.PeeweeException as error:
        cause = sqlite_cause(error)
        if cause is None:
            raise
        raise storage_error(cause, path) from error


def wait_for_turn(open_file: Callable[[], T]) -> T:
    """What ``open_file`` gives, tried again while another process has the file to itself.

    Turning write-ahead logging on needs that and, unlike other statements, does not wait.
    Raises what the last try raised.
    """
    for _ in range(_OPENING_TRIES):
        try:
            return open_file()
        except (peewee.DatabaseError, sqlite3.Error) as error:
            cause = sqlite_cause(error)
            if cause is None or not is_busy(cause):
                raise
        time.sleep((20 + secrets.randbelow(180)) / 1000)  # so that two starters part
    return open_file()
