"""What makes two questions the same, and what a kept answer must say of itself."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CachingSettings
from agentflow_desktop.llm.costs import CostGroup, Days, period_start


def cache_key(parts: Mapping[str, Any]) -> str:
    """SHA-256 in hex over everything that could change the answer, in canonical JSON.

    ``parts`` holds JSON-able values only; anything else raises TypeError, so that nothing is
    left out by a lossy text form.
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_worth_keeping(
    settings: CachingSettings, *, files: int, tokens: int, cost_usd: Decimal
) -> bool:
    """Whether a result is kept: it read enough files, or took enough tokens, or cost money."""
    return settings.enabled and (
        files >= settings.min_files_to_cache
        or tokens >= settings.min_tokens_to_cache
        or cost_usd > 0
    )


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A kept result: ``body`` is the result's JSON, ``kind`` its registered type.

    ``cost_usd`` and ``duration_s`` are what the original run took.
    """

    key: str
    kind: str
    title: str
    body: str
    stored_at: datetime
    cost_usd: Decimal
    duration_s: float
    tokens: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheLine:
    """An entry in a list, without its body."""

    key: str
    kind: str
    title: str
    stored_at: datetime
    cost_usd: Decimal
    byte_count: int
    hits: int
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Counts over the life of the cache, and what is kept now. ``oldest_at`` is None if empty."""

    entries: int
    byte_count: int
    hits: int
    misses: int
    stale: int
    saved_usd: Decimal
    saved_s: float
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class CacheUse:
    """How a day's questions fared: found fresh, not found, or found too old. What hits saved is
    what the original runs took."""

    day: date
    hits: int
    misses: int
    stale: int
    saved_usd: Decimal
    saved_s: float


@dataclass(frozen=True, slots=True)
class RemovedEntry:
    """An entry that was taken out, whole, so that it can be put back."""

    entry: CacheEntry
    hits: int


class KeptResults(Protocol):
    """What a person may see of kept results, and do with them."""

    async def lines(self) -> Sequence[CacheLine]:
        """Newest first."""
        ...

    async def stats(self) -> CacheStats: ...

    async def uses(self, days: Days) -> Sequence[CacheUse]:
        """The days on which the cache was asked, oldest first."""
        ...

    async def remove(self, key: str) -> RemovedEntry | None:
        """Take one entry out, and give it; None if there is none under this key."""
        ...

    async def put_back(self, removed: RemovedEntry) -> None:
        """Undo ``remove``. An entry that was kept meanwhile stays."""
        ...

    async def invalidate(self, key_prefix: str) -> int:
        """Remove entries whose key starts so; gives how many. Raises InputRefused if empty."""
        ...

    async def clear_old(self) -> int:
        """Remove entries past ``max_age_hours``; gives how many."""
        ...

    async def clear(self) -> int: ...


class CacheStore(KeptResults, Protocol):
    """Keeps results. ``get`` counts a hit, a miss or a stale entry."""

    async def get(self, key: str) -> CacheEntry | None:
        """The fresh entry under this key."""
        ...

    async def peek(self, key: str) -> CacheEntry | None:
        """As ``get``, but counts nothing: for a plan that may never be run."""
        ...

    async def put(self, entry: CacheEntry) -> None: ...


def uses_by(uses: Iterable[CacheUse], step: CostGroup) -> Sequence[CacheUse]:
    """The uses summed by day, week or month, oldest first; ``day`` is the period's first."""
    periods: dict[date, CacheUse] = {}
    for use in uses:
        start = period_start(use.day, step)
        before = periods.get(start, CacheUse(start, 0, 0, 0, ZERO_USD, 0.0))
        periods[start] = CacheUse(
            start,
            before.hits + use.hits,
            before.misses + use.misses,
            before.stale + use.stale,
            before.saved_usd + use.saved_usd,
            before.saved_s + use.saved_s,
        )
    return tuple(periods[start] for start in sorted(periods))
