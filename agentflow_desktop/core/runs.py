"""The one shape of every job: a request, a context that events go to, a result."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.events import RunEvent, StepProgress, TextDelta

RequestT = TypeVar("RequestT", contravariant=True)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a job may use of the run it is in.

    ``emit`` stores the event, then publishes it; ``publish`` only publishes, for progress and
    text deltas.
    """

    run_id: str
    emit: Callable[[RunEvent], Awaitable[None]]
    publish: Callable[[StepProgress | TextDelta], None]
    clock: Clock


class Job(Protocol[RequestT]):
    """One kind of work. ``kind`` names it in history and in the ledger."""

    kind: str

    def title(self, request: RequestT) -> str:
        """One line that tells this request from others in a list."""
        ...

    async def run(self, request: RequestT, context: RunContext) -> Any:
        """Do the work and return a result of the registered type."""
        ...


class RunState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its process ended before it did


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list. ``ended_at`` is None while it runs or if its process died."""

    run_id: str
    kind: str
    title: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    cost_usd: Decimal


class RunStore(Protocol):
    """History: every run with the events that were emitted in it."""

    async def append(self, event: RunEvent) -> None:
        """Keep an event, in order. RunStarted opens the run, a RunEnded event closes it."""
        ...

    async def runs(
        self, *, limit: int = 50, before: str | None = None, text: str = ""
    ) -> Sequence[RunSummary]:
        """Newest first; ``before`` is a run id to page from, ``text`` is looked for in titles."""
        ...

    async def find(self, run_id_prefix: str) -> RunSummary:
        """Raises InputRefused if no run, or more than one, begins so."""
        ...

    async def events(self, run_id: str) -> Sequence[RunEvent]: ...

    async def mark_interrupted(self) -> int:
        """Close runs whose process is gone; gives how many."""
        ...
