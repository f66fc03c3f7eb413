"""The one shape of every job: a request, a context that events go to, a result."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.events import RunEvent, StepProgress, TextDelta
from agentflow_desktop.core.routing import Badge

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
    """A run in a list. ``ended_at`` is None while it runs or if its process died.

    ``is_useful`` is what the person said of it, None if nothing. ``deleted_at`` is set while a
    deletion can be undone.
    """

    run_id: str
    kind: str
    title: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    cost_usd: Decimal
    number: int = 0  # counts up from run to run within one database
    task_kind: str = ""
    models: tuple[str, ...] = ()
    badges: tuple[Badge, ...] = ()
    is_useful: bool | None = None
    note: str = ""
    deleted_at: datetime | None = None


class RunStore(Protocol):
    """Keeps what happens in runs; ``core.history.RunHistory`` reads it."""

    async def append(self, event: RunEvent) -> None:
        """Keep an event, in order. RunStarted opens the run, a RunEnded event closes it."""
        ...

    async def mark_interrupted(self) -> int:
        """Close runs whose process is gone; gives how many."""
        ...
