"""Runs as they happen, in SQLite: events in order, and what lists and search need of them.

Reading them is ``history``'s. Everything that an event changes is in one transaction with it.
"""

import sqlite3
from collections.abc import Callable

from agentflow_desktop.adapters.sqlite.database import Database, transaction
from agentflow_desktop.adapters.sqlite.owner import Owner, this_process
from agentflow_desktop.core.clock import Clock, from_iso_z, to_iso_z
from agentflow_desktop.core.events import (
    EventCodec,
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
)
from agentflow_desktop.core.history import NO_FACTS, RunFacts, core_facts
from agentflow_desktop.core.money import to_nano_usd
from agentflow_desktop.core.runs import RunState

Describe = Callable[[RunEvent], RunFacts]

_OPEN = (
    "INSERT INTO runs (run_id, kind, title, state, started_at, owner_boot, owner_pid,"
    " owner_started, number) SELECT ?, ?, ?, 'running', ?, ?, ?, ?, COALESCE(MAX(number), 0) + 1"
    " FROM runs"
)
_NUMBER = "SELECT number FROM runs WHERE run_id = ?"
_MAKE_FOUND = "INSERT INTO run_search (rowid, title, task, answer) VALUES (?, ?, '', '')"
_SET_TASK = "UPDATE run_search SET task = ? WHERE rowid = ?"
_SET_ANSWER = "UPDATE run_search SET answer = ? WHERE rowid = ?"
_ADD_FACT = "INSERT OR IGNORE INTO run_facts VALUES (?, ?, ?)"
_DROP_BADGES = "DELETE FROM run_facts WHERE number = ? AND name = 'badge'"
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


class SqliteRunStore:
    """The RunStore over a Database. A run belongs to the process that opened it.

    ``describe`` says what an event tells of its run; it knows the bodies of the workflows.
    """

    def __init__(
        self,
        database: Database,
        codec: EventCodec,
        clock: Clock,
        describe: Describe = core_facts,
    ) -> None:
        self._database = database
        self._codec = codec
        self._clock = clock
        self._describe = describe
        self._owner = this_process()

    async def append(self, event: RunEvent) -> None:
        """See ``core.runs.RunStore``. The event is encoded on the database's thread."""
        await self._database.call(lambda c: self._append(c, event))

    async def mark_interrupted(self) -> int:
        """See ``core.runs.RunStore``. A run of another living process stays as it is."""
        return await self._database.call(self._mark_interrupted)

    def _append(self, connection: sqlite3.Connection, event: RunEvent) -> None:
        body = self._codec.encode(event)
        facts = self._describe(event)
        with transaction(connection):
            if isinstance(event, RunStarted):
                self._open(connection, event)
            connection.execute(_APPEND, (event.run_id, event.run_id, body))
            if facts != NO_FACTS:
                _keep_facts(connection, event.run_id, facts)
            if isinstance(event, RunEnded):
                closing = (_end_state(event).value, to_iso_z(event.at))
                cost = to_nano_usd(event.cost_usd)
                connection.execute(_CLOSE, (*closing, cost, event.run_id))

    def _open(self, connection: sqlite3.Connection, event: RunStarted) -> None:
        owner = self._owner
        connection.execute(
            _OPEN,
            (
                event.run_id, event.kind, event.title, to_iso_z(event.at), owner.boot, owner.pid,
                owner.started,
            ),
        )  # fmt: skip
        (number,) = connection.execute(_NUMBER, (event.run_id,)).fetchone()
        connection.execute(_MAKE_FOUND, (number, event.title.casefold()))

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


def _keep_facts(connection: sqlite3.Connection, run_id: str, facts: RunFacts) -> None:
    (number,) = connection.execute(_NUMBER, (run_id,)).fetchone()
    if facts.task is not None:
        connection.execute(_SET_TASK, (facts.task.casefold(), number))
    if facts.answer is not None:
        connection.execute(_SET_ANSWER, (facts.answer.casefold(), number))
    if facts.badges is not None:
        connection.execute(_DROP_BADGES, (number,))
    named = [("model", model) for model in facts.models]
    named += [("badge", badge.value) for badge in facts.badges or ()]
    named += [("task_kind", facts.task_kind)] if facts.task_kind else []
    connection.executemany(_ADD_FACT, [(number, *fact) for fact in named])


def _end_state(event: RunEnded) -> RunState:
    match event:
        case RunSucceeded():
            return RunState.SUCCEEDED
        case RunFailed():
            return RunState.FAILED
        case RunCancelled():
            return RunState.CANCELLED
