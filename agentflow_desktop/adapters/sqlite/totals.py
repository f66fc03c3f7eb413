"""Running sums of the ledger over a run, a day and a month, moved with every attempt."""

import sqlite3
from typing import NamedTuple


class Delta(NamedTuple):
    """How sums change. The order of the fields is the order of the columns."""

    calls: int = 0
    spent_nusd: int = 0
    reserved_nusd: int = 0
    spent_tokens: int = 0
    reserved_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


Sums = Delta

_COLUMNS = (
    "calls, spent_nusd, reserved_nusd, spent_tokens, reserved_tokens, input_tokens, output_tokens"
)
_ADD = (
    f"INSERT INTO budget_totals (scope, {_COLUMNS})"  # noqa: S608 (constants only)
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (scope) DO UPDATE SET calls = calls + excluded.calls,"
    " spent_nusd = spent_nusd + excluded.spent_nusd,"
    " reserved_nusd = reserved_nusd + excluded.reserved_nusd,"
    " spent_tokens = spent_tokens + excluded.spent_tokens,"
    " reserved_tokens = reserved_tokens + excluded.reserved_tokens,"
    " input_tokens = input_tokens + excluded.input_tokens,"
    " output_tokens = output_tokens + excluded.output_tokens"
)
_READ = f"SELECT {_COLUMNS} FROM budget_totals WHERE scope = ?"  # noqa: S608 (constants only)

_FROM_ATTEMPTS = """
    SELECT scope, SUM(state <> 'held'), SUM(IIF(state = 'held', 0, charged_nusd)),
        SUM(IIF(state = 'held', held_nusd, 0)),
        SUM(CASE WHEN state = 'held' THEN 0 WHEN settled_at IS NULL THEN max_tokens
            ELSE input_tokens + output_tokens END),
        SUM(IIF(state = 'held', max_tokens, 0)), SUM(input_tokens), SUM(output_tokens)
    FROM (
        SELECT 'run:' || run_id AS scope, * FROM attempts
        UNION ALL SELECT 'day:' || day, * FROM attempts
        UNION ALL SELECT 'month:' || substr(day, 1, 7), * FROM attempts
    ) GROUP BY scope
"""


def run_scope(run_id: str) -> str:
    return f"run:{run_id}"


def day_scope(day: str) -> str:
    return f"day:{day}"


def month_scope(day: str) -> str:
    """The scope of the month of a day in ISO form."""
    return f"month:{day[:7]}"


def scopes(run_id: str, day: str) -> tuple[str, str, str]:
    """Run, day and month, in that order."""
    return run_scope(run_id), day_scope(day), month_scope(day)


def read(connection: sqlite3.Connection, scope: str) -> Sums:
    """The sums of a scope; zeros if nothing was ever charged to it."""
    row = connection.execute(_READ, (scope,)).fetchone()
    return Sums(*row) if row else Sums()


def add(connection: sqlite3.Connection, run_id: str, day: str, delta: Delta) -> None:
    """Move the sums of all three scopes. Within the caller's transaction."""
    connection.executemany(_ADD, [(scope, *delta) for scope in scopes(run_id, day)])


def disagreements(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Scopes whose running sums differ from the sums over their attempts."""
    connection.execute("BEGIN")  # both reads see one state
    try:
        summed = {row[0]: tuple(row[1:]) for row in connection.execute(_FROM_ATTEMPTS)}
        kept = {
            row[0]: tuple(row[1:])
            for row in connection.execute(f"SELECT scope, {_COLUMNS} FROM budget_totals")  # noqa: S608
        }
    finally:
        connection.execute("ROLLBACK")
    return tuple(sorted(s for s in summed.keys() | kept.keys() if summed.get(s) != kept.get(s)))
