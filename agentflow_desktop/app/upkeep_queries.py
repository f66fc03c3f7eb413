"""The door for looking after the program: its folders, backups, log, prompts and licences."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from typing import Protocol

from agentflow_desktop.core.licences import Licence
from agentflow_desktop.core.log_lines import LogLevel, LogTail
from agentflow_desktop.llm.prompts import PromptText


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of ours. ``byte_count`` counts the files in it, 0 if it is not there."""

    name: str
    path: Path
    is_there: bool
    byte_count: int


@dataclass(frozen=True, slots=True)
class BackupLine:
    """A copy of the database: why and when it was made."""

    path: Path
    reason: str
    made_at: datetime
    byte_count: int


class StoredDatabase(Protocol):
    """What the database can do for its own safety."""

    async def check(self) -> str: ...
    async def back_up(self, reason: str) -> Path: ...


class KeptCopy(Protocol):
    @property
    def path(self) -> Path: ...
    @property
    def reason(self) -> str: ...
    @property
    def made_at(self) -> datetime: ...


class LogTailReader(Protocol):
    """Reads the end of the log. May block."""

    def __call__(self, *, most: int, least: LogLevel, run_id: str) -> LogTail: ...


class UpkeepQueries:
    """Reads, and makes copies; deletes nothing but the oldest copies of ours."""

    def __init__(
        self,
        *,
        database: StoredDatabase,
        list_backups: Callable[[], Sequence[KeptCopy]],
        read_log: LogTailReader,
        list_prompts: Callable[[], Sequence[PromptText]],
        list_licences: Callable[[], Sequence[Licence]],
        places: Sequence[tuple[str, Path]],
        prompts_file: Path,
    ) -> None:
        self._database = database
        self._list_backups = list_backups
        self._read_log = read_log
        self._list_prompts = list_prompts
        self._list_licences = list_licences
        self._places = tuple(places)
        self.prompts_file = prompts_file

    async def places(self) -> Sequence[Place]:
        """The program's folders on this machine, with their sizes now."""
        return await asyncio.to_thread(
            lambda: tuple(_measured(name, path) for name, path in self._places)
        )

    async def backups(self) -> Sequence[BackupLine]:
        """Every copy of the database, newest first."""
        return await asyncio.to_thread(
            lambda: tuple(
                BackupLine(copy.path, copy.reason, copy.made_at, _byte_count(copy.path))
                for copy in self._list_backups()
            )
        )

    async def back_up(self) -> Path:
        """Copy the database now; gives the copy. Raises StorageError."""
        return await self._database.back_up("manual")

    async def check_database(self) -> str:
        """What SQLite's check finds now; empty if the file is sound. Raises StorageError."""
        return await self._database.check()

    async def log_tail(
        self, *, most: int, least: LogLevel = LogLevel.DEBUG, run_id: str = ""
    ) -> LogTail:
        """The end of the newest log file, oldest line first. Raises StorageError."""
        return await asyncio.to_thread(self._read_log, most=most, least=least, run_id=run_id)

    async def prompts(self) -> Sequence[PromptText]:
        """Every prompt as it is used. Raises ConfigurationError for a bad file."""
        return await asyncio.to_thread(self._list_prompts)

    async def licences(self) -> Sequence[Licence]:
        """Ours first, then those of what is shipped with it."""
        return await asyncio.to_thread(self._list_licences)


def _measured(name: str, path: Path) -> Place:
    sizes = (_byte_count(Path(at, name)) for at, _, names in os.walk(path) for name in names)
    return Place(name, path, is_there=path.is_dir(), byte_count=sum(sizes))


def _byte_count(path: Path) -> int:
    """Size of a file; 0 for what is none, or is gone: logs and journals come and go."""
    try:
        status = path.lstat()
    except OSError:
        return 0
    return status.st_size if S_ISREG(status.st_mode) else 0
