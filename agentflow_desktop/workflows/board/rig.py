"""Brings simulated packs to where a measurement begins, each one new: nothing of one measurement
is left in the next."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agentflow_desktop.hardware.telemetry.names_table import SimFault
from agentflow_desktop.workflows.board.bench import PackBench
from agentflow_desktop.workflows.board.model import ProtectedBy
from agentflow_desktop.workflows.board.pack_link import PackValues, SimulatedPacks

# The front end opens when its host is silent. Where its own limits are to be seen without the host,
# that has to wait.
_LONG_WATCHDOG = {"afe_watchdog_ms": (65_000,)}


class Rig:
    """``design`` is what is expected, ``built`` what the firmware under test is made with.

    Counts the packs that it switched on and the time that passed in them.
    """

    def __init__(self, packs: SimulatedPacks, design: PackValues, built: PackValues) -> None:
        self.design = design
        self.built = built
        self.packs = 0
        self.simulated_us = 0
        self._source = packs

    @asynccontextmanager
    async def idle(self, values: PackValues | None = None) -> AsyncGenerator[PackBench]:
        """A pack that is configured and open. Raises NotReady."""
        async with self.just_switched_on(values) as bench:
            await bench.become_idle()
            yield bench

    @asynccontextmanager
    async def just_switched_on(self, values: PackValues | None = None) -> AsyncGenerator[PackBench]:
        """A pack that has not begun to do anything."""
        built = self.built if values is None else values
        async with self._source.switched_on(built) as link:
            bench = PackBench(link, built)
            await bench.prepare()
            try:
                yield bench
            finally:
                self.packs += 1
                self.simulated_us += bench.time_us

    @asynccontextmanager
    async def closed(self, path: ProtectedBy) -> AsyncGenerator[PackBench]:
        """A pack that is closed, with nobody but ``path`` left to open it. Raises NotReady."""
        is_alone = path is ProtectedBy.FRONT_END
        values = {**self.built, **_LONG_WATCHDOG} if is_alone else self.built
        async with self.idle(values) as bench:
            await bench.close()
            if path is ProtectedBy.HOST:
                await bench.inject(SimFault.AFE_BLIND)
            elif is_alone:
                await bench.inject(SimFault.WATCHDOG_OFF)
                await bench.inject(SimFault.HOST_HANG)
            yield bench
