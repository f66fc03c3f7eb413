"""Taking money back from the dead: their holds become unknown and count in full."""

import sqlite3
from datetime import datetime

from structlog import get_logger

from agentflow_desktop.adapters.sqlite import model_days, totals
from agentflow_desktop.adapters.sqlite.database import transaction
from agentflow_desktop.adapters.sqlite.model_days import Cell, given_up, held
from agentflow_desktop.adapters.sqlite.owner import Owner
from agentflow_desktop.adapters.sqlite.totals import Delta
from agentflow_desktop.core.clock import from_iso_z

_log = get_logger(__name__)

_HELD = (
    "SELECT attempt_id, run_id, day, model, task_kind, held_nusd, max_tokens, reserved_at,"
    " owner_boot, owner_pid, owner_started FROM attempts WHERE state = 'held'"
    " AND NOT (owner_boot = ? AND owner_pid = ? AND owner_started = ?)"
)
_GIVE_UP = (
    "UPDATE attempts SET state = 'unknown', outcome = 'owner_died'"
    " WHERE attempt_id = ? AND state = 'held'"
)


def sweep_dead(connection: sqlite3.Connection, me: Owner, now: datetime) -> int:
    """Turn holds whose owner is gone to unknown; gives how many. Living owners keep theirs."""
    waiting = connection.execute(_HELD, (me.boot, me.pid, me.started)).fetchall()
    gone = [row for row in waiting if Owner(*row[8:]).is_gone(from_iso_z(row[7]), now)]
    if not gone:
        return 0
    swept = 0
    with transaction(connection):
        for attempt_id, run_id, day, model, kind, held_nusd, max_tokens, *_ in gone:
            if connection.execute(_GIVE_UP, (attempt_id,)).rowcount == 0:
                continue  # another process swept it meanwhile
            delta = Delta(
                calls=1,
                spent_nusd=held_nusd,
                reserved_nusd=-held_nusd,
                spent_tokens=max_tokens,
                reserved_tokens=-max_tokens,
            )
            totals.add(connection, run_id, day, delta)
            cell = Cell(day, model, "", kind)
            model_days.add(connection, cell, held(held_nusd).negated())
            model_days.add(connection, cell, given_up(held_nusd))
            swept += 1
    _log.warning("holds_of_dead_processes_swept", count=swept)
    return swept
