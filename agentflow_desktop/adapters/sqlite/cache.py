"""The cache of results behind its protocol: the file's work done off the loop."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from agentflow_desktop.adapters.sqlite.cache_file import FILE_NAME, CacheFile
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.settings import CachingSettings
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.cache import (
    CacheEntry,
    CacheLine,
    CacheStats,
    CacheUse,
    RemovedEntry,
)
from agentflow_desktop.llm.costs import Days


class SqliteCacheStore:
    """The CacheStore over a file in ``directory``, its work done on the database's thread.

    Switched off, it keeps and finds nothing and counts nothing, but can still be listed and
    cleared. ``file`` is the same store for code that may block.
    """

    def __init__(
        self,
        database: Database,
        directory: Path,
        settings: CachingSettings,
        calendar: BudgetCalendar,
        clock: Clock,
    ) -> None:
        max_age = timedelta(hours=settings.max_age_hours)
        self.file = CacheFile(directory / FILE_NAME, max_age, calendar, clock)
        self._database = database
        self._is_enabled = settings.enabled

    async def get(self, key: str) -> CacheEntry | None:
        if not self._is_enabled:
            return None
        return await self._database.call(lambda _: self.file.get(key))

    async def peek(self, key: str) -> CacheEntry | None:
        if not self._is_enabled:
            return None
        return await self._database.call(lambda _: self.file.peek(key))

    async def put(self, entry: CacheEntry) -> None:
        if self._is_enabled:
            await self._database.call(lambda _: self.file.put(entry))

    async def lines(self) -> Sequence[CacheLine]:
        return await self._database.call(lambda _: self.file.lines())

    async def stats(self) -> CacheStats:
        return await self._database.call(lambda _: self.file.stats())

    async def saved_usd(self) -> Decimal:
        """Dollars that hits have saved, for the ledger's summary."""
        return await self._database.call(lambda _: self.file.saved_usd())

    async def uses(self, days: Days) -> Sequence[CacheUse]:
        return await self._database.call(lambda _: self.file.uses(days))

    async def remove(self, key: str) -> RemovedEntry | None:
        return await self._database.call(lambda _: self.file.take_out(key))

    async def put_back(self, removed: RemovedEntry) -> None:
        await self._database.call(lambda _: self.file.put_back(removed))

    async def invalidate(self, key_prefix: str) -> int:
        if not key_prefix.strip():
            raise InputRefused(
                "Which entry is to be removed? The key is empty.",
                hint='"agentflow cache list" shows the keys; "agentflow cache clear" removes all.',
            )
        return await self._database.call(lambda _: self.file.remove_starting_with(key_prefix))

    async def clear_old(self) -> int:
        return await self._database.call(lambda _: self.file.remove_old())

    async def clear(self) -> int:
        return await self._database.call(lambda _: self.file.remove_all())

    def close(self) -> None:
        """Write what was counted. Before the database is closed."""
        self.file.close()
