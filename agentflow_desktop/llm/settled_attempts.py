"""One attempt at a call: reserved in the ledger, made, settled there whatever becomes of it."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import (
    ConfigurationError,
    ProviderError,
    ProviderUnavailable,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.attempts import (
    StreamRecord,
    check_usable,
    dropped_prompt_notice,
    settlement,
)
from agentflow_desktop.llm.budget import Hold, Ledger, Settlement
from agentflow_desktop.llm.calls import AttemptRecord, CallObserver, CallPurpose, Seat
from agentflow_desktop.llm.messages import Finish, ModelReply, ModelRequest, TextPart, Usage
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind
from agentflow_desktop.llm.served_models import is_asked_model


@dataclass(frozen=True, slots=True)
class Call:
    """What every attempt of one call shares. ``input_bound`` bounds its input tokens."""

    seat: Seat
    request: ModelRequest
    purpose: CallPurpose
    observer: CallObserver
    input_bound: int
    raw_tokens: int


class SettledAttempts:
    """Makes attempts. ``deadline_s`` is the whole call's, for the sentence that names it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        prices: PriceBook,
        calibration: Calibration,
        clock: Clock,
        deadline_s: float,
    ) -> None:
        self._ledger = ledger
        self._prices = prices
        self._calibration = calibration
        self._clock = clock
        self._deadline_s = deadline_s

    async def make(self, call: Call, remaining_s: float) -> ModelReply:
        """The reply to one attempt. The ledger is closed whatever is raised."""
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
            raise late(call.seat.profile, self._deadline_s) from error
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

    def _hold(self, call: Call, at: datetime) -> Hold:
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

    async def _close(
        self,
        call: Call,
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

    async def _learn(self, call: Call, reply: ModelReply) -> None:
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


async def _read(call: Call, record: StreamRecord) -> None:
    async with aclosing(call.seat.provider.stream(call.request)) as parts:
        async for part in parts:
            record.add(part)
            if isinstance(part, TextPart):
                await call.observer.on_text(part.text)


def late(profile: ModelProfile, deadline_s: float) -> ProviderUnavailable:
    """What is raised for a reply that outlasts its deadline."""
    return ProviderUnavailable(
        f"{profile.name} did not finish its reply within {deadline_s:g} s.",
        hint="Raise models.request_deadline_s, or ask for less at once.",
        was_accepted=True,
    )
