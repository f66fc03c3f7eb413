"""Work that must be finished even if the one who waits for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finish_despite_cancel(work: Coroutine[Any, Any, object]) -> None:
    """Wait until the work is done, however often the waiting task is cancelled meanwhile; a
    cancellation that came is raised afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
