"""One call through the whole path: hold, attempt, settle, retry. Owns no prompt.

Every attempt is a hold of its own in the ledger and is closed there whatever becomes of it: an
answer, an error, a cancellation at any moment.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

import pydantic
from structlog import get_logger

from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import (
    ConfigurationError,
    KeyMissing,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.attempts import (
    StreamRecord,
    check_usable,
    dropped_prompt_notice,
    estimated_tokens,
    settlement,
    upper_bound_tokens,
)
from agentflow_desktop.llm.budget import Hold, Ledger, Settlement
from agentflow_desktop.llm.circuit import CircuitBreaker
from agentflow_desktop.llm.fallbacks import check_room, fitted_to, may_stand_in
from agentflow_desktop.llm.messages import Finish, ModelReply, ModelRequest, TextPart, Usage
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import (
    Billing,
    ModelProfile,
    ModelProvider,
    ProviderKind,
)
from agentflow_desktop.llm.retry import Answered, GaveUp, RetryNotice, RetryPolicy
from agentflow_desktop.llm.served_models import is_asked_model
from agentflow_desktop.llm.structured import (
    FormProblem,
    describe_schema,
    read_form,
    repair_turns,
    reply_schema,
)

FormT = TypeVar("FormT", bound=pydantic.BaseModel)

_log = get_logger(__name__)


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


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Input tokens; ``is_exact`` if the server's own tokenizer counted them."""

    tokens: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class StructuredReply(Generic[FormT]):
    """A reply read as a form. ``value`` is None if the model abstained: its reply was not in the
    form after one repair. ``text`` is the last reply as it came."""

    value: FormT | None
    text: str
    reply: ModelReply
    was_repaired: bool


@dataclass(frozen=True, slots=True)
class _Call:
    """What every attempt of one call shares. ``input_bound`` bounds its input tokens."""

    seat: Seat
    request: ModelRequest
    purpose: CallPurpose
    observer: CallObserver
    input_bound: int
    raw_tokens: int


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
        self._ledger = ledger
        self._prices = prices
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
        call = _Call(seat, request, purpose, observer, input_bound, estimated_tokens(request))

        async def attempt(remaining_s: float) -> ModelReply:
            with self._circuits.attempt(seat.profile):
                return await self._attempt(call, remaining_s)

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
        try:
            return await self._structured(seat, request, form, purpose, observer)
        except ProviderError as error:
            if seat.fallback is None or not may_stand_in(error):
                raise
            stand_in, failure = seat.fallback, error
        again = fitted_to(stand_in.profile, request)
        counted = await self.count_input(stand_in, self._with_schema(stand_in.profile, again, form))
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
        return await self._structured(stand_in, again, form, purpose, observer)

    async def _structured(
        self,
        seat: Seat,
        request: ModelRequest,
        form: type[FormT],
        purpose: CallPurpose,
        observer: CallObserver,
    ) -> StructuredReply[FormT]:
        asked = self._with_schema(seat.profile, request, form)
        reply = await self.call(seat, asked, purpose, observer)
        read = read_form(form, reply.text)
        if not isinstance(read, FormProblem):
            return StructuredReply(read, reply.text, reply, was_repaired=False)
        await observer.on_restart(f"{seat.profile.name} gave a reply that is not in the form.")
        turns = repair_turns(self._prompts, asked.messages, reply.text, read)
        again = replace(asked, messages=turns)
        try:
            second = await self.call(seat, again, purpose, observer)
        except ProviderError as error:
            _log.warning("repair_failed", model=seat.profile.name, detail=error.message)
            return StructuredReply(None, reply.text, reply, was_repaired=False)
        read = read_form(form, second.text)
        if isinstance(read, FormProblem):
            _log.warning("model_abstained", model=seat.profile.name, problem=read.summary)
            return StructuredReply(None, second.text, second, was_repaired=False)
        return StructuredReply(read, second.text, second, was_repaired=True)

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
                raise _late(seat.profile, deadline_s) from error
            if counted.is_exact:
                return counted.tokens
        return upper_bound_tokens(request)

    def _hold(self, call: _Call, at: datetime) -> Hold:
        profile, output = call.seat.profile, call.request.max_output_tokens
        is_model = profile.provider is not ProviderKind.BUILT_IN  # token limits are for models
        at_most = self._prices.upper_bound(profile, call.input_bound, output, at)
        if at_most is None:
            raise ConfigurationError(
                f"No price is known for {profile.name} ({profile.model}), so it was not asked.",
                hint="Enter its price in models.yaml (prices), or billing: free if it costs"
                " nothing.",
            )
        return Hold(
            attempt_id=new_id("att"),
            run_id=call.purpose.run_id,
            job_kind=call.purpose.job_kind,
            task_kind=call.purpose.task_kind,
            model=profile.name,
            at_most_usd=at_most,
            max_tokens=call.input_bound + output if is_model else 0,
        )

    async def _attempt(self, call: _Call, remaining_s: float) -> ModelReply:
        """One attempt: reserved, made, settled. The ledger is closed whatever is raised."""
        ends_at = self._clock.monotonic_s() + remaining_s
        record = StreamRecord(self._clock.now())
        hold = self._hold(call, record.begun_at)
        warning = await self._ledger.reserve(hold, remaining_s)
        outcome, was_charged = "failed", False
        try:
            if warning is not None:
                await call.observer.on_notice(warning.message)
            was_charged = True
            async with asyncio.timeout(max(0.0, ends_at - self._clock.monotonic_s())):
                await _read(call, record)
            outcome = "unusable"
            reply = record.reply(call.request.model)
            check_usable(reply, call.seat.profile, call.request.max_output_tokens)
            outcome = "ok"
        except ProviderError as error:
            if outcome == "failed":
                was_charged = error.was_accepted or record.has_begun
                outcome = "broken" if was_charged else "refused"
            raise
        except TimeoutError as error:
            outcome = "late"
            raise _late(call.seat.profile, self._settings.request_deadline_s) from error
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            await finish_despite_cancel(
                self._close(call, hold, record, outcome, was_charged=was_charged)
            )
        await self._learn(call, reply)
        if reply.finish is Finish.LENGTH:
            await call.observer.on_notice(
                f"The reply of {call.seat.profile.name} was cut at its limit of"
                f" {call.request.max_output_tokens} tokens."
            )
        return reply

    async def _close(
        self,
        call: _Call,
        hold: Hold,
        record: StreamRecord,
        outcome: str,
        *,
        was_charged: bool,
    ) -> None:
        """Settle at what was reported, else at nothing for a request that was not taken, else
        at our estimate of what was sent and streamed."""
        profile = call.seat.profile
        if record.usage is None and not was_charged:
            settled = Settlement(profile.model, Usage(0, 0), Decimal(0), False, outcome)
        else:
            usage = record.usage or record.estimated_usage(
                Usage(call.input_bound, call.request.max_output_tokens),
                call.raw_tokens,
                lambda raw: self._calibration.scaled(raw, profile.model),
            )
            settled = settlement(record, profile, self._prices, usage, outcome=outcome)
        charged = await self._ledger.settle(hold.attempt_id, settled)
        await call.observer.on_attempt(
            AttemptRecord(
                attempt_id=hold.attempt_id,
                model=profile.name,
                served_model=settled.served_model,
                usage=settled.usage,
                cost_usd=charged,
                is_estimated=settled.is_estimated,
                is_other_model=not is_asked_model(profile, record.served_model),
            )
        )

    async def _learn(self, call: _Call, reply: ModelReply) -> None:
        """Calibrate our estimate, but not by a count of a prompt that the server cut short."""
        profile = call.seat.profile
        if reply.usage is None or not is_asked_model(profile, reply.served_model):
            return
        counted = reply.usage.input_tokens
        expected = self._calibration.scaled(call.raw_tokens, profile.model)
        notice = dropped_prompt_notice(profile, counted, expected)
        if notice:
            await call.observer.on_notice(notice)
        else:
            self._calibration.record(profile.model, call.raw_tokens, counted)


async def _read(call: _Call, record: StreamRecord) -> None:
    async with aclosing(call.seat.provider.stream(call.request)) as parts:
        async for part in parts:
            record.add(part)
            if isinstance(part, TextPart):
                await call.observer.on_text(part.text)


def _late(profile: ModelProfile, deadline_s: float) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{profile.name} did not finish its reply within {deadline_s:g} s.",
        hint="Raise models.request_deadline_s, or ask for less at once.",
        was_accepted=True,
    )
