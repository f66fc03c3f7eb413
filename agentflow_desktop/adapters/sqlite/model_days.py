"""Running sums by day, asked model, served model and kind of task, moved with every attempt.

Charts and tables over a year read these few thousand rows instead of every attempt.
"""

import sqlite3
from typing import NamedTuple

from agentflow_desktop.llm.budget import AttemptState
from agentflow_desktop.llm.messages import Usage


class Cell(NamedTuple):
    """Which sums. ``served_model`` is empty while an attempt waits, or if none is known."""

    day: str
    model: str
    served_model: str
    task_kind: str


class CellSums(NamedTuple):
    """The sums of a cell, or how they change. The order of the fields is that of the columns."""

    calls: int = 0
    paid_calls: int = 0
    unknown_calls: int = 0
    estimated_calls: int = 0
    spent_nusd: int = 0
    reserved_nusd: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    thinking_tokens: int = 0

    def negated(self) -> "CellSums":
        return CellSums(*(-value for value in self))


COLUMNS = ", ".join(CellSums._fields)
SUMMED = ", ".join(f"SUM({name})" for name in CellSums._fields)
_KEY = ", ".join(Cell._fields)
_ADD = (
    f"INSERT INTO model_days ({_KEY}, {COLUMNS})"  # noqa: S608 (constants only)
    f" VALUES ({', '.join('?' for _ in (*Cell._fields, *CellSums._fields))})"
    f" ON CONFLICT ({_KEY}) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in CellSums._fields)
)
OF_ATTEMPTS = (
    "SUM(state <> 'held'), SUM(state <> 'held' AND charged_nusd > 0), SUM(state = 'unknown'),"
    " SUM(state <> 'held' AND is_estimated), SUM(IIF(state = 'held', 0, charged_nusd)),"
    " SUM(IIF(state = 'held', held_nusd, 0)), SUM(input_tokens), SUM(cached_input_tokens),"
    " SUM(output_tokens), SUM(thinking_tokens)"
)
"""The columns of ``CellSums`` over rows of attempts."""


def held(held_nusd: int) -> CellSums:
    """What an attempt counts while it waits."""
    return CellSums(reserved_nusd=held_nusd)


def given_up(held_nusd: int) -> CellSums:
    """What an attempt counts whose owner died."""
    return CellSums(calls=1, paid_calls=int(held_nusd > 0), unknown_calls=1, spent_nusd=held_nusd)


def closed(state: AttemptState, charged_nusd: int, usage: Usage, *, is_estimated: bool) -> CellSums:
    """What an attempt counts once it is settled, or unknown for want of a price."""
    return CellSums(
        calls=1,
        paid_calls=int(charged_nusd > 0),
        unknown_calls=int(state is AttemptState.UNKNOWN),
        estimated_calls=int(is_estimated),
        spent_nusd=charged_nusd,
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
        thinking_tokens=usage.thinking_tokens,
    )


def add(connection: sqlite3.Connection, cell: Cell, change: CellSums) -> None:
    """Move the sums of a cell. Within the caller's transaction."""
    connection.execute(_ADD, (*cell, *change))


def disagreements(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Cells whose running sums differ from the sums over their attempts."""
    connection.execute("BEGIN")  # both reads see one state
    try:
        summed = _cells(connection, f"SELECT {_KEY}, {OF_ATTEMPTS} FROM attempts GROUP BY {_KEY}")  # noqa: S608
        kept = _cells(connection, f"SELECT {_KEY}, {COLUMNS} FROM model_days")  # noqa: S608
    finally:
        connection.execute("ROLLBACK")
    differ = (cell for cell in summed.keys() | kept.keys() if summed.get(cell) != kept.get(cell))
    return tuple(sorted(f"cell:{'/'.join(cell)}" for cell in differ))


def _cells(connection: sqlite3.Connection, query: str) -> dict[Cell, CellSums]:
    """The rows that count something: an attempt leaves an empty cell where it waited."""
    width = len(Cell._fields)
    rows = connection.execute(query).fetchall()
    return {Cell(*row[:width]): CellSums(*row[width:]) for row in rows if any(row[width:])}
