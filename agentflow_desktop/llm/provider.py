"""The one protocol that every source of models speaks, and the profile of a model."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from agentflow_desktop.llm.messages import ModelRequest, ReplyPart


class ProviderKind(StrEnum):
    BUILT_IN = "built_in"
    OPENAI_COMPATIBLE = "openai_compatible"
    GOOGLE_GENAI = "google_genai"


class ThinkingLevel(StrEnum):
    """How long a model thinks before it answers, where it is told in words."""

    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class PlannerFormat(StrEnum):
    """How a planner is asked what to do: for a form in JSON, or for the next step as
    agentflow-planner-7b was trained to name it (``llm.step_format``)."""

    INSTRUCT = "instruct"
    AGENTFLOW_STEPS = "agentflow_steps"


class Billing(StrEnum):
    """FREE costs nothing by declaration; METERED needs a price or is refused."""

    FREE = "free"
    METERED = "metered"


def is_loopback(base_url: str) -> bool:
    """Whether the address is this machine's own. Names are not looked up: only ``localhost``
    and what ends in ``.localhost`` count as names of this machine."""
    host = (urlsplit(base_url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def default_billing(provider: ProviderKind, base_url: str) -> Billing:
    """FREE for the built-in engine and for servers on this very machine, else METERED."""
    if provider is ProviderKind.BUILT_IN or is_loopback(base_url):
        return Billing.FREE
    return Billing.METERED


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """Dollars per million tokens from a date on, as the person entered them."""

    effective_from: date
    input_usd: Decimal
    output_usd: Decimal
    cached_input_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StoragePrice:
    """Dollars for a million tokens that a provider keeps for an hour, from a date on."""

    effective_from: date
    usd_per_hour: Decimal


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What is known about a configured model. Data of models.yaml, never code.

    ``name`` is what settings and people use; ``model`` what the server is asked for.
    ``key_name`` names the key in keyring and environment, empty if none is needed; ``key_env``
    is an environment variable that also holds it, e.g. OPENAI_API_KEY.
    ``aliases`` are patterns (``fnmatch``) of served-model names that mean this model.
    ``price_model`` and ``price_provider`` name it in the price list where that differs.
    ``planner_format`` counts where the model sits in the planner's seat.
    ``thinking_level`` or ``thinking_budget`` (tokens) bounds its thinking: never both.
    ``cache_min_tokens``: the fewest tokens that the provider keeps on request; None if it doesn't.
    """

    name: str
    provider: ProviderKind
    model: str
    base_url: str = ""
    key_name: str = ""
    key_env: str = ""
    window_tokens: int = 8_192
    max_output_tokens: int = 2_048
    billing: Billing = Billing.METERED
    sends_schema: bool = True
    counts_tokens: bool = False
    sends_temperature: bool = True
    planner_format: PlannerFormat = PlannerFormat.INSTRUCT
    thinking_level: ThinkingLevel | None = None
    thinking_budget: int | None = None
    aliases: tuple[str, ...] = ()
    price_model: str = ""
    price_provider: str = ""
    prices: tuple[PriceOverride, ...] = field(default=())
    cache_min_tokens: int | None = None
    storage_prices: tuple[StoragePrice, ...] = ()

    @property
    def names_steps(self) -> bool:
        """As a planner it is asked for one step at a time."""
        return self.planner_format is PlannerFormat.AGENTFLOW_STEPS


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """Whether a provider can be used now; ``message`` is a sentence, ``hint`` the next step.

    ``is_reached`` is False where nobody answered at all: no network, or no server.
    """

    is_usable: bool
    message: str
    hint: str = ""
    latency_ms: int | None = None
    is_reached: bool = True


@dataclass(frozen=True, slots=True)
class ToldWindow:
    """A context length by the server's own word; ``source`` says where it stands."""

    tokens: int
    source: str


@dataclass(frozen=True, slots=True)
class ContextCache:
    """What a provider keeps for us: its own name for it, and the tokens that it counted."""

    name: str
    tokens: int


class ModelProvider(Protocol):
    """A source of models. One instance serves one profile's address and key."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        """The reply as it comes. Makes exactly one attempt, retries nothing.

        Raises KeyMissing, ProviderUnavailable or ProviderRefused; after the last part the
        generator just ends. Closing it early (``aclose``) closes the connection.
        """
        ...

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Input tokens by the server's own tokenizer; None where it has no counter."""
        ...

    async def list_models(self) -> tuple[str, ...]:
        """Names that the server offers."""
        ...

    async def told_window(self) -> ToldWindow | None:
        """The context length that the server says it has; None where it says nothing."""
        ...

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        """Have system text and turns kept for later calls of the same model, for so many seconds
        and for money; None where nothing is ever kept. Raises as ``stream``; ``was_accepted`` is
        set if they may be kept all the same."""
        ...

    async def drop_context(self, name: str) -> None:
        """Delete what is kept, before its time. Raises as ``stream``."""
        ...

    async def health(self) -> ProviderHealth:
        """Never raises for a server's fault."""
        ...

    async def close(self) -> None: ...
