"""The file of kept results, read on the calling thread in tens of microseconds.

It is a store of its own, named after its layout, so that it may lie on another disk and be lost
without harm. Hits are counted in memory and written in batches, with every write and at the end.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from structlog import get_logger

from agentflow_desktop.adapters.sqlite.backups import set_aside
from agentflow_desktop.adapters.sqlite.database import transaction
from agentflow_desktop.adapters.sqlite.failures import is_damage, translated, wait_for_turn
from agentflow_desktop.core.clock import Clock, from_iso_z, to_iso_z
from agentflow_desktop.core.money import from_nano_usd, to_nano_usd
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.cache import (
    CacheEntry,
    CacheLine,
    CacheStats,
    CacheUse,
    RemovedEntry,
)
from agentflow_desktop.llm.costs import Days

A = TypeVar("A")
T = TypeVar("T")

_log = get_logger(__name__)

FILE_NAME = "results-1.db"
_FLUSH_AT = 512
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
    """CREATE TABLE IF NOT EXISTS uses (
        day TEXT PRIMARY KEY, hits INTEGER NOT NULL, misses INTEGER NOT NULL,
        stale INTEGER NOT NULL, saved_nusd INTEGER NOT NULL, saved_ms INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS entries_by_time ON entries (stored_at)",
)
_GET = (
    "SELECT kind, title, body, stored_at, cost_nusd, duration_ms, tokens, files"
    " FROM entries WHERE key = ?"
)
_GET_WITH_HITS = _GET.replace(" FROM", ", hits FROM")
_PUT = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_BACK = _PUT.replace("REPLACE", "IGNORE")
_LINES = (
    "SELECT key, kind, title, stored_at, cost_nusd, byte_count, hits FROM entries"
    " ORDER BY stored_at DESC, key"
)
_COUNT = (
    "UPDATE counters SET hits = hits + ?, misses = misses + ?, stale = stale + ?,"
    " saved_nusd = saved_nusd + ?, saved_ms = saved_ms + ?"
)
_COUNT_DAY = (
    "INSERT INTO uses VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET"
    " hits = hits + excluded.hits, misses = misses + excluded.misses,"
    " stale = stale + excluded.stale, saved_nusd = saved_nusd + excluded.saved_nusd,"
    " saved_ms = saved_ms + excluded.saved_ms"
)
_STATS = (
    "SELECT (SELECT COUNT(*) FROM entries), (SELECT COALESCE(SUM(byte_count), 0) FROM entries),"
    " hits, misses, stale, saved_nusd, saved_ms, (SELECT MIN(stored_at) FROM entries)"
    " FROM counters"
)
_USES = "SELECT * FROM uses WHERE day BETWEEN ? AND ? ORDER BY day"
_LAST_CHARACTER = "\U0010ffff"


@dataclass(slots=True)
class _Counted:
    """What was counted since the last write, all of it on one day of the calendar."""

    misses: int = 0
    stale: int = 0
    saved_nusd: int = 0
    saved_ms: int = 0
    hits: Counter[str] = field(default_factory=Counter[str])
    lookups: int = 0


class CacheFile:
    """Kept results in one SQLite file. Safe among threads; blocks, so never on the loop."""

    def __init__(
        self, path: Path, max_age: timedelta, calendar: BudgetCalendar, clock: Clock
    ) -> None:
        self.path = path
        self._max_age = max_age
        self._calendar = calendar
        self._clock = clock
        self._day = ""
        self._day_ends_at = clock.now()  # past: the first use asks the calendar
        self._lock = Lock()
        self._counted = _Counted()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str) -> CacheEntry | None:
        """The fresh entry under this key; counts a hit, a miss or a stale entry."""
        return self._do(self._get, key)

    def peek(self, key: str) -> CacheEntry | None:
        """As ``get``, without counting: for a plan that may never be run."""
        return self._do(self._peek, key)

    def put(self, entry: CacheEntry) -> None:
        """Keep an entry, in the place of an older one under its key."""
        self._do(self._put, entry)

    def lines(self) -> Sequence[CacheLine]:
        """Every entry without its body, newest first."""
        return self._do(self._lines, self._clock.now() - self._max_age)

    def stats(self) -> CacheStats:
        """Counts over the life of the file, with what this process has not yet written."""
        return self._do(self._stats, None)

    def uses(self, days: Days) -> Sequence[CacheUse]:
        """What was counted on each of these days; none for a day without a question."""
        return self._do(self._uses, days)

    def take_out(self, key: str) -> RemovedEntry | None:
        """Remove the entry under exactly this key and give it, fresh or not."""
        return self._do(self._take_out, key)

    def put_back(self, removed: RemovedEntry) -> None:
        """Keep again what was taken out, unless its key was kept anew meanwhile."""
        self._do(self._put_back, removed)

    def remove_starting_with(self, prefix: str) -> int:
        """Remove entries whose key starts so (any case); gives how many."""
        start = prefix.lower()
        return self._do(self._remove, ("key >= ? AND key < ?", start, start + _LAST_CHARACTER))

    def remove_old(self) -> int:
        """Remove entries past their age; gives how many."""
        oldest = self._clock.now() - self._max_age
        return self._do(self._remove, ("stored_at < ?", to_iso_z(oldest)))

    def remove_all(self) -> int:
        """Remove every entry; what was counted stays. Gives how many."""
        return self._do(self._remove, ("TRUE",))

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
                self._disconnect()

    def _do(self, work: Callable[[sqlite3.Connection, A], T], argument: A) -> T:
        """The work's outcome. A damaged file is set aside, and the work done on a new one."""
        with self._lock, translated(self.path):
            try:
                return work(self._connection or self._open(), argument)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._disconnect()
                kept = set_aside(self.path, self._clock.now())
                _log.warning("damaged_cache_set_aside", path=str(self.path), kept=str(kept))
                return work(self._open(), argument)

    def _get(self, connection: sqlite3.Connection, key: str) -> CacheEntry | None:
        now = self._clock.now()
        if now >= self._day_ends_at:
            self._flush(connection)
            self._day = self._calendar.day(now).isoformat()
            self._day_ends_at = self._calendar.day_end(now)
        row = connection.execute(_GET, (key,)).fetchone()
        entry = self._count(key, row)
        if self._counted.lookups >= _FLUSH_AT:
            self._flush(connection)
        return entry

    def _peek(self, connection: sqlite3.Connection, key: str) -> CacheEntry | None:
        row = connection.execute(_GET, (key,)).fetchone()
        entry = _entry(key, row) if row is not None else None
        return entry if entry is not None and self._is_fresh(entry) else None

    def _is_fresh(self, entry: CacheEntry) -> bool:
        return self._clock.now() - entry.stored_at <= self._max_age

    def _count(self, key: str, row: Sequence[Any] | None) -> CacheEntry | None:
        counted = self._counted
        counted.lookups += 1
        if row is None:
            counted.misses += 1
            return None
        entry = _entry(key, row)
        if not self._is_fresh(entry):
            counted.stale += 1
            return None
        counted.hits[key] += 1
        counted.saved_nusd += row[4]
        counted.saved_ms += row[5]
        return entry

    def _put(self, connection: sqlite3.Connection, entry: CacheEntry) -> None:
        self._flush(connection)
        connection.execute(_PUT, _row(entry, hits=0))

    def _put_back(self, connection: sqlite3.Connection, removed: RemovedEntry) -> None:
        connection.execute(_PUT_BACK, _row(removed.entry, removed.hits))

    def _take_out(self, connection: sqlite3.Connection, key: str) -> RemovedEntry | None:
        self._flush(connection)
        with transaction(connection):
            row = connection.execute(_GET_WITH_HITS, (key,)).fetchone()
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))
        return RemovedEntry(_entry(key, row[:-1]), row[-1]) if row is not None else None

    def _uses(self, connection: sqlite3.Connection, days: Days) -> list[CacheUse]:
        self._flush(connection)
        rows = connection.execute(_USES, (days.first.isoformat(), days.last.isoformat()))
        return [
            CacheUse(
                date.fromisoformat(day), hits, misses, stale, from_nano_usd(saved), saved_ms / 1000
            )
            for day, hits, misses, stale, saved, saved_ms in rows
        ]

    def _lines(self, connection: sqlite3.Connection, oldest: datetime) -> list[CacheLine]:
        self._flush(connection)
        found: list[CacheLine] = []
        for key, kind, title, stored, cost_nusd, size, hits in connection.execute(_LINES):
            stored_at = from_iso_z(stored)
            cost_usd = from_nano_usd(cost_nusd)
            is_fresh = stored_at >= oldest
            found.append(CacheLine(key, kind, title, stored_at, cost_usd, size, hits, is_fresh))
        return found

    def _stats(self, connection: sqlite3.Connection, _: None) -> CacheStats:
        self._flush(connection)
        row = connection.execute(_STATS).fetchone()
        entries, size, hits, misses, stale, saved_nusd, saved_ms, oldest = row
        oldest_at = from_iso_z(oldest) if oldest is not None else None
        saved_usd = from_nano_usd(saved_nusd)
        return CacheStats(entries, size, hits, misses, stale, saved_usd, saved_ms / 1000, oldest_at)

    def _remove(self, connection: sqlite3.Connection, which: tuple[str, ...]) -> int:
        self._flush(connection)
        condition, *values = which
        sql = f"DELETE FROM entries WHERE {condition}"  # noqa: S608 (our own conditions)
        removed = connection.execute(sql, values).rowcount
        connection.execute("PRAGMA incremental_vacuum").fetchall()
        return removed

    def _flush(self, connection: sqlite3.Connection) -> None:
        counted = self._counted
        if not counted.lookups:
            return
        hits = counted.hits
        counts = (
            hits.total(), counted.misses, counted.stale, counted.saved_nusd, counted.saved_ms,
        )  # fmt: skip
        with transaction(connection):
            connection.execute(_COUNT, counts)
            connection.execute(_COUNT_DAY, (self._day, *counts))
            connection.executemany(
                "UPDATE entries SET hits = hits + ? WHERE key = ?",
                [(count, key) for key, count in hits.items()],
            )
        self._counted = _Counted()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = wait_for_turn(self._connect)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            for statement in (*_PRAGMAS, *_TABLES):
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _row(entry: CacheEntry, hits: int) -> tuple[str | int, ...]:
    return (
        entry.key, entry.kind, entry.title, entry.body, to_iso_z(entry.stored_at),
        to_nano_usd(entry.cost_usd), round(entry.duration_s * 1000), entry.tokens,
        json.dumps(entry.files), len(entry.body.encode()), hits,
    )  # fmt: skip


def _entry(key: str, row: Sequence[Any]) -> CacheEntry:
    kind, title, body, stored, cost_nusd, duration_ms, tokens, files = row
    return CacheEntry(
        key, kind, title, body, datetime.fromisoformat(stored), from_nano_usd(cost_nusd),
        duration_ms / 1000, tokens, tuple(json.loads(files)),
    )  # fmt: skip
