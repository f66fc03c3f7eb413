"""Kept results: found while fresh, counted, listed, removed, and lost without harm."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.cache import SqliteCacheStore
from agentflow_desktop.adapters.sqlite.cache_file import FILE_NAME
from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.settings import CachingSettings
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.cache import CacheEntry, uses_by
from agentflow_desktop.llm.costs import CostGroup, Days
from support.child_scripts import child_script
from support.log_watch import LogWatch
from support.set_clock import SetClock

CALENDAR = BudgetCalendar("UTC")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def database(tmp_path: Path, clock: SetClock) -> Iterator[Database]:
    made = Database(tmp_path / "a.db", clock=clock)
    yield made
    made.close()


@pytest.fixture
def store(database: Database, clock: SetClock) -> Iterator[SqliteCacheStore]:
    made = SqliteCacheStore(
        database, database.path.parent, CachingSettings(max_age_hours=24), CALENDAR, clock
    )
    yield made
    made.close()


def entry(key: str, clock: SetClock, *, body: str = '{"text": "größer"}') -> CacheEntry:
    return CacheEntry(
        key=key,
        kind="ask",
        title="What limits it?",
        body=body,
        stored_at=clock.now(),
        cost_usd=Decimal("0.000000123"),
        duration_s=2.5,
        tokens=900,
        files=("a.md", "folder/ü.pdf"),
    )


async def test_a_kept_result_comes_back_as_it_was(store: SqliteCacheStore, clock: SetClock) -> None:
    kept = entry("ab12", clock)
    await store.put(kept)
    assert await store.get("ab12") == kept
    assert await store.get("ab13") is None


async def test_a_result_is_stale_after_its_age_and_counts_apart(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    await store.put(entry("ab12", clock))
    clock.advance(timedelta(hours=24))
    assert await store.get("ab12") is not None
    clock.advance(timedelta(microseconds=1))
    assert await store.get("ab12") is None
    assert await store.get("none") is None
    stats = await store.stats()
    assert (stats.hits, stats.misses, stats.stale, stats.entries) == (1, 1, 1, 1)
    assert (stats.saved_usd, stats.saved_s) == (Decimal("0.000000123"), 2.5)
    assert [line.is_fresh for line in await store.lines()] == [False]


async def test_a_result_is_replaced_under_its_key(store: SqliteCacheStore, clock: SetClock) -> None:
    await store.put(entry("ab12", clock))
    await store.put(entry("ab12", clock, body='"newer"'))
    found = await store.get("ab12")
    assert found is not None
    assert found.body == '"newer"'
    assert (await store.stats()).byte_count == len('"newer"')


async def test_entries_are_listed_newest_first_with_their_hits(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    await store.put(entry("old", clock))
    clock.advance(timedelta(hours=1))
    await store.put(entry("new", clock))
    for _ in range(3):
        await store.get("old")
    lines = await store.lines()
    assert [(line.key, line.hits) for line in lines] == [("new", 0), ("old", 3)]
    assert lines[0].byte_count == len('{"text": "größer"}'.encode())


async def test_entries_are_removed_by_the_start_of_their_key(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    for key in ("aa1", "aa2", "ab1"):
        await store.put(entry(key, clock))
    assert await store.invalidate("AA") == 2
    assert [line.key for line in await store.lines()] == ["ab1"]
    for empty in ("", "  "):
        with pytest.raises(InputRefused):
            await store.invalidate(empty)
    assert await store.invalidate("_") == 0


async def test_clearing_removes_old_entries_or_all_but_never_the_counts(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    await store.put(entry("old", clock))
    await store.get("old")
    clock.advance(timedelta(hours=25))
    await store.put(entry("new", clock))
    assert await store.clear_old() == 1
    assert await store.clear() == 1
    stats = await store.stats()
    assert (stats.entries, stats.byte_count, stats.hits) == (0, 0, 1)


async def test_switched_off_it_keeps_finds_and_counts_nothing(
    database: Database, clock: SetClock
) -> None:
    on = SqliteCacheStore(database, database.path.parent, CachingSettings(), CALENDAR, clock)
    await on.put(entry("ab12", clock))
    on.close()
    off = SqliteCacheStore(
        database, database.path.parent, CachingSettings(enabled=False), CALENDAR, clock
    )
    assert await off.get("ab12") is None
    await off.put(entry("cd34", clock))
    stats = await off.stats()
    assert (stats.entries, stats.hits, stats.misses) == (1, 0, 0)
    off.close()


async def test_the_file_lies_in_the_directory_that_was_chosen(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    store = SqliteCacheStore(database, elsewhere, CachingSettings(), CALENDAR, clock)
    await store.put(entry("ab12", clock))
    store.close()
    assert [path.name for path in elsewhere.iterdir()] == [FILE_NAME]


async def test_hits_are_counted_in_batches_and_none_is_lost_at_the_end(
    database: Database, clock: SetClock
) -> None:
    store = SqliteCacheStore(database, database.path.parent, CachingSettings(), CALENDAR, clock)
    await store.put(entry("ab12", clock))
    for _ in range(130):
        store.file.get("ab12")
    store.close()
    again = SqliteCacheStore(database, database.path.parent, CachingSettings(), CALENDAR, clock)
    assert (await again.stats()).hits == 130
    assert (await again.lines())[0].hits == 130
    again.close()


@pytest.mark.allow_log_warnings
@pytest.mark.parametrize("how", ["no database", "broken pages"])
async def test_a_damaged_cache_is_set_aside_and_begun_anew(
    store: SqliteCacheStore, clock: SetClock, logs: LogWatch, how: str
) -> None:
    for number in range(20):
        await store.put(entry(f"key{number}", clock, body="x" * 4000))
    store.close()
    path = store.file.path
    if how == "no database":
        path.write_bytes(b"junk" * 5000)
    else:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(path.stat().st_size - 4096))
    assert await store.get("key1") is None
    await store.put(entry("key1", clock))
    assert await store.get("key1") is not None
    assert logs.expect("damaged_cache_set_aside").fields["path"] == str(path)
    assert len(list(path.parent.glob(f"{FILE_NAME}.damaged-*"))) >= 1


async def test_two_processes_share_one_cache(store: SqliteCacheStore, clock: SetClock) -> None:
    options = {"path": str(store.file.path), "now": clock.now().isoformat()}
    with (
        child_script("cache_process", "put", key="one", **options) as first,
        child_script("cache_process", "put", key="two", **options) as second,
    ):
        assert first.hear() == second.hear() == {"ready": True}
        first.go_on()
        second.go_on()
        assert (first.end(), second.end()) == (0, 0)
    assert await store.get("one") is not None
    assert await store.get("two") is not None


async def test_uses_are_counted_by_day_and_outlive_the_entries(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    await store.put(entry("ab12", clock))
    for key in ("ab12", "ab12", "none"):
        await store.get(key)
    clock.advance(timedelta(days=2))
    await store.get("ab12")
    await store.clear()
    first, last = await store.uses(Days(date(2026, 11, 1), date(2026, 11, 30)))
    assert (first.day, first.hits, first.misses, first.stale) == (date(2026, 11, 23), 2, 1, 0)
    assert (first.saved_usd, first.saved_s) == (Decimal("0.000000246"), 5.0)
    assert (last.day, last.hits, last.misses, last.stale) == (date(2026, 11, 25), 0, 0, 1)
    assert await store.uses(Days(date(2026, 11, 24), date(2026, 11, 24))) == []
    (month,) = uses_by((first, last), CostGroup.MONTH)
    assert (month.day, month.hits, month.stale) == (date(2026, 11, 1), 2, 1)


async def test_a_removed_entry_can_be_put_back_as_it_was(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    kept = entry("ab12", clock)
    await store.put(kept)
    await store.get("ab12")
    before = await store.lines()
    removed = await store.remove("ab12")
    assert removed is not None
    assert (removed.entry, removed.hits, await store.lines()) == (kept, 1, [])
    await store.put_back(removed)
    assert await store.lines() == before
    assert (await store.stats()).oldest_at == kept.stored_at
    assert await store.remove("ab1") is None  # only the whole key names an entry


async def test_putting_back_leaves_what_was_kept_meanwhile(
    store: SqliteCacheStore, clock: SetClock
) -> None:
    await store.put(entry("ab12", clock))
    removed = await store.remove("ab12")
    assert removed is not None
    await store.put(entry("ab12", clock, body='"newer"'))
    await store.put_back(removed)
    found = await store.peek("ab12")
    assert found is not None
    assert found.body == '"newer"'
