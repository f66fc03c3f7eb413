"""A run's events in batches, so that a fast stream repaints the window 30 times a second."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from agentflow_desktop.core.events import RunEvent

BATCH_INTERVAL_S = 0.033


class EventSource(Protocol):
    def events(self) -> AsyncIterator[RunEvent]: ...


async def follow_events(
    source: EventSource,
    show: Callable[[Sequence[RunEvent]], None],
    interval_s: float = BATCH_INTERVAL_S,
) -> None:
    """Give every event of the run to ``show``, in order, in batches.

    The first event of a quiet time is shown at the next turn of the timer, the last ones as soon
    as the run has ended. Returns when the run has ended.
    """
    loop = asyncio.get_running_loop()
    waiting: list[RunEvent] = []
    timer: asyncio.TimerHandle | None = None

    def flush() -> None:
        nonlocal timer
        timer = None
        batch = tuple(waiting)
        waiting.clear()
        if batch:
            show(batch)

    try:
        async for event in source.events():
            waiting.append(event)
            if timer is None:
                timer = loop.call_later(interval_s, flush)
    finally:
        if timer is not None:
            timer.cancel()
    flush()
