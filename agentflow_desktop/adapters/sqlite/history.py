"""History in SQLite: lists, counts, marks and deletion of runs, and the events of one.

Plain SQL: the lists rest on SQLite's own full-text index and on partial indexes, which peewee
does not speak. ``run_facts`` and ``run_search`` are kept by ``runs`` as events come in.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.adapters.sqlite.history_filter import (
    COST,
    FACTS,
    MARKS,
    WITH_COST,
    Conditions,
    conditions,
)
from agentflow_desktop.core.clock import Clock, from_iso_z, to_iso_z
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.events import EventCodec, RunEvent
from agentflow_desktop.core.history import (
    EVERY_RUN,
    UNDO_FOR,
    Facet,
    FacetCount,
    HistoryCounts,
    RunFilter,
)
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.core.runs import RunState, RunSummary

_FACT = "(SELECT group_concat(value, char(10)) FROM run_facts f WHERE f.number = r.number AND"
_SUMMARY = (
    "SELECT r.run_id, r.kind, r.title, r.state, r.started_at, r.ended_at,"  # noqa: S608 (constants)
    f" {COST}, r.number, {_FACT} name = 'task_kind'), {_FACT} name = 'model'),"
    f" {_FACT} name = 'badge'), r.is_useful, r.note, r.deleted_at FROM {WITH_COST}"
)
_BEFORE = " AND r.number < (SELECT b.number FROM runs b WHERE b.run_id = ?)"
_STARTING = " WHERE r.run_id >= ? AND r.run_id < ? ORDER BY r.run_id LIMIT ?"
_COUNT = "SELECT COUNT(*) FROM runs WHERE deleted_at IS NULL"
_ALL_FACTS = (
    "SELECT value, COUNT(*) FROM run_facts WHERE name = ? AND number NOT IN"
    " (SELECT number FROM runs WHERE deleted_at IS NOT NULL) GROUP BY value"
)
_STATE = "SELECT state, deleted_at FROM runs WHERE run_id = ?"
_EVENTS = "SELECT body FROM run_events WHERE run_id = ? ORDER BY sequence"
_RATE = "UPDATE runs SET is_useful = ?, note = ? WHERE run_id = ?"
_DELETE = "UPDATE runs SET deleted_at = ? WHERE run_id = ? AND deleted_at IS NULL"
_UNDELETE = "UPDATE runs SET deleted_at = NULL WHERE run_id = ?"
_IS_DUE = "SELECT 1 FROM runs WHERE deleted_at <= ? LIMIT 1"
_PURGE_FOUND = (
    "DELETE FROM run_search WHERE rowid IN (SELECT number FROM runs WHERE deleted_at <= ?)"
)
_PURGE = "DELETE FROM runs WHERE deleted_at <= ?"  # events and facts go with it
_REVISION = "SELECT CAST(value AS INTEGER) FROM storage_facts WHERE name = 'history_revision'"
_IS_INDEXED = "SELECT sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE name = 'run_search'"
_ALIKE_SHOWN = 3
_LAST_CHARACTER = "\U0010ffff"
_NO_INDEX = (
    "This Python's SQLite came without a full-text index when the database was made: searching "
    "reads the text of every run."
)


class SqliteHistory:
    """The RunHistory over a Database."""

    def __init__(self, database: Database, codec: EventCodec, clock: Clock) -> None:
        self._database = database
        self._codec = codec
        self._clock = clock

    async def runs(
        self, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> Sequence[RunSummary]:
        """See ``core.history.RunHistory``."""
        return await self._database.call(lambda c: _runs(c, wanted, limit, before))

    async def numbers(self, wanted: RunFilter) -> tuple[int, ...]:
        """See ``core.history.RunHistory``. A hundred thousand take some 30 ms, and 3 MB."""
        return await self._database.call(lambda c: _numbers(c, wanted))

    async def numbered(self, numbers: Sequence[int]) -> Sequence[RunSummary]:
        """See ``core.history.RunHistory``. Each is found by its key, wherever in a list it is."""
        return await self._database.call(lambda c: _numbered(c, numbers))

    async def counts(self, wanted: RunFilter) -> HistoryCounts:
        """See ``core.history.RunHistory``. Others get their turn between the facets."""
        runs = await self._database.call(lambda c: int(c.execute(_COUNT).fetchone()[0]))
        facets = {
            facet: await self._database.call(lambda c, f=facet: _facet(c, wanted, f))
            for facet in Facet
        }
        return HistoryCounts(runs, facets)

    async def find(self, run_id_prefix: str) -> RunSummary:
        """See ``core.history.RunHistory``. The id may be given without ``run_``."""
        return await self._database.call(lambda c: _find(c, run_id_prefix))

    async def events(self, run_id: str) -> Sequence[RunEvent]:
        """The stored events in the order of their emission; none for an unknown run.

        Raises StorageError for an event that this version can't read.
        """
        return await self._database.call(lambda c: self._events(c, run_id))

    async def rate(self, run_id: str, *, is_useful: bool | None, note: str) -> None:
        """See ``core.history.RunHistory``."""
        mark = None if is_useful is None else int(is_useful)
        await self._database.call(lambda c: c.execute(_RATE, (mark, note, run_id)).rowcount)

    async def delete(self, run_ids: Sequence[str]) -> None:
        """See ``core.history.RunHistory``."""
        now = to_iso_z(self._clock.now())
        await self._database.call(lambda c: _delete(c, run_ids, now))

    async def undelete(self, run_ids: Sequence[str]) -> None:
        """See ``core.history.RunHistory``."""
        await self._database.call(lambda c: _undelete(c, run_ids))

    async def purge(self) -> int:
        """See ``core.history.RunHistory``."""
        until = to_iso_z(self._clock.now() - UNDO_FOR)
        return await self._database.call(lambda c: _purge(c, until))

    async def revision(self) -> int:
        """See ``core.history.RunHistory``. Triggers count it."""
        return await self._database.call(lambda c: int(c.execute(_REVISION).fetchone()[0]))

    async def search_notice(self) -> str:
        """See ``core.history.RunHistory``."""
        is_indexed = await self._database.call(_is_indexed)
        return "" if is_indexed else _NO_INDEX

    def _events(self, connection: sqlite3.Connection, run_id: str) -> list[RunEvent]:
        bodies = connection.execute(_EVENTS, (run_id,)).fetchall()
        try:
            return [self._codec.decode(body) for (body,) in bodies]
        except ValueError as error:
            raise StorageError(
                f"An event of {run_id} can't be read by this version.",
                hint="Open the run with the version of AgentFlow that made it.",
                detail=str(error),
            ) from error


def _is_indexed(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute(_IS_INDEXED).fetchone()[0])


def _conditions(
    connection: sqlite3.Connection, wanted: RunFilter, without: Facet | None = None
) -> Conditions:
    is_indexed = bool(wanted.text) and _is_indexed(connection)
    return conditions(wanted, is_indexed=is_indexed, without=without)


def _runs(
    connection: sqlite3.Connection, wanted: RunFilter, limit: int, before: str | None
) -> list[RunSummary]:
    met = _conditions(connection, wanted)
    values = [*met.values, *([before] if before is not None else []), limit]
    paged = _BEFORE if before is not None else ""
    sql = f"{_SUMMARY} WHERE {met.sql}{paged} ORDER BY r.number DESC LIMIT ?"
    return [_summary(row) for row in connection.execute(sql, values)]


def _numbers(connection: sqlite3.Connection, wanted: RunFilter) -> tuple[int, ...]:
    met = _conditions(connection, wanted)
    sql = f"SELECT r.number FROM {met.source} WHERE {met.sql} ORDER BY r.number DESC"  # noqa: S608
    return tuple(number for (number,) in connection.execute(sql, met.values))


def _numbered(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[RunSummary]:
    marks = ", ".join("?" * len(numbers))
    sql = f"{_SUMMARY} WHERE r.deleted_at IS NULL AND r.number IN ({marks}) ORDER BY r.number DESC"
    return [_summary(row) for row in connection.execute(sql, tuple(numbers))]


def _facet(
    connection: sqlite3.Connection, wanted: RunFilter, facet: Facet
) -> tuple[FacetCount, ...]:
    met = _conditions(connection, wanted, without=facet)
    if facet in FACTS and met.is_any:
        rows = connection.execute(_ALL_FACTS, (facet.value,)).fetchall()
    elif facet in FACTS:
        sql = (  # from the runs to their facts: the few lead to the many
            f"SELECT f.value, COUNT(*) FROM {met.source} CROSS JOIN run_facts f"  # noqa: S608
            f" ON f.number = r.number AND f.name = ? WHERE {met.sql} GROUP BY f.value"
        )
        rows = connection.execute(sql, (facet.value, *met.values)).fetchall()
    else:
        column = "r.is_useful" if facet is Facet.MARK else f"r.{facet.value}"
        sql = f"SELECT {column}, COUNT(*) FROM {met.source} WHERE {met.sql} GROUP BY {column}"  # noqa: S608
        rows = connection.execute(sql, met.values).fetchall()
    if facet is Facet.MARK:
        words = {stored: mark.value for mark, stored in MARKS.items()}
        rows = [(words[stored], runs) for stored, runs in rows]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return tuple(FacetCount(value, runs) for value, runs in rows)


def _find(connection: sqlite3.Connection, prefix: str) -> RunSummary:
    start = f"run_{prefix.removeprefix('run_')}" if prefix.strip() else ""
    rows = connection.execute(
        f"{_SUMMARY}{_STARTING}", (start, start + _LAST_CHARACTER, _ALIKE_SHOWN)
    )
    found = [_summary(row) for row in rows]
    if not prefix.strip() or not found:
        raise InputRefused(
            f"No run begins with {prefix!r}.",
            hint='The history lists the runs that are kept, as does "agentflow history list".',
        )
    if len(found) > 1:
        alike = ", ".join(f.run_id for f in found)
        raise InputRefused(
            f"More than one run begins with {prefix!r}.", hint=f"Give more characters: {alike}."
        )
    return found[0]


def _delete(connection: sqlite3.Connection, run_ids: Sequence[str], now: str) -> None:
    with transaction(connection):
        for run_id in run_ids:
            row = connection.execute(_STATE, (run_id,)).fetchone()
            if row is not None and row[0] == RunState.RUNNING:
                raise InputRefused(
                    f"The run {run_id} goes on and can't be deleted.", hint="Cancel it first."
                )
            connection.execute(_DELETE, (now, run_id))


def _undelete(connection: sqlite3.Connection, run_ids: Sequence[str]) -> None:
    with transaction(connection):
        for run_id in run_ids:
            row = connection.execute(_STATE, (run_id,)).fetchone()
            if row is None or row[1] is None:
                raise InputRefused(
                    f"The run {run_id} is not among the deleted ones.",
                    hint="A deletion can be undone for an hour.",
                )
            connection.execute(_UNDELETE, (run_id,))


def _purge(connection: sqlite3.Connection, until: str) -> int:
    if connection.execute(_IS_DUE, (until,)).fetchone() is None:
        return 0  # nothing to write, so nobody is kept waiting
    with transaction(connection):
        connection.execute(_PURGE_FOUND, (until,))
        return connection.execute(_PURGE, (until,)).rowcount


def _summary(row: Sequence[Any]) -> RunSummary:
    (
        run_id, kind, title, state, started_at, ended_at, cost_nusd, number, task_kind, models,
        badges, is_useful, note, deleted_at,
    ) = row  # fmt: skip
    return RunSummary(
        run_id=run_id,
        kind=kind,
        title=title,
        state=RunState(state),
        started_at=from_iso_z(started_at),
        ended_at=from_iso_z(ended_at) if ended_at else None,
        cost_usd=from_nano_usd(cost_nusd),
        number=number,
        task_kind=(task_kind or "").partition("\n")[0],
        models=tuple((models or "").splitlines()),
        badges=tuple(badge for badge in Badge if badge.value in (badges or "").split("\n")),
        is_useful=None if is_useful is None else bool(is_useful),
        note=note,
        deleted_at=from_iso_z(deleted_at) if deleted_at else None,
    )
