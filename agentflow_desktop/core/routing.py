"""The plan of a run, shown before anything is spent: tier, models, tokens, price."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Tier(StrEnum):
    """Size class of a task with its documents."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Role(StrEnum):
    """The two seats that a model can be bound to."""

    PLANNER = "planner"
    HEAVY = "heavy"


class TaskKind(StrEnum):
    """What a task is about; picks prompt templates and evaluation weights."""

    GENERAL = "general"
    SECURITY = "security"
    PERFORMANCE = "performance"
    CODEBASE = "codebase"
    LOGS = "logs"
    DOCUMENTS = "documents"
    ARCHITECTURE = "architecture"
    REFACTORING = "refactoring"


class StepTool(StrEnum):
    """What a planner that names one step at a time may name. Code carries all of them out."""

    SUMMARISE = "summarise"
    EXTRACT = "extract"
    ASK_HEAVY = "ask-heavy"
    VERIFY = "verify"
    ANSWER = "answer"


class VerificationMode(StrEnum):
    """What a reviewer looks for in an answer."""

    CORRECTNESS = "correctness"
    SECURITY = "security"
    PERFORMANCE = "performance"
    EDGE_CASES = "edge_cases"
    ALTERNATIVES = "alternatives"
    REQUIREMENTS = "requirements"
    CROSS_FILE = "cross_file"
    DOCUMENTATION = "documentation"

    @property
    def words(self) -> str:
        """The mode in the words of a step's title."""
        return _MODE_WORDS.get(self, self.value)


_MODE_WORDS = {
    VerificationMode.EDGE_CASES: "edge cases",
    VerificationMode.CROSS_FILE: "cross-file",
    VerificationMode.DOCUMENTATION: "completeness of documentation",
}


class Badge(StrEnum):
    """What a reader must know about how a result came about."""

    BUILT_IN = "built_in"  # passages found, not reasoning
    SELF_VERIFIED = "self_verified"  # one model played both roles
    NOT_VERIFIED = "not_verified"  # verification is off or did not happen
    OTHER_MODEL_SERVED = "other_model_served"  # the server answered with another model
    ESTIMATED_COST = "estimated_cost"  # a provider reported no usage
    UNSTRUCTURED = "unstructured"  # the reply was not in the form asked for
    INCOMPLETE = "incomplete"  # part of the documents was not read
    FALLBACK = "fallback"  # an approved fallback was asked in place of a role's model


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call that the run intends to make.

    ``about_usd`` is the expected price; ``hold_usd`` what the ledger reserves at most. In calls
    after the first it rests on the longest replies that their prompts can hold.
    ``is_certain`` is False for calls that happen only if an earlier one finds an issue.
    """

    role: Role
    purpose: str
    model: str
    input_tokens: int
    max_output_tokens: int
    about_usd: Decimal
    hold_usd: Decimal
    is_certain: bool


@dataclass(frozen=True, slots=True)
class PlannedFallback:
    """An approved model that makes a role's calls if ``instead_of`` can't be asked, and what all
    of the calls that are certain would then cost about, and all of them at most. ``misfits`` is
    how many of the calls are too long for its window: those it would refuse."""

    role: Role
    model: str
    instead_of: str
    about_usd: Decimal
    at_most_usd: Decimal
    misfits: int = 0


CONTEXT_TTL_S = 600
"""How long a provider keeps a run's documents at most, in seconds: bounds what that costs."""


@dataclass(frozen=True, slots=True)
class PlannedContextCache:
    """Documents that a model's provider keeps for the calls of a run, because that is cheaper.

    ``calls`` is how many are expected; one that is made only if needed counts as half. For them
    the documents cost ``plain_usd`` if sent with each, and ``kept_usd`` by the cache, of which
    ``about_usd`` is for writing it and storing it to its end.
    """

    model: str
    tokens: int
    calls: Decimal
    plain_usd: Decimal
    kept_usd: Decimal
    about_usd: Decimal
    at_most_usd: Decimal


@dataclass(frozen=True, slots=True)
class Route:
    """How a task will be answered, and at what price.

    ``tokens`` counts task, context and documents; ``is_exact`` says whether a provider's own
    counter gave it. ``reason`` is one sentence for a person.
    """

    tier: Tier
    reason: str
    tokens: int
    is_exact: bool
    calls: tuple[PlannedCall, ...]
    badges: tuple[Badge, ...]
    is_override: bool = False
    fallbacks: tuple[PlannedFallback, ...] = ()
    context_caches: tuple[PlannedContextCache, ...] = ()

    @property
    def about_usd(self) -> Decimal:
        """Expected price of the calls that are certain, and of the caches that they use."""
        caches = sum((c.about_usd for c in self.context_caches), Decimal(0))
        return sum((c.about_usd for c in self.calls if c.is_certain), caches)

    @property
    def at_most_usd(self) -> Decimal:
        """The sum of the holds if every intended call is made once; a retry or a repair is an
        attempt of its own."""
        caches = sum((c.at_most_usd for c in self.context_caches), Decimal(0))
        return sum((c.hold_usd for c in self.calls), caches)
