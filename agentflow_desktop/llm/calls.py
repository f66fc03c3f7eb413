"""A call as the one who makes it sees it: whom it asks, who is charged, what is observed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from agentflow_desktop.core.errors import ProviderError
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.llm.messages import ModelRequest, Usage
from agentflow_desktop.llm.provider import ModelProfile, ModelProvider


@dataclass(frozen=True, slots=True)
class Seat:
    """A configured model ready to be asked, and the one that is approved to stand in for it."""

    profile: ModelProfile
    provider: ModelProvider
    fallback: "Seat | None" = None


class Contexts(Protocol):
    """What providers keep for the calls of a run."""

    async def applied(
        self, seat: Seat, request: ModelRequest, observer: "CallObserver"
    ) -> ModelRequest:
        """The request by the cache that holds its beginning, else as it is."""
        ...

    def lose(self, profile: ModelProfile, error: ProviderError) -> None:
        """A call by the cache was refused."""
        ...


@dataclass(frozen=True, slots=True)
class CallPurpose:
    """Whom a call is charged to, and what providers keep for it."""

    run_id: str
    job_kind: str
    task_kind: TaskKind
    contexts: Contexts | None = None


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

    async def on_stand_in(self, model: str) -> None:
        """An approved fallback is asked from here on, in place of the model of this step."""
        ...
