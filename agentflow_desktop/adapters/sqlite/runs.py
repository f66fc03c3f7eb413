"""History in SQLite: runs, and the events emitted in them, in order."""

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

import peewee

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.adapters.sqlite.models import BudgetTotal, Run, RunEventRow
from agentflow_desktop.adapters.sqlite.owner import Owner, this_process
from agentflow_desktop.core.clock import Clock, from_iso_z, to_iso_z
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.events import (
    EventCodec,
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
)
from agentflow_desktop.core.money import from_nano_usd, to_nano_usd
from agentflow_desktop.core.runs import RunState, RunSummary

_OPEN = (
    "INSERT INTO runs (run_id, kind, title, title_folded, state, started_at, owner_boot,"
    " owner_pid, owner_started) VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?)"
)
_APPEND = (
    "INSERT INTO run_events (run_id, sequence, body) VALUES (?,"
    " (SELECT COALESCE(MAX(sequence), 0) + 1 FROM run_events WHERE run_id = ?), ?)"
)
_CLOSE = "UPDATE runs SET state = ?, ended_at = ?, cost_nusd = ? WHERE run_id = ?"
_RUNNING = (
    "SELECT run_id, started_at, owner_boot, owner_pid, owner_started FROM runs"
    " WHERE state = 'running'"
)
_INTERRUPT = "UPDATE runs SET state = 'interrupted' WHERE run_id = ? AND state = 'running'"
_ALIKE_SHOWN = 3
_LAST_CHARACTER = "\U0010ffff"


class SqliteRunStore:
    """The RunStore over a Database. A run belongs to the process that opened it."""

    def __init__(self, database: Database, codec: EventCodec, clock: Clock) -> None:
        self._database = database
        self._codec = codec
        self._clock = clock
        self._owner = this_process()

    async def append(self, event: RunEvent) -> None:
        """See ``core.runs.RunStore``. The event is encoded on the database's thread."""
        await self._database.call(lambda c: self._append(c, event))

    async def runs(
        self, *, limit: int = 50, before: str | None = None, text: str = ""
    ) -> Sequence[RunSummary]:
        """See ``core.runs.RunStore``. Letters of either case are found."""
        return await self._database.call(lambda _: self._runs(limit, before, text))

    async def find(self, run_id_prefix: str) -> RunSummary:
        """See ``core.runs.RunStore``. The id may be given without ``run_``."""
        return await self._database.call(lambda _: self._find(run_id_prefix))

    async def events(self, run_id: str) -> Sequence[RunEvent]:
        """The stored events in the order of their emission; none for an unknown run.

        Raises StorageError for an event that this version can't read.
        """
        bodies = await self._database.call(lambda _: self._bodies(run_id))
        try:
            return [self._codec.decode(body) for body in bodies]
        except ValueError as error:
            raise StorageError(
                f"An event of {run_id} can't be read by this version.",
                hint="Open the run with the version of AgentFlow that made it.",
                detail=str(error),
            ) from error

    async def mark_interrupted(self) -> int:
        """See ``core.runs.RunStore``. A run of another living process stays as it is."""
        return await self._database.call(self._mark_interrupted)

    def _append(self, connection: sqlite3.Connection, event: RunEvent) -> None:
        body = self._codec.encode(event)
        with transaction(connection):
            if isinstance(event, RunStarted):
                owner = self._owner
                connection.execute(
                    _OPEN,
                    (
                        event.run_id, event.kind, event.title, event.title.casefold(),
                        to_iso_z(event.at), owner.boot, owner.pid, owner.started,
                    ),
                )  # fmt: skip
            connection.execute(_APPEND, (event.run_id, event.run_id, body))
            if isinstance(event, RunEnded):
                closing = (_end_state(event).value, to_iso_z(event.at))
                cost = to_nano_usd(event.cost_usd)
                connection.execute(_CLOSE, (*closing, cost, event.run_id))

    def _runs(self, limit: int, before: str | None, text: str) -> list[RunSummary]:
        run = cast(Any, Run)
        query = _summaries()
        if before is not None:
            query = query.where(run.run_id < before)
        if text:
            found_at = cast(Any, peewee.fn).INSTR(run.title_folded, text.casefold())
            query = query.where(found_at > 0)
        query = query.order_by(run.run_id.desc()).limit(limit)
        return [_summary(row) for row in query.tuples().bind(self._database.orm)]

    def _find(self, prefix: str) -> RunSummary:
        run = cast(Any, Run)
        start = f"run_{prefix.removeprefix('run_')}" if prefix.strip() else ""
        query = (
            _summaries()
            .where((run.run_id >= start) & (run.run_id < start + _LAST_CHARACTER))
            .order_by(run.run_id)
            .limit(_ALIKE_SHOWN)
        )
        found = [_summary(row) for row in query.tuples().bind(self._database.orm)]
        if not prefix.strip() or not found:
            raise InputRefused(
                f"No run begins with {prefix!r}.", hint='"agentflow history list" shows the ids.'
            )
        if len(found) > 1:
            alike = ", ".join(f.run_id for f in found)
            raise InputRefused(
                f"More than one run begins with {prefix!r}.",
                hint=f"Give more characters: {alike}.",
            )
        return found[0]

    def _bodies(self, run_id: str) -> list[str]:
        row = cast(Any, RunEventRow)
        query = row.select(row.body).where(row.run_id == run_id).order_by(row.sequence)
        return [str(body) for (body,) in query.tuples().bind(self._database.orm)]

    def _mark_interrupted(self, connection: sqlite3.Connection) -> int:
        now = self._clock.now()
        running = connection.execute(_RUNNING).fetchall()
        gone = [
            run_id
            for run_id, started_at, *owner in running
            if Owner(*owner) != self._owner and Owner(*owner).is_gone(from_iso_z(started_at), now)
        ]
        if not gone:
            return 0
        with transaction(connection):
            return sum(connection.execute(_INTERRUPT, (run_id,)).rowcount for run_id in gone)


def _summaries() -> Any:
    """Runs with their cost: what the ledger says, else what their last event said."""
    run, total = cast(Any, Run), cast(Any, BudgetTotal)
    cost = cast(Any, peewee.fn).COALESCE(total.spent_nusd, run.cost_nusd, 0)
    charged = total.scope == cast(Any, peewee.Value("run:")).concat(run.run_id)
    return run.select(
        run.run_id, run.kind, run.title, run.state, run.started_at, run.ended_at, cost
    ).join(BudgetTotal, peewee.JOIN.LEFT_OUTER, on=charged)


def _summary(row: Sequence[Any]) -> RunSummary:
    run_id, kind, title, state, started_at, ended_at, cost_nusd = row
    return RunSummary(
        run_id=run_id,
        kind=kind,
        title=title,
        state=RunState(state),
        started_at=from_iso_z(started_at),
        ended_at=from_iso_z(ended_at) if ended_at else None,
        cost_usd=from_nano_usd(cost_nusd),
    )


def _end_state(event: RunEnded) -> RunState:
    match event:
        case RunSucceeded():
            return RunState.SUCCEEDED
        case RunFailed():
            return RunState.FAILED
        case RunCancelled():
            return RunState.CANCELLED
