"""The models that can be asked, and who sits in which role."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from pydantic import SecretStr

from agentflow_desktop.adapters.builtin_engine import BuiltInEngine
from agentflow_desktop.adapters.configuration import (
    Configuration,
)
from agentflow_desktop.adapters.google_genai import GoogleGenaiProvider
from agentflow_desktop.adapters.openai_compatible import OpenAICompatibleProvider
from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.core.keys import KeyStore
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.late_key import LateKeyProvider
from agentflow_desktop.llm.provider import Billing, ModelProfile, ModelProvider, ProviderKind
from agentflow_desktop.llm.roles import Roles, bind_fallbacks, bind_profiles


@dataclass(frozen=True, slots=True)
class Models:
    """The roles as settings bind them, with keys, connections and prices."""

    keys: KeyStore
    seats: "Seats"
    planner: ModelProfile
    heavy: ModelProfile
    fallbacks: Mapping[Role, ModelProfile]
    roles: Roles
    prices: OfflinePriceBook


class Seats:
    """Opens each model once and keeps its connection; its key is looked up off the loop."""

    def __init__(self, keys: KeyStore, settings: ModelSettings) -> None:
        self._keys = keys
        self._settings = settings
        self._open: dict[ModelProfile, Seat] = {}

    async def open(self, profile: ModelProfile) -> Seat:
        if profile not in self._open:
            provider = open_provider(profile, None, self._settings)
            if profile.key_name:
                provider = LateKeyProvider(
                    partial(self._find_key, profile),
                    lambda key: open_provider(profile, key, self._settings),
                )
            self._open[profile] = Seat(profile, provider)
        return self._open[profile]

    async def _find_key(self, profile: ModelProfile) -> SecretStr | None:
        found = await asyncio.to_thread(self._keys.find, profile.key_name, profile.key_env)
        return found.value

    async def close(self) -> None:
        for seat in self._open.values():
            await seat.provider.close()


def open_provider(
    profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
) -> ModelProvider:
    match profile.provider:
        case ProviderKind.BUILT_IN:
            return BuiltInEngine()
        case ProviderKind.OPENAI_COMPATIBLE:
            return OpenAICompatibleProvider(profile, key, settings)
        case ProviderKind.GOOGLE_GENAI:
            return GoogleGenaiProvider(profile, key, settings)


@asynccontextmanager
async def provider_for_once(
    profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
) -> AsyncGenerator[ModelProvider]:
    provider = open_provider(profile, key, settings)
    try:
        yield provider
    finally:
        await provider.close()


async def open_models(
    stack: AsyncExitStack, configuration: Configuration, keys: KeyStore
) -> Models:
    """Seat the models that settings name; the stack closes their connections."""
    settings = configuration.settings.models
    seats = Seats(keys, settings)
    stack.push_async_callback(seats.close)
    planner, heavy = bind_profiles(configuration.profiles, settings.planner, settings.heavy)
    fallbacks = bind_fallbacks(configuration.profiles, settings)
    roles = Roles(
        await _role_seat(seats, planner, fallbacks.get(Role.PLANNER)),
        await _role_seat(seats, heavy, fallbacks.get(Role.HEAVY)),
    )
    prices = OfflinePriceBook()
    if any(p.billing is Billing.METERED for p in (planner, heavy, *fallbacks.values())):
        await asyncio.to_thread(prices.load)
    return Models(keys, seats, planner, heavy, fallbacks, roles, prices)


async def _role_seat(seats: Seats, profile: ModelProfile, fallback: ModelProfile | None) -> Seat:
    seat = await seats.open(profile)
    return replace(seat, fallback=await seats.open(fallback)) if fallback is not None else seat
