"""One call through the whole path: attempts with retries under one deadline, the approved fallback,
and the reply read as what was asked for, with one repair. Owns no prompt.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pydantic
from structlog import get_logger

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import KeyMissing, ProviderError, ProviderRefused
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.attempts import estimated_tokens, upper_bound_tokens
from agentflow_desktop.llm.budget import Ledger
from agentflow_desktop.llm.calls import CallObserver, CallPurpose, Seat
from agentflow_desktop.llm.circuit import CircuitBreaker
from agentflow_desktop.llm.fallbacks import check_room, fitted_to, may_stand_in
from agentflow_desktop.llm.messages import ModelReply, ModelRequest
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import Billing, ModelProfile
from agentflow_desktop.llm.retry import Answered, GaveUp, RetryNotice, RetryPolicy
from agentflow_desktop.llm.settled_attempts import Call, SettledAttempts, late
from agentflow_desktop.llm.structured import (
    FormProblem,
    describe_schema,
    read_form,
    repair_turns,
    reply_schema,
)

FormT = TypeVar("FormT", bound=pydantic.BaseModel)
ValueT = TypeVar("ValueT")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Input tokens; ``is_exact`` if the server's own tokenizer counted them."""

    tokens: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class StructuredReply(Generic[ValueT]):
    """A reply as what was read out of it. ``value`` is None if the model abstained: its reply was
    not in the form after one repair. ``text`` is the last reply as it came."""

    value: ValueT | None
    text: str
    reply: ModelReply
    was_repaired: bool


@dataclass(frozen=True, slots=True)
class ReplyReader(Generic[ValueT]):
    """How a reply is read, and what a model is told whose reply could not be: ``repair`` makes
    that of what was wrong. ``form`` has the schema that is sent, if there is one."""

    read: Callable[[str], ValueT | FormProblem]
    repair: Callable[[str], str]
    form: type[pydantic.BaseModel] | None = None


class ModelCaller:
    """Asks a seat one question, within the budget, with retries, under one deadline."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        prices: PriceBook,
        settings: ModelSettings,
        prompts: PromptLibrary,
        calibration: Calibration,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._attempts = SettledAttempts(
            ledger=ledger,
            prices=prices,
            calibration=calibration,
            clock=clock,
            deadline_s=settings.request_deadline_s,
        )
        self._settings = settings
        self._prompts = prompts
        self._calibration = calibration
        self._clock = clock
        self._circuits = CircuitBreaker(
            opens_after=settings.pause_after_failures, cool_down_s=settings.pause_s, clock=clock
        )
        self._retries = RetryPolicy(
            max_attempts=settings.max_attempts,
            clock=clock,
            sleep=sleep,
            jitter=jitter,
        )

    async def call(
        self, seat: Seat, request: ModelRequest, purpose: CallPurpose, observer: CallObserver
    ) -> ModelReply:
        """The reply to one question.

        Raises BudgetExceeded before anything is spent, ConfigurationError for a metered model
        without a price, ModelPaused or QuotaUsedUp for a model that is not to be asked now, and
        the last attempt's ProviderError if none succeeded.
        """
        self._circuits.check(seat.profile)
        if purpose.contexts is None:
            return await self._call(seat, request, purpose, observer)
        cached = await purpose.contexts.applied(seat, request, observer)
        try:
            return await self._call(seat, cached, purpose, observer)
        except (ProviderRefused, KeyMissing) as error:  # a cache that is gone counts as forbidden
            if not cached.context_cache:
                raise
            purpose.contexts.lose(seat.profile, error)
        return await self._call(seat, request, purpose, observer)

    async def _call(
        self, seat: Seat, request: ModelRequest, purpose: CallPurpose, observer: CallObserver
    ) -> ModelReply:
        ends_at = self._clock.monotonic_s() + self._settings.request_deadline_s
        input_bound = await self._input_bound(seat, request)
        call = Call(seat, request, purpose, observer, input_bound, estimated_tokens(request))

        async def attempt(remaining_s: float) -> ModelReply:
            with self._circuits.attempt(seat.profile):
                return await self._attempts.make(call, remaining_s)

        async def on_retry(notice: RetryNotice) -> None:
            await observer.on_restart(notice.error.message)
            await observer.on_notice(
                f"{notice.error.message} Trying again in {notice.wait_s:.1f} s"
                f" (attempt {notice.attempt} of {self._settings.max_attempts})."
            )

        outcome = await self._retries.run(attempt, on_retry, ends_at)
        match outcome:
            case Answered(reply):
                return reply
            case GaveUp(error):
                raise error

    async def call_structured(
        self,
        seat: Seat,
        request: ModelRequest,
        form: type[FormT],
        purpose: CallPurpose,
        observer: CallObserver,
    ) -> StructuredReply[FormT]:
        """The reply as a form; one repair is asked for, then the model abstains, visibly. If the
        seat's model can't be asked, its approved fallback is, and the observer is told.

        Raises what ``call`` raises for the first reply, and PromptTooLong if the fallback has no
        room for it; for the repair only BudgetExceeded.
        """
        reader = ReplyReader(
            lambda text: read_form(form, text),
            lambda errors: self._prompts.render("repair", errors=errors),
            form,
        )
        return await self.call_read(seat, request, reader, purpose, observer)

    async def call_read(
        self,
        seat: Seat,
        request: ModelRequest,
        reader: ReplyReader[ValueT],
        purpose: CallPurpose,
        observer: CallObserver,
    ) -> StructuredReply[ValueT]:
        """The reply as the reader makes it out. As ``call_structured``."""
        try:
            return await self._read(seat, request, reader, purpose, observer)
        except ProviderError as error:
            if seat.fallback is None or not may_stand_in(error):
                raise
            stand_in, failure = seat.fallback, error
        again = fitted_to(stand_in.profile, request)
        counted = await self.count_input(stand_in, self._asked(stand_in.profile, again, reader))
        check_room(
            seat.profile,
            stand_in.profile,
            counted.tokens,
            again.max_output_tokens,
            failure,
            is_exact=counted.is_exact,
        )
        await observer.on_restart(failure.message)
        await observer.on_notice(f"{failure.message} {stand_in.profile.name} is asked instead.")
        await observer.on_stand_in(stand_in.profile.name)
        return await self._read(stand_in, again, reader, purpose, observer)

    async def _read(
        self,
        seat: Seat,
        request: ModelRequest,
        reader: ReplyReader[ValueT],
        purpose: CallPurpose,
        observer: CallObserver,
    ) -> StructuredReply[ValueT]:
        asked = self._asked(seat.profile, request, reader)
        reply = await self.call(seat, asked, purpose, observer)
        read = reader.read(reply.text)
        if not isinstance(read, FormProblem):
            return StructuredReply(read, reply.text, reply, was_repaired=False)
        await observer.on_restart(f"{seat.profile.name} gave a reply that is not in the form.")
        turns = repair_turns(asked.messages, reply.text, read, reader.repair)
        again = replace(asked, messages=turns)
        try:
            second = await self.call(seat, again, purpose, observer)
        except ProviderError as error:
            _log.warning("repair_failed", model=seat.profile.name, detail=error.message)
            return StructuredReply(None, reply.text, reply, was_repaired=False)
        read = reader.read(second.text)
        if isinstance(read, FormProblem):
            _log.warning("model_abstained", model=seat.profile.name, problem=read.summary)
            return StructuredReply(None, second.text, second, was_repaired=False)
        return StructuredReply(read, second.text, second, was_repaired=True)

    def _asked(
        self, profile: ModelProfile, request: ModelRequest, reader: ReplyReader[ValueT]
    ) -> ModelRequest:
        form = reader.form
        return request if form is None else self._with_schema(profile, request, form)

    async def count_input(self, seat: Seat, request: ModelRequest) -> TokenCount:
        """Input tokens by the server's counter where it has one, else our estimate."""
        if seat.profile.counts_tokens:
            try:
                counted = await seat.provider.count_tokens(request)
            except ProviderError as error:
                _log.warning("count_failed", model=seat.profile.name, detail=error.message)
            else:
                if counted is not None:
                    return TokenCount(counted, is_exact=True)
        raw = estimated_tokens(request)
        return TokenCount(self._calibration.scaled(raw, seat.profile.model), is_exact=False)

    def most_input_tokens(
        self, seat: Seat, request: ModelRequest, form: type[pydantic.BaseModel]
    ) -> int:
        """No fewer input tokens than ``call_structured`` reserves for its first attempt."""
        return upper_bound_tokens(self._with_schema(seat.profile, request, form))

    def _with_schema(
        self, profile: ModelProfile, request: ModelRequest, form: type[pydantic.BaseModel]
    ) -> ModelRequest:
        schema = reply_schema(form)
        if profile.sends_schema:
            return replace(request, schema=schema)
        return replace(
            request,
            schema=schema,
            messages=describe_schema(self._prompts, request.messages, schema),
        )

    async def _input_bound(self, seat: Seat, request: ModelRequest) -> int:
        """For a metered model its server's own count, if it has a counter; a free one's hold
        is $0 either way, and asking would only cost time.

        Raises ProviderUnavailable if counting outlasts the call's deadline.
        """
        if seat.profile.billing is Billing.METERED and seat.profile.counts_tokens:
            deadline_s = self._settings.request_deadline_s
            try:
                async with asyncio.timeout(deadline_s):
                    counted = await self.count_input(seat, request)
            except TimeoutError as error:
                raise late(seat.profile, deadline_s) from error
            if counted.is_exact:
                return counted.tokens
        return upper_bound_tokens(request)
