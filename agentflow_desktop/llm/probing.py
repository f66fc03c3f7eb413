"""What a model's server can do, found out by asking it. Owns no file: what is found can be kept
by whoever has the person's consent.

Every question goes through the ledger like any other. None of them teaches the program how many
tokens a text has: the texts here are like no document.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import pydantic
from structlog import get_logger

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import (
    KeyMissing,
    PromptTooLong,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    ReplyUnusable,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.llm.attempts import upper_bound_tokens
from agentflow_desktop.llm.caller import ModelCaller
from agentflow_desktop.llm.calls import AttemptRecord, CallPurpose, Seat
from agentflow_desktop.llm.messages import Message, ModelReply, ModelRequest
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.probe_report import (
    MeasuredWindow,
    ProbeReport,
    SchemaUse,
    ToldWindow,
)
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind
from agentflow_desktop.llm.served_models import is_asked_model
from agentflow_desktop.llm.structured import FormProblem, read_form, reply_schema

_ANSWER_TOKENS = 1_024  # thinking counts towards it
_SHORT_ANSWER_TOKENS = 64
_FIRST_WORDS = 400
_MOST_PROMPTS = 9
_READ_WHOLE_FROM = 0.9  # share of a prompt's tokens that a server must have counted
_EXACT_WITHIN_TOKENS = 256
_EXACT_WITHIN_SHARE = 20  # a twentieth
_WORDS = (
    "river stone light paper garden window market summer winter bridge forest engine letter"
    " music school doctor kitchen number answer picture village captain morning evening"
).split()

_log = get_logger(__name__)


class ProbeForm(pydantic.BaseModel):
    """A form that nobody fills in by chance: the question does not speak of JSON."""

    colour: Literal["red", "green", "blue"]
    number: int = pydantic.Field(ge=1, le=9)


@dataclass(slots=True)
class _Tally:
    """A CallObserver that keeps the sum of what was spent and what the last attempt counted."""

    cost_usd: Decimal = ZERO_USD
    last: AttemptRecord | None = None

    async def on_text(self, text: str) -> None:
        """Nobody reads along."""

    async def on_restart(self, reason: str) -> None:
        """Nobody reads along."""

    async def on_attempt(self, record: AttemptRecord) -> None:
        self.cost_usd += record.cost_usd
        self.last = record

    async def on_notice(self, message: str) -> None:
        _log.info("probe_notice", message=message)

    async def on_stand_in(self, model: str) -> None:
        """A probe asks no fallback."""


class Prober:
    """Probes models. ``caller`` must be one that no run uses."""

    def __init__(
        self,
        caller: ModelCaller,
        open_seat: Callable[[ModelProfile], Awaitable[Seat]],
        prices: PriceBook,
        clock: Clock,
    ) -> None:
        self._caller = caller
        self._open_seat = open_seat
        self._prices = prices
        self._clock = clock

    def at_most_usd(self, profile: ModelProfile, *, measures_window: bool) -> Decimal | None:
        """The most that a probe costs, each question made once; None if no price is known."""
        questions = [_question(profile)] * 2  # the second without a schema, if need be
        bounds = [(upper_bound_tokens(q), q.max_output_tokens) for q in questions]
        if measures_window:
            bounds += [(profile.window_tokens, _SHORT_ANSWER_TOKENS)] * _MOST_PROMPTS
        total = ZERO_USD
        for tokens, output in bounds:
            price = self._prices.upper_bound(profile, tokens, output, self._clock.now())
            if price is None:
                return None
            total += price
        return total

    async def probe(self, profile: ModelProfile, *, measures_window: bool = False) -> ProbeReport:
        """What was found. A server's fault is part of it.

        Raises BudgetExceeded, and ConfigurationError for a metered model without a price.
        """
        if profile.provider is not ProviderKind.BUILT_IN:
            # Asked for all that a server may have, whatever its profile says.
            asked = replace(profile, sends_schema=True, counts_tokens=True)
            return await _Probe(self._caller, await self._open_seat(asked), self._clock).run(
                profile, measures_window=measures_window
            )
        health = await (await self._open_seat(profile)).provider.health()
        return ProbeReport(
            name=profile.name, at=self._clock.now(), profile=profile, note=health.message
        )


class _Probe:
    """One probe of one model."""

    def __init__(self, caller: ModelCaller, seat: Seat, clock: Clock) -> None:
        self._caller = caller
        self._seat = seat
        self._clock = clock
        self._tally = _Tally()
        self._purpose = CallPurpose(new_id("probe"), "probe", TaskKind.GENERAL)

    async def run(self, profile: ModelProfile, *, measures_window: bool) -> ProbeReport:
        report = ProbeReport(name=profile.name, at=self._clock.now(), profile=profile)
        try:
            report = replace(report, is_listed=await self._is_listed(profile))
            report = await self._answered(report)
            report = replace(report, counts_tokens=await self._counts())
            report = replace(report, told_window=await self._told_window())
        except ProviderError as error:
            report = replace(report, problem=error.message, hint=error.hint)
        if measures_window and not report.problem:
            report = await self._with_measured(report)
        return replace(report, cost_usd=self._tally.cost_usd)

    async def _is_listed(self, profile: ModelProfile) -> bool | None:
        """Whether the server offers the model; None if it lists none."""
        try:
            names = await self._seat.provider.list_models()
        except ProviderRefused:
            return None
        return any(is_asked_model(profile, name) for name in names) if names else None

    async def _answered(self, report: ProbeReport) -> ProbeReport:
        question = _question(self._seat.profile)
        began_s = self._clock.monotonic_s()
        try:
            reply = await self._ask(replace(question, schema=reply_schema(ProbeForm)))
        except PromptTooLong:
            raise
        except (ProviderRefused, ReplyUnusable):
            began_s = self._clock.monotonic_s()
            reply = await self._ask(question)
            use = SchemaUse.REFUSED
        else:
            is_form = not isinstance(read_form(ProbeForm, reply.text), FormProblem)
            use = SchemaUse.HONOURED if is_form else SchemaUse.IGNORED
        return replace(
            report,
            schema=use,
            answer_ms=round((self._clock.monotonic_s() - began_s) * 1000),
            served_model=reply.served_model,
            is_other_model=not is_asked_model(report.profile, reply.served_model),
            reports_usage=reply.usage is not None,
        )

    async def _counts(self) -> bool:
        try:
            counted = await self._seat.provider.count_tokens(_question(self._seat.profile))
        except (KeyMissing, ProviderUnavailable, ProviderRefused):
            return False
        return counted is not None

    async def _told_window(self) -> ToldWindow | None:
        try:
            return await self._seat.provider.told_window()
        except ProviderError as error:
            _log.info("window_not_told", model=self._seat.profile.name, detail=error.message)
            return None

    async def _with_measured(self, report: ProbeReport) -> ProbeReport:
        try:
            return replace(report, measured=await self._measured(report.profile.window_tokens))
        except ProviderError as error:
            return replace(report, note=f"The window could not be measured: {error.message}")

    async def _measured(self, claimed: int) -> MeasuredWindow:
        """The longest prompt that was read whole, by halving; at most ``_MOST_PROMPTS``.

        Raises ReplyUnusable if the server does not say how much it read.
        """
        await self._read(_FIRST_WORDS)
        if not self._input_tokens:
            raise ReplyUnusable("its server does not say how many tokens it read.")
        per_word = self._input_tokens / _FIRST_WORDS
        whole, too_long = self._input_tokens, claimed
        room = claimed - _SHORT_ANSWER_TOKENS - _EXACT_WITHIN_TOKENS
        tokens = max(room, whole)
        for _ in range(_MOST_PROMPTS - 1):
            words = math.floor(tokens / per_word)
            was_taken = await self._read(words)
            if was_taken and self._input_tokens < tokens * _READ_WHOLE_FROM:
                return MeasuredWindow(self._input_tokens, is_cut_silently=True)
            if was_taken and tokens >= room:
                return MeasuredWindow(claimed, is_at_least=True)
            if was_taken:
                whole = self._input_tokens
            else:
                too_long = tokens
            if too_long - whole <= max(_EXACT_WITHIN_TOKENS, whole // _EXACT_WITHIN_SHARE):
                break
            tokens = (whole + too_long) // 2
        return MeasuredWindow(whole)

    @property
    def _input_tokens(self) -> int:
        return self._tally.last.usage.input_tokens if self._tally.last is not None else 0

    async def _read(self, words: int) -> bool:
        """Have so many words read; False if the server says that they are too many."""
        text = " ".join(_WORDS[number * 7 % len(_WORDS)] for number in range(words))
        messages = (Message("user", f"{text}\n\nName the last word of this list, nothing else."),)
        model = self._seat.profile.model
        try:
            await self._ask(ModelRequest(model, messages, _SHORT_ANSWER_TOKENS))
        except PromptTooLong:
            return False
        except ReplyUnusable:
            pass  # it was read; what it says to it is no matter
        last = self._tally.last
        if last is None or last.is_estimated:
            raise ReplyUnusable("its server does not say how many tokens it read.")
        return True

    async def _ask(self, request: ModelRequest) -> ModelReply:
        return await self._caller.call(self._seat, request, self._purpose, self._tally)


def _question(profile: ModelProfile) -> ModelRequest:
    messages = (
        Message("system", "You answer in a few words."),
        Message("user", "Choose a colour (red, green or blue) and a number from 1 to 9."),
    )
    return ModelRequest(profile.model, messages, min(_ANSWER_TOKENS, profile.max_output_tokens))
