"""The index of files that were looked at before, in the program's database."""

import os
import sqlite3
from collections.abc import Mapping, Sequence

from agentflow_desktop.adapters.readers.file_index import FileStamp, IndexedFile
from agentflow_desktop.adapters.sqlite.database import Database, transaction

_CHUNK = 400  # SQLite allows 999 parameters where it was built long ago


class SqliteFileIndex:
    """A ``FileIndex``. What another reader version found is not seen, and replaced in time."""

    def __init__(self, database: Database, reader_version: str) -> None:
        self._database = database
        self._version = reader_version

    async def find(self, stamps: Sequence[FileStamp]) -> Mapping[FileStamp, IndexedFile]:
        """The entries whose whole stamp agrees, with token counts where their text was read."""
        if not stamps:
            return {}
        by_path = {os.fsencode(stamp.path): stamp for stamp in stamps}
        return await self._database.call(lambda connection: self._find(connection, by_path))

    async def keep(self, files: Mapping[FileStamp, IndexedFile]) -> None:
        rows = [
            (
                os.fsencode(stamp.path),
                stamp.byte_count,
                stamp.modified_ns,
                stamp.changed_ns,
                str(stamp.inode),  # 64 bits unsigned on some file systems
                self._version,
                entry.digest,
                entry.reason,
            )
            for stamp, entry in files.items()
        ]
        if not rows:
            return

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO file_index VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
                )

        await self._database.call(write)

    async def keep_tokens(self, raw_tokens: Mapping[str, int]) -> None:
        rows = [(digest, self._version, count) for digest, count in raw_tokens.items()]
        if not rows:
            return

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.executemany("INSERT OR REPLACE INTO text_sizes VALUES (?, ?, ?)", rows)

        await self._database.call(write)

    async def find_tokens(self, digests: Sequence[str]) -> Mapping[str, int]:
        wanted = sorted({digest for digest in digests if digest})
        if not wanted:
            return {}
        return await self._database.call(lambda connection: self._tokens(connection, wanted))

    def _find(
        self, connection: sqlite3.Connection, by_path: Mapping[bytes, FileStamp]
    ) -> dict[FileStamp, IndexedFile]:
        found: dict[FileStamp, IndexedFile] = {}
        paths = list(by_path)
        for at in range(0, len(paths), _CHUNK):
            chunk = paths[at : at + _CHUNK]
            marks = ",".join("?" * len(chunk))  # nothing else goes into the statement's text
            for row in connection.execute(
                "SELECT f.path, f.byte_count, f.modified_ns, f.changed_ns, f.inode, f.digest,"  # noqa: S608
                " f.reason, t.raw_tokens FROM file_index f LEFT JOIN text_sizes t"
                " ON t.digest = f.digest AND t.reader_version = f.reader_version"
                f" WHERE f.reader_version = ? AND f.path IN ({marks})",
                (self._version, *chunk),
            ):
                stamp = by_path[row[0]]
                if (stamp.byte_count, stamp.modified_ns, stamp.changed_ns, str(stamp.inode)) == (
                    tuple(row[1:5])
                ):
                    found[stamp] = IndexedFile(row[5], row[6], row[7])
        return found

    def _tokens(self, connection: sqlite3.Connection, digests: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(digests), _CHUNK):
            chunk = digests[at : at + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found |= dict(
                connection.execute(
                    "SELECT digest, raw_tokens FROM text_sizes"  # noqa: S608
                    f" WHERE reader_version = ? AND digest IN ({marks})",
                    (self._version, *chunk),
                ).fetchall()
            )
        return found
