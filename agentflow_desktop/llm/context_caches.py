"""Explicit caches of a run: the documents that several calls begin with, kept at the provider
for a while, for money. Owns when they are made, what they cost and that they are deleted.

Each is held in the ledger at the most that it can cost before it is made: its tokens as input,
and their storage for the whole of ``CONTEXT_TTL_S``, after which the provider deletes it whatever
becomes of this program. A cache that can't be made or is lost costs the run nothing but the
saving: its calls send the documents themselves.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from structlog import get_logger

from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import BudgetExceeded, ProviderError
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import CONTEXT_TTL_S, PlannedContextCache
from agentflow_desktop.llm.attempts import upper_bound_tokens
from agentflow_desktop.llm.budget import Hold, Ledger, Settlement
from agentflow_desktop.llm.calls import AttemptRecord, CallObserver, CallPurpose, Seat
from agentflow_desktop.llm.messages import Message, ModelRequest, Usage
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ContextCache, ModelProfile, ModelProvider

_LAST_USE_S = 30.0  # a call that begins so shortly before the end could find it deleted

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Made:
    """A cache that is there, or may be: ``cache`` is None if its making broke off."""

    profile: ModelProfile
    keeper: ModelProvider
    hold: Hold
    held_tokens: int
    begun_at: datetime
    begun_s: float
    beginning: tuple[str, str]
    observer: CallObserver
    cache: ContextCache | None


class ContextCaching:
    """Opens the caches that a route plans."""

    def __init__(self, ledger: Ledger, prices: PriceBook, clock: Clock) -> None:
        self._ledger = ledger
        self._prices = prices
        self._clock = clock

    @asynccontextmanager
    async def opened(
        self, planned: Sequence[PlannedContextCache], purpose: CallPurpose
    ) -> AsyncGenerator[CallPurpose]:
        """The purpose whose calls use them. On leaving, however that comes about, every cache
        that was made is deleted and settled."""
        if not planned:
            yield purpose
            return
        names = frozenset(cache.model for cache in planned)
        caches = RunContexts(names, purpose, self._ledger, self._prices, self._clock)
        try:
            yield replace(purpose, contexts=caches)
        finally:
            await finish_despite_cancel(caches.close())


class RunContexts:
    """The caches of one run, at most one a model. Each is made when its first call needs it."""

    def __init__(
        self,
        models: frozenset[str],
        purpose: CallPurpose,
        ledger: Ledger,
        prices: PriceBook,
        clock: Clock,
    ) -> None:
        self._wanted = set(models)
        self._purpose = purpose
        self._ledger = ledger
        self._prices = prices
        self._clock = clock
        self._made: dict[str, _Made] = {}
        self._making = asyncio.Lock()

    async def applied(
        self, seat: Seat, request: ModelRequest, observer: CallObserver
    ) -> ModelRequest:
        """The request by the cache that holds its beginning, else as it is. Never raises for a
        cache's sake."""
        name = seat.profile.name
        if name not in self._wanted or not request.shared_characters:
            return request
        async with self._making:
            if name not in self._made and name in self._wanted:
                await self._make(seat.profile, seat.provider, request, observer)
        made = self._made.get(name)
        if name not in self._wanted or made is None or made.cache is None:
            return request
        left_s = made.begun_s + CONTEXT_TTL_S - self._clock.monotonic_s()
        if left_s < _LAST_USE_S or made.beginning != _beginning(request):
            return request
        return replace(request, context_cache=made.cache.name)

    def lose(self, profile: ModelProfile, error: ProviderError) -> None:
        """A call by the cache was refused: further ones send the documents themselves."""
        self._wanted.discard(profile.name)
        _log.warning("context_cache_lost", model=profile.name, detail=error.detail or error.message)

    async def _make(
        self,
        profile: ModelProfile,
        keeper: ModelProvider,
        request: ModelRequest,
        observer: CallObserver,
    ) -> None:
        """Make the cache, within the budget. If it can't be, the model is wanted no more."""
        system, text = _beginning(request)
        messages = (Message("system", system), Message("user", text))
        beginning = ModelRequest(request.model, messages, request.max_output_tokens)
        begun_at, begun_s = self._clock.now(), self._clock.monotonic_s()
        try:
            tokens = await keeper.count_tokens(beginning) or upper_bound_tokens(beginning)
            if tokens < (profile.cache_min_tokens or 0):
                self._wanted.discard(profile.name)
                return
            hold = self._hold(profile, tokens, begun_at)
            await self._ledger.reserve(hold, 0.0)
        except (ProviderError, BudgetExceeded) as error:
            self._give_up(profile, error)
            return
        place = (system, text)
        made = _Made(profile, keeper, hold, tokens, begun_at, begun_s, place, observer, None)
        await self._keep(made, beginning)

    async def _keep(self, made: _Made, beginning: ModelRequest) -> None:
        """Have the provider keep it. What may be kept is settled at the end, else at once."""
        may_be_there = True
        try:
            cache = await made.keeper.keep_context(beginning, CONTEXT_TTL_S)
            made, may_be_there = replace(made, cache=cache), cache is not None
        except ProviderError as error:
            self._give_up(made.profile, error)
            may_be_there = error.was_accepted
        finally:
            if may_be_there:
                self._made[made.profile.name] = made
            else:
                self._wanted.discard(made.profile.name)
                nothing = Settlement(made.profile.model, Usage(0, 0), ZERO_USD, False, "refused")
                await finish_despite_cancel(self._ledger.settle(made.hold.attempt_id, nothing))

    def _give_up(self, profile: ModelProfile, error: ProviderError | BudgetExceeded) -> None:
        self._wanted.discard(profile.name)
        _log.warning(
            "context_cache_not_made", model=profile.name, detail=error.detail or error.message
        )

    def _hold(self, profile: ModelProfile, tokens: int, at: datetime) -> Hold:
        return Hold(
            attempt_id=new_id("att"),
            run_id=self._purpose.run_id,
            job_kind=self._purpose.job_kind,
            task_kind=self._purpose.task_kind,
            model=profile.name,
            at_most_usd=at_most_usd(profile, self._prices, tokens, at),
            max_tokens=tokens,
        )

    async def close(self) -> None:
        """Delete what was made and settle it: by the time that it was kept, else by its TTL."""
        for made in self._made.values():
            is_gone = made.cache is not None and await _delete(made, made.cache)
            kept_s = math.ceil(self._clock.monotonic_s() - made.begun_s)
            seconds = min(kept_s, CONTEXT_TTL_S) if is_gone else CONTEXT_TTL_S
            tokens = made.cache.tokens if made.cache is not None else made.held_tokens
            await self._settle(made, Usage(tokens, 0), seconds, is_known=is_gone)

    async def _settle(self, made: _Made, usage: Usage, seconds: int, *, is_known: bool) -> None:
        profile = made.profile
        written_usd = self._prices.cost(profile, usage, made.begun_at)
        stored_usd = self._prices.storage(profile, usage.input_tokens, seconds, made.begun_at)
        cost_usd = None if written_usd is None or stored_usd is None else written_usd + stored_usd
        outcome = "kept" if is_known else "left"
        settled = Settlement(profile.model, usage, cost_usd, not is_known, outcome)
        charged = await self._ledger.settle(made.hold.attempt_id, settled)
        await made.observer.on_attempt(
            AttemptRecord(
                attempt_id=made.hold.attempt_id,
                model=profile.name,
                served_model=profile.model,
                usage=usage,
                cost_usd=charged,
                is_estimated=not is_known,
                is_other_model=False,
            )
        )


async def _delete(made: _Made, cache: ContextCache) -> bool:
    try:
        await made.keeper.drop_context(cache.name)
    except ProviderError as error:
        _log.warning(
            "context_cache_left", model=made.profile.name, detail=error.detail or error.message
        )
        return False
    return True


def _beginning(request: ModelRequest) -> tuple[str, str]:
    """System text, and the part of the first user turn that calls share."""
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    first = next(m.content for m in request.messages if m.role == "user")
    return system, first[: request.shared_characters]


def at_most_usd(profile: ModelProfile, prices: PriceBook, tokens: int, at: datetime) -> Decimal:
    """The most that a cache of so many tokens costs: written once, stored to its end."""
    written = prices.upper_bound(profile, tokens, 0, at)
    stored = prices.storage(profile, tokens, CONTEXT_TTL_S, at)
    assert written is not None
    assert stored is not None
    return written + stored


def plan_context_cache(
    profile: ModelProfile, prices: PriceBook, tokens: int, calls: Decimal, at: datetime
) -> PlannedContextCache | None:
    """The cache of a run's documents, if by the price book it is cheaper than to send them with
    each of the calls that are expected; else None.

    What a provider keeps of its own accord is not reckoned with: it promises nothing.
    """
    if profile.cache_min_tokens is None or tokens < profile.cache_min_tokens:
        return None
    stored = prices.storage(profile, tokens, CONTEXT_TTL_S, at)
    written = prices.cost(profile, Usage(tokens, 0), at)
    used = prices.cost(profile, Usage(tokens, 0, cached_input_tokens=tokens), at)
    if not stored or not written or used is None:  # free, or of unknown price
        return None
    plain_usd = calls * written
    kept_usd = written + stored + calls * used
    if kept_usd >= plain_usd:
        return None
    return PlannedContextCache(
        model=profile.name,
        tokens=tokens,
        calls=calls,
        plain_usd=plain_usd,
        kept_usd=kept_usd,
        about_usd=written + stored,
        at_most_usd=at_most_usd(profile, prices, tokens, at),
    )
