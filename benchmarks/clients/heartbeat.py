"""How long the loop let a task wait that only wants to be run again at once."""

import asyncio
import time


class Heartbeat:
    """Beats every few milliseconds; ``longest_ms`` is the longest time that it came too late."""

    def __init__(self, every_s: float = 0.002) -> None:
        self._every_s = every_s
        self.longest_ms = 0.0
        self.late_ms: list[float] = []

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(self._every_s)
            late_ms = (time.perf_counter() - before - self._every_s) * 1000
            self.late_ms.append(late_ms)
            self.longest_ms = max(self.longest_ms, late_ms)
