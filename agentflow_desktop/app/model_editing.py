"""The door for models as a person sets them up: entries, roles, keys, and who serves here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from pydantic import SecretStr

from agentflow_desktop.app.settings_queries import SettingsQueries
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.keys import FoundKey, KeySource, KeyStore
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.model_entries import EntryOrigin, LocalServer, ModelDraft, ModelEntry
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ModelProfile, ModelProvider, ProviderHealth

_ROLE_SETTINGS = {Role.PLANNER: "models.planner", Role.HEAVY: "models.heavy"}
_FALLBACK_SETTINGS = {role: f"{key}_fallback" for role, key in _ROLE_SETTINGS.items()}
_NOBODY: Mapping[Role, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """A configured model as a person sets it up.

    ``roles`` are those that the settings give it now, ``fallback_of`` those that they let it
    stand in for. ``key_source`` is None if it needs none.
    """

    profile: ModelProfile
    origin: EntryOrigin
    roles: tuple[Role, ...]
    key_source: KeySource | None
    key_place: str
    price: str
    fallback_of: tuple[Role, ...] = ()


class ModelsFile(Protocol):
    """The person's models file. Every method may block."""

    @property
    def file(self) -> Path: ...
    def settings(self) -> ModelSettings: ...
    def entries(self) -> Sequence[ModelEntry]: ...
    def find(self, name: str) -> ModelEntry: ...
    def profile_of(self, draft: ModelDraft) -> ModelProfile: ...
    def problem_of(self, draft: ModelDraft) -> str: ...
    def keep(self, draft: ModelDraft) -> None: ...
    def remove(self, name: str) -> None: ...


OpenProvider = Callable[
    [ModelProfile, SecretStr | None, ModelSettings], AbstractAsyncContextManager[ModelProvider]
]
FindServers = Callable[[Sequence[int]], Awaitable[Sequence[LocalServer]]]


class ModelEditing:
    """Reads and changes models as the files hold them now; asks servers only when told to."""

    def __init__(
        self,
        *,
        models: ModelsFile,
        settings: SettingsQueries,
        keys: KeyStore,
        prices: PriceBook,
        clock: Clock,
        open_provider: OpenProvider,
        find_servers: FindServers,
        usual_ports: Sequence[int],
    ) -> None:
        self._models = models
        self._settings = settings
        self._keys = keys
        self._prices = prices
        self._clock = clock
        self._open_provider = open_provider
        self._find_servers = find_servers
        self.usual_ports = tuple(usual_ports)

    @property
    def file(self) -> Path:
        """The file that changes go into; it need not be there yet."""
        return self._models.file

    async def models(self) -> Sequence[ModelDetails]:
        """Every model with role, key and price. Raises ConfigurationError for a bad file."""
        return await asyncio.to_thread(self._details)

    async def problem_of(self, draft: ModelDraft) -> str:
        """Why the draft can't stand, in one sentence; empty if it can."""
        return await asyncio.to_thread(self._models.problem_of, draft)

    async def keep(self, draft: ModelDraft) -> None:
        """Add a model, or change the one of that name.

        Raises InputRefused, ConfigurationError or StorageError; then nothing is changed.
        """
        await asyncio.to_thread(self._models.keep, draft)

    async def remove(self, name: str) -> None:
        """Take the person's own entry away. Raises InputRefused where that can't be."""
        await asyncio.to_thread(self._models.remove, name)

    async def bind(
        self, roles: Mapping[Role, str] = _NOBODY, fallbacks: Mapping[Role, str] = _NOBODY
    ) -> None:
        """Give roles, and the places of their fallbacks, to models by name; an empty name gives
        them to nobody.

        Raises as ``SettingsQueries.change``.
        """
        keys = {_ROLE_SETTINGS[role]: name for role, name in roles.items()}
        keys |= {_FALLBACK_SETTINGS[role]: name for role, name in fallbacks.items()}
        await self._settings.change({key: name or None for key, name in keys.items()})

    async def test(self, model: str | ModelDraft) -> ProviderHealth:
        """Whether the model answers now, with the key that is there now.

        A draft is tested as it stands, before it is kept. Raises InputRefused or
        ConfigurationError for a model that can't be.
        """
        profile = await asyncio.to_thread(self._profile, model)
        settings = await asyncio.to_thread(self._models.settings)
        key = None
        if profile.key_name:
            found = await asyncio.to_thread(self._keys.find, profile.key_name, profile.key_env)
            key = found.value
        async with self._open_provider(profile, key, settings) as provider:
            return await provider.health()

    async def key_place(self) -> str:
        """Name of the keyring that a key would go into; empty where it lasts for the session."""
        return await asyncio.to_thread(self._keys.place)

    async def keep_key(self, name: str, value: SecretStr) -> FoundKey:
        """Keep a key in the keyring, or for this session where there is none.

        Raises InputRefused for what is no key, StorageError if the keyring refuses.
        """
        return await asyncio.to_thread(self._keys.keep, name, value)

    async def remove_key(self, name: str) -> bool:
        """Forget a kept key; gives whether there was one. Raises StorageError."""
        return await asyncio.to_thread(self._keys.remove, name)

    async def find_local(self, more_ports: Sequence[int] = ()) -> Sequence[LocalServer]:
        """Who serves models on this machine, on the usual ports and these, asked now."""
        return await self._find_servers((*self.usual_ports, *more_ports))

    def _profile(self, model: str | ModelDraft) -> ModelProfile:
        if isinstance(model, ModelDraft):
            return self._models.profile_of(model)
        return self._models.find(model).profile

    def _details(self) -> tuple[ModelDetails, ...]:
        entries, settings = self._models.entries(), self._models.settings()
        names = {Role.PLANNER: settings.planner, Role.HEAVY: settings.heavy}
        spare = {Role.PLANNER: settings.planner_fallback, Role.HEAVY: settings.heavy_fallback}
        return tuple(
            replace(
                self._detail(entry),
                roles=_roles_of(entry.profile.name, names),
                fallback_of=_roles_of(entry.profile.name, spare),
            )
            for entry in entries
        )

    def _detail(self, entry: ModelEntry) -> ModelDetails:
        profile = entry.profile
        source, place = None, ""
        if profile.key_name:
            found = self._keys.find(profile.key_name, profile.key_env)
            source, place = found.source, found.place
        price = self._prices.describe(profile, self._clock.now())
        return ModelDetails(profile, entry.origin, (), source, place, price)


def _roles_of(model: str, names: Mapping[Role, str]) -> tuple[Role, ...]:
    return tuple(role for role, name in names.items() if name == model)
