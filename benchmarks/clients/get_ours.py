"""Microseconds per warmed ``get`` of 4 KB from our cache's file."""

import json
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from get_loop import BODY, KEYS, microseconds_per_get

from agentflow_desktop.adapters.sqlite.cache_file import CacheFile
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.llm.budget import BudgetCalendar
from agentflow_desktop.llm.cache import CacheEntry

clock = SystemClock()


def length(store: CacheFile, key: str) -> int:
    entry = store.get(key)
    assert entry is not None
    return len(entry.body)


with tempfile.TemporaryDirectory() as folder:
    store = CacheFile(Path(folder) / "cache.db", timedelta(hours=24), BudgetCalendar("UTC"), clock)
    for key in KEYS:
        store.put(
            CacheEntry(
                key=key,
                kind="ask",
                title="What limits the charge current?",
                body=BODY,
                stored_at=clock.now(),
                cost_usd=Decimal("0.0123"),
                duration_s=4.2,
                tokens=1160,
                files=("pack-datasheet.md", "cell-datasheet.pdf", "bench-notes.txt"),
            )
        )
    print(json.dumps({"us": microseconds_per_get(lambda key: length(store, key))}))
    store.close()
