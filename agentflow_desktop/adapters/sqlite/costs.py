"""Summaries of what was spent and reserved, for people."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from agentflow_desktop.adapters.sqlite import totals
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.model_days import COLUMNS, OF_ATTEMPTS, SUMMED
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, Period, Spending
from agentflow_desktop.llm.costs import CostBar, CostGroup, CostLine, CostSums, Days

_ALL_MONTHS = (
    "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(spent_nusd), 0), COALESCE(SUM(reserved_nusd), 0),"
    " COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0)"
    " FROM budget_totals WHERE scope >= 'month:' AND scope < 'month;'"
)
_KEYS = {
    CostGroup.DAY: "day",
    CostGroup.WEEK: "date(day, '-6 days', 'weekday 1')",  # the Monday on or before
    CostGroup.MONTH: "substr(day, 1, 7) || '-01'",
    CostGroup.MODEL: "model",
    CostGroup.KIND: "task_kind",
}
_DEAREST_RUNS = (
    f"SELECT run_id, {OF_ATTEMPTS}, SUM(charged_nusd) AS charged FROM attempts"  # noqa: S608 (constants only)
    " WHERE day BETWEEN ? AND ? GROUP BY run_id ORDER BY charged DESC, run_id LIMIT ?"
)
_RUNS = (
    f"WITH dearest (run_id, {COLUMNS}, charged) AS ({_DEAREST_RUNS})"  # noqa: S608 (constants only)
    f" SELECT run_id, COALESCE(title, ''), '[]', {COLUMNS}"
    " FROM dearest LEFT JOIN runs USING (run_id) ORDER BY charged DESC, run_id"
)
_FIRST_DAY = "SELECT MIN(day) FROM model_days"
_NO_LIMIT = -1


class SqliteCostBook:
    """The CostBook over a Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(
        self, days: Days, group: CostGroup, at_most: int | None = None
    ) -> Sequence[CostLine]:
        """See ``llm.costs.CostBook``. A run's title is empty once it is not in history."""
        limit = _NO_LIMIT if at_most is None else at_most
        values = (days.first.isoformat(), days.last.isoformat(), limit)
        query = _RUNS if group is CostGroup.RUN else _lines_query(group)
        return await self._database.call(lambda c: [_line(row) for row in c.execute(query, values)])

    async def bars(self, days: Days, step: CostGroup) -> Sequence[CostBar]:
        """See ``llm.costs.CostBook``."""
        query = (
            f"SELECT {_KEYS[step]}, model, {SUMMED} FROM model_days"  # noqa: S608 (constants only)
            " WHERE day BETWEEN ? AND ? GROUP BY 1, 2 ORDER BY 1, 2"
        )
        values = (days.first.isoformat(), days.last.isoformat())
        return await self._database.call(lambda c: [_bar(row) for row in c.execute(query, values)])

    async def first_day(self) -> date | None:
        """See ``llm.costs.CostBook``."""
        row = await self._database.call(lambda c: c.execute(_FIRST_DAY).fetchone())
        return date.fromisoformat(row[0]) if row[0] is not None else None


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


def _lines_query(group: CostGroup) -> str:
    """Group, title, served models of a model as JSON, then the sums."""
    served = "json_group_array(DISTINCT served_model)" if group is CostGroup.MODEL else "'[]'"
    order = "1 DESC" if group.is_time else "SUM(spent_nusd + reserved_nusd) DESC, 1"
    return (
        f"SELECT {_KEYS[group]}, '', {served}, {SUMMED} FROM model_days"  # noqa: S608 (constants only)
        f" WHERE day BETWEEN ? AND ? GROUP BY 1 ORDER BY {order} LIMIT ?"
    )


def _line(row: Sequence[str | int]) -> CostLine:
    group, title, served, *sums = row
    names = cast(list[str], json.loads(str(served)))
    return CostLine(str(group), _sums(sums), str(title), tuple(sorted(filter(None, names))))


def _bar(row: Sequence[str | int]) -> CostBar:
    start, model, *sums = row
    return CostBar(date.fromisoformat(str(start)), str(model), _sums(sums))


def _sums(row: Sequence[str | int]) -> CostSums:
    calls, paid, unknown, estimated, spent, reserved, *tokens = map(int, row)
    return CostSums(
        calls, paid, unknown, estimated, from_nano_usd(spent), from_nano_usd(reserved), *tokens
    )


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
