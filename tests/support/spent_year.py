"""A year of spending written through the real ledger, and a month of questions to the cache."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.adapters.sqlite.runs import SqliteRunStore
from agentflow_desktop.app.jobs import event_codec
from agentflow_desktop.core.events import RunStarted
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import CachingSettings, CostSettings
from agentflow_desktop.llm.budget import BudgetCalendar, Hold, Settlement
from agentflow_desktop.llm.cache import CacheEntry
from agentflow_desktop.llm.messages import Usage
from support.money import nothing_saved
from support.set_clock import SetClock

MODELS = (
    ("gemini-3.1-pro-preview", "0.1068", 9_800),
    ("gemini-3.8-flash", "0.0242", 10_500),
    ("gemini-2.5-flash", "0.0119", 8_100),
    ("openrouter/qwen3-235b", "0.0341", 10_900),
    ("agentflow-planner-7b", "0", 3_900),
    ("gemini-2.5-pro", "0.0374", 13_700),
)
TASKS = (
    "What limits the charge current of this pack at room temperature?",
    "Compare the two permit notices for the bridge at km 14",
    "Which log lines precede the brown-out on bench 3?",
    "Review the order router for races",
    "Summarise the changes between the two data sheets",
)


class SpentYear:
    """Days of calls up to a moment. ``calls_a_day`` on weekdays, a third of it on weekends."""

    def __init__(self, home: Path, now: datetime, days: int = 365, calls_a_day: int = 40) -> None:
        self._clock = SetClock(now - timedelta(days=days))
        self._now, self._calls_a_day = now, calls_a_day
        self._chance = random.Random(7)
        (home / "data").mkdir(parents=True, exist_ok=True)
        calendar = BudgetCalendar("UTC")
        self._database = Database(home / "data" / "agentflow.db", clock=self._clock)
        limits = CostSettings(enabled=False)
        self._ledger = SqliteLedger(self._database, limits, calendar, self._clock, nothing_saved)
        self._runs = SqliteRunStore(self._database, event_codec(), self._clock)
        self._cache = SqliteCacheStore(
            self._database,
            home / "cache",
            CachingSettings(max_age_hours=24 * 21),
            calendar,
            self._clock,
        )
        self._number = 0

    def write(self) -> None:
        """Write every day, then close the files."""
        asyncio.run(self._write())
        self._cache.close()
        self._database.close()

    async def _write(self) -> None:
        while self._clock.now() < self._now:
            await self._write_day()
            self._clock.advance(timedelta(days=1))
        self._clock.advance(self._now - self._clock.now())
        await self._ledger.reserve(self._hold("gemini-3.1-pro-preview", "run_held", "0.18"))

    async def _write_day(self) -> None:
        is_weekend = self._clock.now().weekday() >= 5
        count = self._calls_a_day // (3 if is_weekend else 1)
        count = self._chance.randint(count * 2 // 3, count * 4 // 3)
        for _ in range(max(1, count // 5)):
            run_id = f"run_{self._number:026}"
            await self._runs.append(
                RunStarted(
                    run_id=run_id,
                    at=self._clock.now(),
                    kind="ask",
                    title=self._chance.choice(TASKS),
                )
            )
            await asyncio.gather(*(self._call(run_id) for _ in range(5)))
        for _ in range(count // 2):
            await self._ask_cache()

    async def _call(self, run_id: str) -> None:
        weights = (10, 16, 17, 5, 50, 0.1)
        name, dollars, tokens = self._chance.choices(MODELS, weights)[0]
        hold = self._hold(name, run_id, "1" if dollars != "0" else "0")
        await self._ledger.reserve(hold)
        size = tokens * self._chance.randint(60, 140) // 100
        served = "gemini-3.1-pro-preview" if name == "gemini-2.5-pro" else name
        cost = Decimal(dollars) * self._chance.randint(60, 140) / 100
        usage = Usage(size, size // 8, cached_input_tokens=size // 4, thinking_tokens=size // 14)
        await self._ledger.settle(hold.attempt_id, Settlement(served, usage, cost, False, "ok"))

    def _hold(self, model: str, run_id: str, usd: str) -> Hold:
        self._number += 1
        kind = self._chance.choice(tuple(TaskKind))
        return Hold(f"att_{self._number:026}", run_id, "ask", kind, model, Decimal(usd), 20_000)

    async def _ask_cache(self) -> None:
        key = f"{self._chance.randint(0, 900):064x}"
        if await self._cache.get(key) is not None:
            return
        title = self._chance.choice(TASKS)
        await self._cache.put(
            CacheEntry(
                key, "ask", title, "x" * self._chance.randint(4_000, 90_000), self._clock.now(),
                Decimal("0.0329"), 21.4, 4_000, ("a.md",),
            )
        )  # fmt: skip


def write_spent_year(home: Path, now: datetime | None = None) -> None:
    """A home as a person has it after a year."""
    SpentYear(home, now or datetime.now(UTC)).write()
