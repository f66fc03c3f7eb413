"""Summaries of what was spent and reserved, for people."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import peewee

from agentflow_desktop.adapters.sqlite import totals
from agentflow_desktop.adapters.sqlite.models import Attempt, BudgetTotal
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, CostRow, Period, Spending

_DAY = "day:"
_AFTER_DAY = "day;"  # the text that follows every "day:..." in byte order
_ALL_MONTHS = (
    "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(spent_nusd), 0), COALESCE(SUM(reserved_nusd), 0),"
    " COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0)"
    " FROM budget_totals WHERE scope >= 'month:' AND scope < 'month;'"
)


def spending(
    connection: sqlite3.Connection,
    limits: CostSettings,
    calendar: BudgetCalendar,
    now: datetime,
    saved_by_cache_usd: Decimal,
) -> Spending:
    """Today, this month and all time beside the limits."""
    day = calendar.day(now).isoformat()
    return Spending(
        today=_of_scope(connection, totals.day_scope(day)),
        month=_of_scope(connection, totals.month_scope(day)),
        total=_period(connection.execute(_ALL_MONTHS).fetchone()),
        daily_limit_usd=limits.daily_limit,
        monthly_limit_usd=limits.monthly_limit,
        resets_day_at=calendar.day_end(now),
        resets_month_at=calendar.month_end(now),
        saved_by_cache_usd=saved_by_cache_usd,
    )


def costs_by(orm: peewee.SqliteDatabase, group: str) -> Sequence[CostRow]:
    """Rows by ``day`` (newest first), ``model`` or ``kind`` (dearest first)."""
    if group == "day":
        return _by_day(orm)
    columns = {"model": Attempt.model, "kind": Attempt.task_kind}
    if group not in columns:
        raise InputRefused(
            f"Costs can't be grouped by {group!r}.", hint="Choose day, model or kind."
        )
    return _by_column(orm, columns[group])


def _by_day(orm: peewee.SqliteDatabase) -> Sequence[CostRow]:
    t = cast(Any, BudgetTotal)
    query = (
        t.select(t.scope, t.calls, t.spent_nusd, t.reserved_nusd, t.input_tokens, t.output_tokens)
        .where((t.scope >= _DAY) & (t.scope < _AFTER_DAY))
        .order_by(t.scope.desc())
        .tuples()
        .bind(orm)
    )
    return [CostRow(str(row[0]).removeprefix(_DAY), _period(row[1:])) for row in query]


def _by_column(orm: peewee.SqliteDatabase, column: Any) -> Sequence[CostRow]:
    a = cast(Any, Attempt)
    total = cast(Any, peewee.fn).SUM
    is_held = a.state == "held"
    spent = total(peewee.Case(None, [(is_held, 0)], a.charged_nusd))
    query = (
        a.select(
            column,
            total(peewee.Case(None, [(is_held, 0)], 1)),
            spent,
            total(peewee.Case(None, [(is_held, a.held_nusd)], 0)),
            total(a.input_tokens),
            total(a.output_tokens),
        )
        .group_by(column)
        .order_by(spent.desc(), column)
        .tuples()
        .bind(orm)
    )
    return [CostRow(str(row[0]), _period(row[1:])) for row in query]


def _of_scope(connection: sqlite3.Connection, scope: str) -> Period:
    sums = totals.read(connection, scope)
    return _period(
        (
            sums.calls, sums.spent_nusd, sums.reserved_nusd, sums.input_tokens, sums.output_tokens,
        )
    )  # fmt: skip


def _period(row: Sequence[int]) -> Period:
    """From calls, spent, reserved, input and output tokens."""
    calls, spent, reserved, input_tokens, output_tokens = row
    return Period(
        calls=calls,
        spent_usd=from_nano_usd(spent),
        reserved_usd=from_nano_usd(reserved),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
    )
