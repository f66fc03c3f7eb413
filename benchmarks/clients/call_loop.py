"""Makes calls, 32 at a time, and prints the CPU that each took. Knows no library."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

CONCURRENCY = 32
WARM_UP = 96
CALLS = 320
REPLY_CHARACTERS = 1204
PROMPT = "What limits the charge current? " + "The cell takes 2400 mA at most. " * 110


async def measure(call: Callable[[], Awaitable[str]]) -> None:
    """Print CPU milliseconds per call (user and system, all threads) and calls per second."""
    await _make(WARM_UP, call)
    cpu, wall = time.process_time(), time.perf_counter()
    await _make(CALLS, call)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu_ms": cpu / CALLS * 1000, "calls_per_s": CALLS / wall}))


async def _make(calls: int, call: Callable[[], Awaitable[str]]) -> None:
    left = iter(range(calls))

    async def keep_calling() -> None:
        for _ in left:
            text = await call()
            assert len(text) == REPLY_CHARACTERS, len(text)

    await asyncio.gather(*(keep_calling() for _ in range(CONCURRENCY)))
