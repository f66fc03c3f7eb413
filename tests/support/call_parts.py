"""What tests of calls are made of: profiles, an observer that writes down, a wired caller."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pydantic import SecretStr

from agentflow_desktop.adapters.google_genai import GoogleGenaiProvider
from agentflow_desktop.adapters.openai_compatible import OpenAICompatibleProvider
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.calls import AttemptRecord, CallPurpose, Seat
from agentflow_desktop.llm.messages import Message, ModelRequest
from agentflow_desktop.llm.prompts import PROMPT_FIELDS, PromptLibrary
from agentflow_desktop.llm.provider import Billing, ModelProfile, PriceOverride, ProviderKind

MODEL = "test-model"
PURPOSE = CallPurpose("run_test", "ask", TaskKind.GENERAL)
SETTINGS = ModelSettings(
    request_deadline_s=20, connect_timeout_s=2, stall_timeout_s=0.2, max_attempts=3
)


def a_profile(base_url: str, **changes: object) -> ModelProfile:
    """A metered model at $1 and $2 per million tokens; ``changes`` are fields of the profile."""
    fields: dict[str, object] = {
        "name": "tested",
        "provider": ProviderKind.OPENAI_COMPATIBLE,
        "model": MODEL,
        "base_url": base_url,
        "billing": Billing.METERED,
        "prices": (PriceOverride(date(2020, 1, 1), Decimal(1), Decimal(2)),),
        **changes,
    }
    return ModelProfile(**fields)  # pyright: ignore[reportArgumentType]


def a_seat(
    base_url: str,
    *,
    key: str | None = None,
    settings: ModelSettings = SETTINGS,
    **changes: object,
) -> Seat:
    profile = a_profile(base_url, **changes)
    secret = SecretStr(key) if key is not None else None
    if profile.provider is ProviderKind.GOOGLE_GENAI:
        return Seat(profile, GoogleGenaiProvider(profile, secret, settings))
    return Seat(profile, OpenAICompatibleProvider(profile, secret, settings))


def a_request(text: str = "one two three four", *, max_output_tokens: int = 100) -> ModelRequest:
    messages = (Message("system", "You answer."), Message("user", text))
    return ModelRequest(MODEL, messages, max_output_tokens)


def some_prompts() -> PromptLibrary:
    """Every prompt, each naming itself and its placeholders."""
    return PromptLibrary(
        {
            name: " ".join([f"prompt {name}", *(f"${{{field}}}" for field in sorted(fields))])
            for name, fields in PROMPT_FIELDS.items()
        }
    )


@dataclass
class Notes:
    """A CallObserver that writes down what it is told."""

    texts: list[str] = field(default_factory=list[str])
    restarts: list[str] = field(default_factory=list[str])
    attempts: list[AttemptRecord] = field(default_factory=list[AttemptRecord])
    notices: list[str] = field(default_factory=list[str])
    stand_ins: list[str] = field(default_factory=list[str])
    has_text: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    async def on_text(self, text: str) -> None:
        self.texts.append(text)
        self.has_text.set()

    async def on_restart(self, reason: str) -> None:
        self.restarts.append(reason)
        self.texts.clear()

    async def on_attempt(self, record: AttemptRecord) -> None:
        self.attempts.append(record)

    async def on_notice(self, message: str) -> None:
        self.notices.append(message)

    async def on_stand_in(self, model: str) -> None:
        self.stand_ins.append(model)
