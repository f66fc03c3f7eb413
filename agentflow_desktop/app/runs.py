"""The door for jobs: start a request, follow its events, cancel it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from structlog import get_logger
from structlog.contextvars import bind_contextvars

from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError, StorageError
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepStarted,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
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
        self.task: asyncio.Task[None] | None = None
        self.ended: RunEnded | None = None
        self.bug: Exception | None = None  # what was raised if the run ended by a bug
        self._events: list[RunEvent] = []
        self._grown = asyncio.Event()

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
        if self.task is not None:
            self.task.cancel()

    @property
    def step_title(self) -> str:
        """The step that began last, empty before the first."""
        started = (e for e in reversed(self._events) if isinstance(e, StepStarted))
        return next((event.title for event in started), "")

    @property
    def is_running(self) -> bool:
        return self.task is not None and not self.task.done()

    def publish(self, event: RunEvent) -> None:
        """Give an event to everyone who follows. Called by the RunManager only."""
        if isinstance(event, RunEnded):
            self.ended = event
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

    async def until_idle(self) -> None:
        """Wait until no run goes on."""
        while tasks := [handle.task for handle in self.running if handle.task is not None]:
            await asyncio.wait(tasks)

    def start(self, request: object) -> RunHandle:
        """Begin the job that is registered for the request's type."""
        job = self._jobs[type(request)]
        handle = RunHandle(new_id("run"), job.kind, job.title(request))
        self._running[handle.run_id] = handle
        handle.task = asyncio.create_task(self._run(job, request, handle), name=handle.run_id)
        handle.task.add_done_callback(lambda _: self._forget(handle))
        return handle

    async def close(self) -> None:
        """Cancel what runs and wait until its ledger is settled."""
        tasks = [handle.task for handle in self.running if handle.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job[Any], request: object, handle: RunHandle) -> None:
        bind_contextvars(run_id=handle.run_id)  # in this task's own context
        started_s = self._clock.monotonic_s()

        async def emit(event: RunEvent) -> None:
            _log.debug("run_event", type=event.type)
            await self._store.append(event)
            handle.publish(event)

        try:
            await emit(
                RunStarted(
                    run_id=handle.run_id,
                    at=self._clock.now(),
                    kind=handle.kind,
                    title=handle.title,
                )
            )
            async with self._places:
                result = await job.run(
                    request, RunContext(handle.run_id, emit, handle.publish, self._clock)
                )
        except asyncio.CancelledError:
            await self._finish(handle, started_s, _cancelled)
            raise
        except AgentFlowError as error:
            _log.info("run_failed", run_id=handle.run_id, error=str(error), detail=error.detail)
            await self._finish(handle, started_s, _failed(error))
        except Exception as error:  # noqa: BLE001
            # A bug: the face writes the crash report, history keeps that it happened.
            handle.bug = error
            await self._finish(handle, started_s, _crashed(error))
        else:
            await self._finish(handle, started_s, _succeeded(result))

    async def _finish(self, handle: RunHandle, started_s: float, end: "_End") -> None:
        """End the run once and for all: a cancellation that comes now changes nothing."""
        await finish_despite_cancel(self._keep_end(handle, started_s, end))

    async def _keep_end(self, handle: RunHandle, started_s: float, end: "_End") -> None:
        """Store and publish the event that ends the run; published even if storing fails."""
        cost_usd = ZERO_USD
        try:
            cost_usd = await self._costs.run_cost(handle.run_id)
        except StorageError as error:
            _log.error("run_cost_unknown", run_id=handle.run_id, detail=error.detail)
        event = end(handle, self._clock.now(), cost_usd, self._clock.monotonic_s() - started_s)
        _log.info("run_ended", type=event.type, cost_usd=cost_usd, seconds=event.duration_s)
        try:
            await self._store.append(event)
        except StorageError as error:
            _log.error("run_end_not_stored", run_id=handle.run_id, detail=error.detail)
        handle.publish(event)

    def _forget(self, handle: RunHandle) -> None:
        """Let go of a run that is done; one cancelled before its first step ends here."""
        self._running.pop(handle.run_id, None)
        if handle.ended is None:
            handle.publish(_cancelled(handle, self._clock.now(), ZERO_USD, 0.0))


_End = Callable[[RunHandle, datetime, Decimal, float], RunEnded]


def _cancelled(handle: RunHandle, at: datetime, cost_usd: Decimal, duration_s: float) -> RunEnded:
    return RunCancelled(run_id=handle.run_id, at=at, cost_usd=cost_usd, duration_s=duration_s)


def _succeeded(result: Any) -> _End:
    return lambda handle, at, cost_usd, duration_s: RunSucceeded(
        run_id=handle.run_id,
        at=at,
        kind=handle.kind,
        result=result,
        cost_usd=cost_usd,
        duration_s=duration_s,
    )


def _failed(error: AgentFlowError) -> _End:
    return lambda handle, at, cost_usd, duration_s: RunFailed(
        run_id=handle.run_id,
        at=at,
        error=type(error).__name__,
        message=error.message,
        hint=error.hint,
        cost_usd=cost_usd,
        duration_s=duration_s,
    )


def _crashed(error: Exception) -> _End:
    return lambda handle, at, cost_usd, duration_s: RunFailed(
        run_id=handle.run_id,
        at=at,
        error=type(error).__name__,
        message="The program made a mistake in this run.",
        hint="A crash report was written; what was spent is in the ledger.",
        cost_usd=cost_usd,
        duration_s=duration_s,
    )
