"""The file of kept results, read on the calling thread in tens of microseconds.

It is a store of its own, named after its layout, so that it may lie on another disk and be lost
without harm. Hits are counted in memory and written in batches, with every write and at the end.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock

from structlog import get_logger

from agentflow_desktop.adapters.sqlite.backups import check, set_aside
from agentflow_desktop.adapters.sqlite.database import transaction
from agentflow_desktop.adapters.sqlite.failures import is_damage, translated
from agentflow_desktop.core.clock import Clock, from_iso_z, to_iso_z
from agentflow_desktop.core.money import from_nano_usd, to_nano_usd
from agentflow_desktop.llm.cache import CacheEntry, CacheLine, CacheStats

_log = get_logger(__name__)

FILE_NAME = "results-1.db"
_FLUSH_AT = 64
_BUSY_TIMEOUT_S = 10

_PRAGMAS = (
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
)
_TABLES = (
    """CREATE TABLE IF NOT EXISTS entries (
        key TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
        stored_at TEXT NOT NULL, cost_nusd INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
        tokens INTEGER NOT NULL, files TEXT NOT NULL, byte_count INTEGER NOT NULL,
        hits INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE IF NOT EXISTS counters (
        id INTEGER PRIMARY KEY CHECK (id = 1), hits INTEGER NOT NULL, misses INTEGER NOT NULL,
        stale INTEGER NOT NULL, saved_nusd INTEGER NOT NULL, saved_ms INTEGER NOT NULL
    )""",
    "INSERT OR IGNORE INTO counters VALUES (1, 0, 0, 0, 0, 0)",
    "CREATE INDEX IF NOT EXISTS entries_by_time ON entries (stored_at)",
)
_GET = (
    "SELECT kind, title, body, stored_at, cost_nusd, duration_ms, tokens, files"
    " FROM entries WHERE key = ?"
)
_PUT = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
_LINES = (
    "SELECT key, kind, title, stored_at, cost_nusd, byte_count, hits FROM entries"
    " ORDER BY stored_at DESC, key"
)
_COUNT = (
    "UPDATE counters SET hits = hits + ?, misses = misses + ?, stale = stale + ?,"
    " saved_nusd = saved_nusd + ?, saved_ms = saved_ms + ?"
)
_STATS = (
    "SELECT (SELECT COUNT(*) FROM entries), (SELECT COALESCE(SUM(byte_count), 0) FROM entries),"
    " hits, misses, stale, saved_nusd, saved_ms FROM counters"
)
_LAST_CHARACTER = "\U0010ffff"


@dataclass(slots=True)
class _Counted:
    """What was counted since the last write."""

    misses: int = 0
    stale: int = 0
    saved_nusd: int = 0
    saved_ms: int = 0
    hits: Counter[str] = field(default_factory=Counter[str])
    lookups: int = 0


class CacheFile:
    """Kept results in one SQLite file. Safe among threads; blocks, so never on the loop."""

    def __init__(self, path: Path, max_age: timedelta, clock: Clock) -> None:
        self.path = path
        self._max_age = max_age
        self._clock = clock
        self._lock = Lock()
        self._counted = _Counted()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str) -> CacheEntry | None:
        """The fresh entry under this key; counts a hit, a miss or a stale entry."""
        with self._lock, translated(self.path):
            connection = self._connection or self._open()
            row = connection.execute(_GET, (key,)).fetchone()
            counted = self._counted
            counted.lookups += 1
            entry = None
            if row is None:
                counted.misses += 1
            else:
                stored_at = datetime.fromisoformat(row[3])
                if self._clock.now() - stored_at > self._max_age:
                    counted.stale += 1
                else:
                    counted.hits[key] += 1
                    counted.saved_nusd += row[4]
                    counted.saved_ms += row[5]
                    entry = CacheEntry(
                        key, row[0], row[1], row[2], stored_at, from_nano_usd(row[4]),
                        row[5] / 1000, row[6], tuple(json.loads(row[7])),
                    )  # fmt: skip
            if counted.lookups >= _FLUSH_AT:
                self._flush(connection)
            return entry

    def put(self, entry: CacheEntry) -> None:
        """Keep an entry, in the place of an older one under its key."""
        with self._lock, translated(self.path):
            connection = self._connection or self._open()
            self._flush(connection)
            connection.execute(
                _PUT,
                (
                    entry.key, entry.kind, entry.title, entry.body, to_iso_z(entry.stored_at),
                    to_nano_usd(entry.cost_usd), round(entry.duration_s * 1000), entry.tokens,
                    json.dumps(entry.files), len(entry.body.encode()),
                ),
            )  # fmt: skip

    def lines(self) -> Sequence[CacheLine]:
        """Every entry without its body, newest first."""
        with self._lock, translated(self.path):
            connection = self._connection or self._open()
            self._flush(connection)
            oldest = self._clock.now() - self._max_age
            found: list[CacheLine] = []
            for key, kind, title, stored_at, cost, size, hits in connection.execute(_LINES):
                stored = from_iso_z(stored_at)
                fresh = stored >= oldest
                usd = from_nano_usd(cost)
                found.append(CacheLine(key, kind, title, stored, usd, size, hits, fresh))
            return found

    def stats(self) -> CacheStats:
        """Counts over the life of the file, with what this process has not yet written."""
        with self._lock, translated(self.path):
            connection = self._connection or self._open()
            self._flush(connection)
            entries, size, hits, misses, stale, saved_nusd, saved_ms = connection.execute(
                _STATS
            ).fetchone()
            return CacheStats(
                entries, size, hits, misses, stale, from_nano_usd(saved_nusd), saved_ms / 1000
            )

    def remove_starting_with(self, prefix: str) -> int:
        """Remove entries whose key starts so (any case); gives how many."""
        start = prefix.lower()
        return self._remove("key >= ? AND key < ?", (start, start + _LAST_CHARACTER))

    def remove_old(self) -> int:
        """Remove entries past their age; gives how many."""
        oldest = self._clock.now() - self._max_age
        return self._remove("stored_at < ?", (to_iso_z(oldest),))

    def remove_all(self) -> int:
        """Remove every entry; what was counted stays. Gives how many."""
        return self._remove("TRUE", ())

    def saved_usd(self) -> Decimal:
        """Dollars that hits have saved."""
        return self.stats().saved_usd

    def close(self) -> None:
        """Write what was counted and close the file. The next use opens it again."""
        with self._lock, translated(self.path):
            if self._connection is None:
                return
            try:
                self._flush(self._connection)
            finally:
                self._connection.close()
                self._connection = None

    def _remove(self, condition: str, values: tuple[str, ...]) -> int:
        with self._lock, translated(self.path):
            connection = self._connection or self._open()
            self._flush(connection)
            sql = f"DELETE FROM entries WHERE {condition}"  # noqa: S608 (our own conditions)
            removed = connection.execute(sql, values).rowcount
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            return removed

    def _flush(self, connection: sqlite3.Connection) -> None:
        counted = self._counted
        if not counted.lookups:
            return
        hits = counted.hits
        with transaction(connection):
            connection.execute(
                _COUNT,
                (
                    hits.total(), counted.misses, counted.stale, counted.saved_nusd,
                    counted.saved_ms,
                ),
            )  # fmt: skip
            connection.executemany(
                "UPDATE entries SET hits = hits + ? WHERE key = ?",
                [(count, key) for key, count in hits.items()],
            )
        self._counted = _Counted()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            kept = set_aside(self.path, self._clock.now())
            _log.warning("damaged_cache_set_aside", path=str(self.path), kept=str(kept))
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            for statement in (*_PRAGMAS, *_TABLES):
                connection.execute(statement)
            found = check(connection)
            if found:
                error = sqlite3.DatabaseError(found)
                error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise error
        except BaseException:
            connection.close()
            raise
        return connection
