"""The route of a question with its price, before anything is spent."""

from dataclasses import dataclass, replace

from pydantic import BaseModel

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import ConfigurationError, InputRefused
from agentflow_desktop.core.routing import Badge, PlannedCall, Role, Route, Tier
from agentflow_desktop.core.settings import RoutingSettings, VerificationSettings
from agentflow_desktop.documents.tokens import Calibration, raw_tokens
from agentflow_desktop.llm.caller import ModelCaller, Seat
from agentflow_desktop.llm.claims import Answer, Review, Verdict
from agentflow_desktop.llm.messages import ModelRequest, Usage
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.question import Question, RequestWriter
from agentflow_desktop.llm.replies import AnswerForm, RefinedForm, ReviewForm
from agentflow_desktop.llm.roles import Roles
from agentflow_desktop.llm.tiers import choose_tier, explain_tier, is_near_threshold

_PROMPT_OVERHEAD_TOKENS = 450  # system text, schema and fences of the shipped prompts, rounded up
_TYPICAL_OUTPUT_SHARE = 3  # answers take about a third of the tokens they may take
_BYTES_PER_WRITTEN_TOKEN = 6  # of a reply put into a later prompt; four and a half are usual
_NOTHING_YET = Answer("", ())
_NO_REVIEW = Review(Verdict.APPROVE, ())


@dataclass(frozen=True, slots=True)
class TaskSize:
    """Tokens of task, context and documents. ``is_exact``: by the planner's own counter."""

    tokens: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """A call that may come: ``request`` without the replies that it will quote, which are of at
    most ``written_tokens``."""

    role: Role
    purpose: str
    form: type[BaseModel]
    request: ModelRequest
    written_tokens: int


class RoutePlanner:
    """Chooses the tier and prices the calls. Asks only free counters."""

    def __init__(
        self,
        *,
        roles: Roles,
        caller: ModelCaller,
        prices: PriceBook,
        calibration: Calibration,
        routing: RoutingSettings,
        verification: VerificationSettings,
        writer: RequestWriter,
        clock: Clock,
    ) -> None:
        self._roles = roles
        self._caller = caller
        self._prices = prices
        self._calibration = calibration
        self._routing = routing
        self._verification = verification
        self._writer = writer
        self._clock = clock

    def estimate(self, task: str, context: str, document_raw_tokens: int) -> TaskSize:
        """The size by our own estimate, from texts that need not be read again."""
        raw = raw_tokens(task) + raw_tokens(context) + document_raw_tokens
        profile = self._roles.planner.profile
        scaled = self._calibration.scaled(raw, profile.model)
        return TaskSize(scaled + _PROMPT_OVERHEAD_TOKENS, is_exact=False)

    def needs_count(self, size: TaskSize) -> bool:
        """Whether the estimate is too near a threshold and the planner's server can count."""
        profile = self._roles.planner.profile
        return (
            not size.is_exact
            and profile.counts_tokens
            and is_near_threshold(size.tokens, profile.window_tokens, self._routing)
        )

    async def count(self, question: Question, size: TaskSize) -> TaskSize:
        """The size by the planner's own counter if it answers, else the estimate."""
        seat = self._roles.planner
        counted = await self._caller.count_input(seat, self._writer.propose(question, seat.profile))
        return TaskSize(counted.tokens, True) if counted.is_exact else size

    def tier(self, size: TaskSize, override: Tier | None) -> Tier:
        """The tier that the task takes. Raises InputRefused for one that can't be run."""
        by_size = choose_tier(size.tokens, self._routing)
        tier = override or by_size
        if self._roles.is_built_in:
            return tier
        if tier is not Tier.SMALL:
            why = explain_tier(size.tokens, by_size, self._routing)
            raise InputRefused(
                f"This task takes the {tier} tier ({why}), which this version cannot run yet.",
                hint="Choose fewer files, force the small tier, or ask the built-in engine.",
            )
        return tier

    def plan(self, question: Question, size: TaskSize, override: Tier | None) -> Route:
        """The route with its calls and prices.

        Raises InputRefused if the tier can't be run or the window is too small, and
        ConfigurationError if a metered model has no price.
        """
        tier = self.tier(size, override)
        badges = self._roles.badges()
        if self._roles.is_built_in:
            calls = (self._call(self._propose(question, "finds passages"), size, is_certain=True),)
            reason = "no model is configured: the built-in engine finds passages on this machine"
        else:
            calls = self._model_calls(question, size)
            reason = explain_tier(
                size.tokens, choose_tier(size.tokens, self._routing), self._routing
            )
            if override is not None:
                reason += f"; {override} was chosen by hand"
        if not self._verification.enabled and not self._roles.is_built_in:
            badges = (Badge.NOT_VERIFIED,)
        return Route(tier, reason, size.tokens, size.is_exact, calls, badges, override is not None)

    def _model_calls(self, question: Question, size: TaskSize) -> tuple[PlannedCall, ...]:
        calls = [self._call(self._propose(question, "proposes"), size, is_certain=True)]
        if self._verification.enabled:
            planner, heavy = self._roles.planner.profile, self._roles.heavy.profile
            review = self._writer.review(question, heavy, _NOTHING_YET, ())
            refine = self._writer.refine(question, planner, _NOTHING_YET, _NO_REVIEW)
            answer_tokens = refine.max_output_tokens
            verifies = _Step(Role.HEAVY, "verifies", ReviewForm, review, answer_tokens)
            refines = _Step(
                Role.PLANNER, "refines", RefinedForm, refine,
                answer_tokens + review.max_output_tokens,
            )  # fmt: skip
            again = replace(verifies, purpose="verifies again")
            calls.append(self._call(verifies, size, is_certain=True))
            for _ in range(1, self._verification.max_iterations):
                calls.append(self._call(refines, size, is_certain=False))
                calls.append(self._call(again, size, is_certain=False))
            calls.append(self._call(refines, size, is_certain=False))
        return tuple(calls)

    def _propose(self, question: Question, purpose: str) -> "_Step":
        request = self._writer.propose(question, self._roles.planner.profile)
        return _Step(Role.PLANNER, purpose, AnswerForm, request, 0)

    def _call(self, step: "_Step", size: TaskSize, *, is_certain: bool) -> PlannedCall:
        seat = self._roles.planner if step.role is Role.PLANNER else self._roles.heavy
        output_tokens = step.request.max_output_tokens
        tokens = size.tokens + step.written_tokens // _TYPICAL_OUTPUT_SHARE
        self._refuse_if_too_long(seat, step.request, tokens)
        now = self._clock.now()
        about = self._prices.cost(
            seat.profile, Usage(tokens, output_tokens // _TYPICAL_OUTPUT_SHARE), now
        )
        bound = self._prices.upper_bound(
            seat.profile,
            self._caller.most_input_tokens(seat, step.request, step.form)
            + step.written_tokens * _BYTES_PER_WRITTEN_TOKEN,
            output_tokens,
            now,
        )
        if about is None or bound is None:
            raise ConfigurationError(
                f"No price is known for {seat.profile.name} ({seat.profile.model}).",
                hint="Enter its prices in models.yaml, or set billing: free if it costs nothing.",
            )
        return PlannedCall(
            step.role, step.purpose, seat.profile.name, tokens, output_tokens, about, bound,
            is_certain,
        )  # fmt: skip

    def _refuse_if_too_long(self, seat: Seat, request: ModelRequest, tokens: int) -> None:
        window = seat.profile.window_tokens
        if not self._roles.is_built_in and tokens + request.max_output_tokens > window:
            raise InputRefused(
                f"{tokens:,} tokens and an answer of up to {request.max_output_tokens:,} "
                f"do not fit the window of {seat.profile.name} ({window:,} tokens).",
                hint="Choose fewer files, or a model with a larger window.",
            )
