"""Who owns what runs beside the window: every task has a scope, every failure is reported."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

OnBug = Callable[[BaseException], None]


class TaskScope:
    """Owns the tasks of one screen or window.

    Holds them strongly until they end; what a task raises goes to ``on_bug``. ``close`` cancels
    what is left and waits for it.
    """

    def __init__(self, on_bug: OnBug) -> None:
        self._on_bug = on_bug
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin the work on the running loop. Raises RuntimeError once the scope is closed."""
        if self._is_closed:
            work.close()
            raise RuntimeError("the scope is closed")
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        return task

    @property
    def count(self) -> int:
        return len(self._tasks)

    async def close(self) -> None:
        """Cancel every task and wait until the last has ended."""
        self._is_closed = True
        while self._tasks:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def _settle(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_bug(error)
