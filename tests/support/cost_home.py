"""The doors for costs and kept results over real files, with a clock that stands."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.costs import SqliteCostBook
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.app.cost_queries import CostQueries
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import CachingSettings, CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, Settlement
from agentflow_desktop.llm.cache import CacheEntry
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import Billing, ModelProfile, ProviderKind
from support.money import hold, nothing_saved
from support.set_clock import SetClock


@dataclass
class CostHome:
    """What a screen about money stands on. ``spend`` writes one settled call now."""

    clock: SetClock
    database: Database
    ledger: SqliteLedger
    costs: CostQueries
    cache: SqliteCacheStore
    number: int = 0

    async def spend(
        self,
        usd: str | None,
        model: str = "dear",
        *,
        run_id: str = "run_1",
        served: str = "",
        kind: TaskKind = TaskKind.GENERAL,
        held_usd: str = "",
    ) -> None:
        self.number += 1
        attempt = f"att_{self.number}"
        asked = hold(attempt, held_usd or usd or "1", run_id=run_id, model=model, kind=kind)
        await self.ledger.reserve(asked)
        usage = Usage(1_000, 200, cached_input_tokens=100, thinking_tokens=50)
        cost = None if usd is None else Decimal(usd)
        end = Settlement(served or model, usage, cost, is_estimated=False, outcome="ok")
        await self.ledger.settle(attempt, end)

    async def reserve(self, usd: str, model: str = "dear") -> None:
        """A call that is still on its way."""
        self.number += 1
        await self.ledger.reserve(hold(f"att_{self.number}", usd, model=model))

    async def keep(self, key: str, usd: str = "0.25") -> None:
        """A kept result."""
        await self.cache.put(
            CacheEntry(
                key, "ask", f"Task {key}", "{}", self.clock.now(), Decimal(usd), 60.0, 900, ("a",)
            )
        )

    def next_day(self) -> None:
        self.clock.advance(timedelta(days=1))


@contextmanager
def open_cost_home(path: Path, **limits: object) -> Iterator[CostHome]:
    """Files below ``path``; the day is Monday, 23 November 2026, and the zone UTC."""
    clock, calendar = SetClock(), BudgetCalendar("UTC")
    database = Database(path / "a.db", clock=clock)
    settings = CostSettings.model_validate(limits)
    unbound = CostSettings(enabled=False)
    ledger = SqliteLedger(database, unbound, calendar, clock, nothing_saved)
    reader = SqliteLedger(database, settings, calendar, clock, nothing_saved)
    cache = SqliteCacheStore(database, path / "cache", CachingSettings(), calendar, clock)
    costs = CostQueries(
        ledger=reader,
        book=SqliteCostBook(database),
        calendar=calendar,
        clock=clock,
        limits=settings,
        profiles=(profile("dear"), profile("cheap")),
    )
    try:
        yield CostHome(clock, database, ledger, costs, cache)
    finally:
        cache.close()
        database.close()


def profile(name: str) -> ModelProfile:
    return ModelProfile(
        name=name,
        provider=ProviderKind.OPENAI_COMPATIBLE,
        model=name,
        base_url="http://127.0.0.1:9/v1",
        window_tokens=32_000,
        max_output_tokens=2_000,
        billing=Billing.METERED,
    )


async def keep_nothing(_changes: Mapping[str, str]) -> None:
    """Takes limits and forgets them."""


async def until_so(is_so) -> None:
    """Let the loop turn until it is so; the test's own time limit ends a wait in vain."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
