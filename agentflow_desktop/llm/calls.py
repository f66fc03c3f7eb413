"""A call as the one who makes it sees it: whom it asks, who is charged, what is observed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import ModelProfile, ModelProvider


@dataclass(frozen=True, slots=True)
class Seat:
    """A configured model ready to be asked."""

    profile: ModelProfile
    provider: ModelProvider


@dataclass(frozen=True, slots=True)
class CallPurpose:
    """Whom a call is charged to."""

    run_id: str
    job_kind: str
    task_kind: TaskKind


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One settled attempt, as the caller's observer is told.

    ``cost_usd`` is what the ledger charged: the whole hold if the true cost can't be known.
    """

    attempt_id: str
    model: str
    served_model: str
    usage: Usage
    cost_usd: Decimal
    is_estimated: bool
    is_other_model: bool


class CallObserver(Protocol):
    """What the one who asked wants to see while it goes on."""

    async def on_text(self, text: str) -> None:
        """A piece of the reply."""
        ...

    async def on_restart(self, reason: str) -> None:
        """What came so far is dropped; another attempt begins."""
        ...

    async def on_attempt(self, record: AttemptRecord) -> None:
        """An attempt was settled, whether it gave a reply or not."""
        ...

    async def on_notice(self, message: str) -> None:
        """A sentence that the person must see (a limit is near, waiting for a retry)."""
        ...
