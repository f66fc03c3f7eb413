"""The door for jobs: start a request, follow its events, cancel it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from structlog import get_logger

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    is_stored,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.runs import Job, RunContext, RunStore

_log = get_logger(__name__)


class CostOfRun(Protocol):
    """The part of the ledger that a run's end needs."""

    async def run_cost(self, run_id: str) -> Decimal: ...


class RunHandle:
    """A run that was started. Any number of readers may follow its events from the first."""

    def __init__(self, run_id: str, kind: str, title: str) -> None:
        self.run_id = run_id
        self.kind = kind
        self.title = title
        self._events: list[RunEvent] = []
        self._grown = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def events(self) -> AsyncIterator[RunEvent]:
        """Every event from the first to the RunEnded, which is the last."""
        at = 0
        while True:
            while at < len(self._events):
                event = self._events[at]
                at += 1
                yield event
                if isinstance(event, RunEnded):
                    return
            grown = self._grown
            await grown.wait()

    async def wait(self) -> RunEnded:
        """The event that ended the run."""
        async for event in self.events():
            if isinstance(event, RunEnded):
                return event
        raise AssertionError("a run's events end with a RunEnded")

    def cancel(self) -> None:
        """Ask the run to stop. Its ledger is settled before RunCancelled comes."""
        if self._task is not None:
            self._task.cancel()

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def _publish(self, event: RunEvent) -> None:
        self._events.append(event)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()


class RunManager:
    """Starts runs of registered jobs and keeps them until they end."""

    def __init__(
        self,
        jobs: Mapping[type, Job[Any]],
        store: RunStore,
        costs: CostOfRun,
        clock: Clock,
        max_concurrent: int,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._costs = costs
        self._clock = clock
        self._places = asyncio.Semaphore(max_concurrent)
        self._running: dict[str, RunHandle] = {}

    @property
    def running(self) -> tuple[RunHandle, ...]:
        return tuple(self._running.values())

    def start(self, request: object) -> RunHandle:
        """Begin the job that is registered for the request's type."""
        job = self._jobs[type(request)]
        handle = RunHandle(new_id("run"), job.kind, job.title(request))
        self._running[handle.run_id] = handle
        handle._task = asyncio.create_task(self._run(job, request, handle))  # noqa: SLF001
        return handle

    async def close(self) -> None:
        """Cancel what runs and wait until its ledger is settled."""
        tasks = [h._task for h in self.running if h._task is not None]  # noqa: SLF001
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
