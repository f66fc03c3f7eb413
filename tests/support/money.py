"""Ledgers on real files, and short ways to write holds and settlements."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.core.clock import Clock, SystemClock
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, Hold, Settlement
from agentflow_desktop.llm.messages import Usage


async def nothing_saved() -> Decimal:
    """What the cache saved in tests that have no cache."""
    return Decimal(0)


@contextmanager
def open_ledger(
    path: Path, *, clock: Clock | None = None, timezone: str = "UTC", **limits: Any
) -> Iterator[tuple[SqliteLedger, Database]]:
    """A ledger over a database at ``path`` with these limits, the rest as shipped."""
    used = clock or SystemClock()
    database = Database(path, clock=used)
    calendar = BudgetCalendar(timezone)
    try:
        yield (
            SqliteLedger(database, CostSettings(**limits), calendar, used, nothing_saved),
            database,
        )
    finally:
        database.close()


def hold(
    attempt_id: str,
    usd: str,
    *,
    run_id: str = "run_1",
    tokens: int = 10,
    model: str = "paid",
    kind: TaskKind = TaskKind.GENERAL,
) -> Hold:
    return Hold(
        attempt_id=attempt_id,
        run_id=run_id,
        job_kind="ask",
        task_kind=kind,
        model=model,
        at_most_usd=Decimal(usd),
        max_tokens=tokens,
    )


def settled(usd: str | None, *, outcome: str = "ok") -> Settlement:
    return Settlement(
        served_model="paid-0611",
        usage=Usage(input_tokens=4, output_tokens=3),
        cost_usd=None if usd is None else Decimal(usd),
        is_estimated=False,
        outcome=outcome,
    )
