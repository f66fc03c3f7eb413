"""The route of a question with its price, before anything is spent."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import (
    Badge,
    PlannedCall,
    PlannedContextCache,
    PlannedFallback,
    Role,
    Route,
    Tier,
)
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.context_caches import plan_context_cache
from agentflow_desktop.llm.conversation import TierParts
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.question import Question, RequestWriter
from agentflow_desktop.llm.route_calls import CallSize, RouteCalls
from agentflow_desktop.llm.tier_choice import TYPICAL_OUTPUT_SHARE, TaskSize, TierChoice
from agentflow_desktop.llm.tiers import is_near_threshold

__all__ = ["RoutePlanner", "TaskSize"]

_PROMPT_OVERHEAD_TOKENS = 600  # instructions, schema and fences of the shipped prompts, rounded up
_IF_NEEDED = Decimal("0.5")  # of a call that is made only if a review finds an issue


class RoutePlanner:
    """Chooses the tier and prices the calls. Asks only free counters."""

    def __init__(self, parts: TierParts, prices: PriceBook) -> None:
        self._parts = parts
        self._roles = parts.roles
        self._prices = prices
        self._choice = TierChoice(parts)

    def estimate(self, typed_raw: int, documents_raw: int) -> TaskSize:
        """The size by our own estimate, from texts that need not be read again."""
        profile = self._roles.planner.profile
        scaled = self._parts.windows.calibration.scaled(typed_raw + documents_raw, profile.model)
        return TaskSize(scaled + _PROMPT_OVERHEAD_TOKENS, False, typed_raw, documents_raw)

    def needs_count(self, size: TaskSize) -> bool:
        """Whether the estimate is too near a threshold and the seat's server can count."""
        profile = self._counter(size).profile
        return (
            not size.is_exact
            and profile.counts_tokens
            and is_near_threshold(size.tokens, profile.window_tokens, self._parts.windows.routing)
        )

    async def count(self, question: Question, size: TaskSize) -> TaskSize:
        """The size by a model's own counter if it answers, else the estimate."""
        seat = self._counter(size)
        writer = RequestWriter(self._parts.prompts, self._parts.settings)
        counted = await self._parts.caller.count_input(seat, writer.propose(question, seat.profile))
        if not counted.is_exact:
            return size
        return TaskSize(counted.tokens, True, size.typed_raw, size.documents_raw)

    def _counter(self, size: TaskSize) -> Seat:
        """The planner's server counts what the planner may read; above that, the heavy one's."""
        routing = self._parts.windows.routing
        is_small = size.tokens < 2 * routing.small_max_tokens
        return self._roles.planner if is_small else self._roles.heavy

    def tier(self, size: TaskSize, override: Tier | None) -> Tier:
        """The tier that the task takes. Raises InputRefused if a window makes it impossible."""
        return self._choice.choose(size, override)

    def plan(self, question: Question, size: TaskSize, override: Tier | None) -> Route:
        """The route with its calls and prices. Takes time with the size: for a thread.

        Raises InputRefused if a window is too small, and ConfigurationError if a metered model
        has no price.
        """
        tier = self.tier(size, override)
        badges = self._roles.badges()
        if self._roles.is_built_in:
            reason = "no model is configured: the built-in engine finds passages on this machine"
        else:
            reason = self._choice.explain(size, tier, override)
            if not self._parts.settings.enabled:
                badges = (Badge.NOT_VERIFIED,)
        sizes = RouteCalls(self._parts, question, size).of(tier)
        caches = {cache.model: cache for cache in self._context_caches(size, sizes)}
        calls = tuple(self._priced(call, self._seat(call.role).profile, caches) for call in sizes)
        return Route(
            tier,
            reason,
            size.tokens,
            size.is_exact,
            calls,
            badges,
            override is not None,
            tuple(self._fallbacks(sizes)),
            tuple(caches.values()),
        )

    def _context_caches(
        self, size: TaskSize, sizes: Sequence[CallSize]
    ) -> Iterator[PlannedContextCache]:
        """For each model that is to begin several calls with all the documents."""
        parts = self._parts
        profiles = dict.fromkeys(self._seat(role).profile for role in Role)
        for profile in profiles:
            on_all = [
                call
                for call in sizes
                if call.is_on_all and self._seat(call.role).profile == profile
            ]
            calls = sum((Decimal(1) if c.is_certain else _IF_NEEDED for c in on_all), Decimal(0))
            tokens = parts.windows.calibration.scaled(size.documents_raw, profile.model)
            now = parts.clock.now()
            planned = plan_context_cache(profile, self._prices, tokens, calls, now)
            if planned is not None:
                yield planned

    def _seat(self, role: Role) -> Seat:
        return self._roles.planner if role is Role.PLANNER else self._roles.heavy

    def _fallbacks(self, sizes: Sequence[CallSize]) -> Iterator[PlannedFallback]:
        """What the calls of each role cost if its fallback makes all of them."""
        for role in Role:
            seat = self._seat(role)
            sizes_of_role = [call for call in sizes if call.role is role]
            if seat.fallback is None or not sizes_of_role:
                continue
            profile = seat.fallback.profile
            calls = [self._priced(call, profile) for call in sizes_of_role]
            yield PlannedFallback(
                role,
                profile.name,
                seat.profile.name,
                sum((call.about_usd for call in calls if call.is_certain), ZERO_USD),
                sum((call.hold_usd for call in calls), ZERO_USD),
                sum(not _fits(call, profile) for call in calls),
            )

    def _priced(
        self,
        call: CallSize,
        profile: ModelProfile,
        caches: Mapping[str, PlannedContextCache] = MappingProxyType({}),
    ) -> PlannedCall:
        now = self._parts.clock.now()
        output = min(call.max_output_tokens, profile.max_output_tokens)
        cache = caches.get(profile.name) if call.is_on_all else None
        cached = min(cache.tokens, call.tokens) if cache is not None else 0
        usage = Usage(call.tokens, output // TYPICAL_OUTPUT_SHARE, cached_input_tokens=cached)
        about = self._prices.cost(profile, usage, now)
        bound = self._prices.upper_bound(profile, call.bound_tokens, output, now)
        if about is None or bound is None:
            raise ConfigurationError(
                f"No price is known for {profile.name} ({profile.model}).",
                hint="Enter its prices in models.yaml, or set billing: free if it costs nothing.",
            )
        return PlannedCall(
            call.role,
            call.purpose,
            profile.name,
            call.tokens,
            output,
            about,
            bound,
            call.is_certain,
        )


def _fits(call: PlannedCall, profile: ModelProfile) -> bool:
    return call.input_tokens + call.max_output_tokens <= profile.window_tokens
