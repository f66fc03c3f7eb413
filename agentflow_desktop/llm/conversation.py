"""What the tiers share: their parts, and one call of a seat as a step that is watched."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pydantic

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import ProviderError
from agentflow_desktop.core.routing import Badge, Role
from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.llm.caller import ModelCaller, ReplyReader, StructuredReply
from agentflow_desktop.llm.calls import AttemptRecord, CallPurpose, Seat
from agentflow_desktop.llm.claims import Answer, Review
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.outcome import StepWatcher, Watcher
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.roles import Roles
from agentflow_desktop.llm.verification import SourceIndex
from agentflow_desktop.llm.windows import Windows

FormT = TypeVar("FormT", bound=pydantic.BaseModel)
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class TierParts:
    """What every tier works with. ``concurrent_packs`` is how many are read at once."""

    roles: Roles
    caller: ModelCaller
    prompts: PromptLibrary
    settings: VerificationSettings
    windows: Windows
    clock: Clock
    concurrent_packs: int

    def badges(self, answer: Answer, review: Review | None) -> tuple[Badge, ...]:
        """What a reader must know of an answer that came about so."""
        badges = self.roles.badges()
        if review is None and not self.roles.is_built_in:
            badges = (Badge.NOT_VERIFIED,)
        if not answer.is_structured:
            badges = (*badges, Badge.UNSTRUCTURED)
        return (*badges, Badge.INCOMPLETE) if answer.has_gaps else badges


@dataclass(frozen=True, slots=True)
class Asked(Generic[ValueT]):
    """A seat's reply. ``value`` is None if there is none to use, ``problem`` then says why in a
    sentence; ``error`` is what the call raised, ``text`` a reply that was not in the form."""

    value: ValueT | None
    step: StepWatcher
    problem: str = ""
    error: ProviderError | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The calls about one question."""

    parts: TierParts
    question: Question
    purpose: CallPurpose
    watcher: Watcher
    sources: SourceIndex = field(init=False)
    ends_at_s: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", SourceIndex(self.question.documents))
        ends_at_s = self.parts.clock.monotonic_s() + self.parts.settings.max_duration_s
        object.__setattr__(self, "ends_at_s", ends_at_s)

    @property
    def is_late(self) -> bool:
        """The time for the whole answer is over: no further call begins."""
        return self.parts.clock.monotonic_s() >= self.ends_at_s

    @property
    def planner(self) -> ModelProfile:
        return self.parts.roles.planner.profile

    @property
    def heavy(self) -> ModelProfile:
        return self.parts.roles.heavy.profile

    async def ask(
        self, role: Role, title: str, request: ModelRequest, form: type[FormT]
    ) -> Asked[FormT]:
        """One call as a step. Raises BudgetExceeded; a model's failure is part of the reply."""
        return await self.ask_within(await self.begin(role, title), role, request, form)

    async def begin(self, role: Role, title: str) -> StepWatcher:
        """A step whose call ``ask_within`` makes."""
        return await self.watcher.begin_step(title, role, self._seat(role).profile.name)

    async def ask_within(
        self, step: StepWatcher, role: Role, request: ModelRequest, form: type[FormT]
    ) -> Asked[FormT]:
        """One call within a step that has begun. As ``ask``."""
        seat = self._seat(role)
        try:
            reply = await self.parts.caller.call_structured(seat, request, form, self.purpose, step)
        except ProviderError as error:
            return Asked(None, step, error.message, error)
        return self._taken(reply, role, step)

    async def ask_unheard(
        self, step: StepWatcher, role: Role, request: ModelRequest, reader: ReplyReader[ValueT]
    ) -> Asked[ValueT]:
        """As ``ask_within``, for a reply that is no answer: its text is not shown as it comes."""
        caller, seat = self.parts.caller, self._seat(role)
        try:
            reply = await caller.call_read(seat, request, reader, self.purpose, _Unheard(step))
        except ProviderError as error:
            return Asked(None, step, error.message, error)
        return self._taken(reply, role, step)

    def _taken(
        self, reply: StructuredReply[ValueT], role: Role, step: StepWatcher
    ) -> Asked[ValueT]:
        if reply.value is None:
            name = self._seat(role).profile.name
            problem = f"{name} abstained: its reply was not in the form asked for."
            return Asked(None, step, problem, text=reply.text)
        return Asked(reply.value, step)

    def _seat(self, role: Role) -> Seat:
        roles = self.parts.roles
        return roles.planner if role is Role.PLANNER else roles.heavy


@dataclass(frozen=True, slots=True)
class _Unheard:
    """Observes a call for a step and keeps its text from it."""

    step: StepWatcher

    async def on_text(self, text: str) -> None:
        """Nobody reads it."""

    async def on_restart(self, reason: str) -> None:
        """There is nothing to drop."""

    async def on_attempt(self, record: AttemptRecord) -> None:
        await self.step.on_attempt(record)

    async def on_notice(self, message: str) -> None:
        await self.step.on_notice(message)

    async def on_stand_in(self, model: str) -> None:
        await self.step.on_stand_in(model)
