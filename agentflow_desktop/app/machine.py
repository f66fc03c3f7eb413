"""What the program stands on, as seen from inside: models, keys, database, tools."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from agentflow_desktop.app.queries import HealthCheck, ModelLine, Status
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError, InputRefused
from agentflow_desktop.core.history import RunFilter, RunHistory
from agentflow_desktop.core.keys import KeyStore
from agentflow_desktop.core.routing import Role
from agentflow_desktop.core.runs import RunState
from agentflow_desktop.documents.document import DocumentReader, FileState, Selection
from agentflow_desktop.llm.budget import Ledger
from agentflow_desktop.llm.cache import CacheStore
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.pricing import PriceBook
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind

_RUNNING_SHOWN = 50


class Storage(Protocol):
    """What the database says of itself."""

    path: Path

    def byte_count(self) -> int: ...

    async def check(self) -> str:
        """What the integrity check found, empty if the file is sound."""
        ...


class ProgramMachine:
    """Health and status of one running program."""

    def __init__(
        self,
        *,
        profiles: Sequence[ModelProfile],
        bound: Mapping[Role, ModelProfile],
        fallbacks: Mapping[Role, ModelProfile],
        open_seat: Callable[[ModelProfile], Awaitable[Seat]],
        keys: KeyStore,
        prices: PriceBook,
        clock: Clock,
        ledger: Ledger,
        cache: CacheStore,
        history: RunHistory,
        storage: Storage,
        reader: DocumentReader,
        probe_file: Path,
        log_directory: Path,
    ) -> None:
        self._profiles = {profile.name: profile for profile in profiles}
        self._bound = bound
        self._fallbacks = fallbacks
        self._open_seat = open_seat
        self._keys = keys
        self._prices = prices
        self._clock = clock
        self._ledger = ledger
        self._cache = cache
        self._history = history
        self._storage = storage
        self._reader = reader
        self._probe_file = probe_file
        self._log_directory = log_directory

    async def health(self) -> Sequence[HealthCheck]:
        """Database, reader, and the models and keys that the roles need, all asked now."""
        names = dict.fromkeys(profile.name for profile in self._bound.values())
        spare = dict.fromkeys(f.name for f in self._fallbacks.values() if f.name not in names)
        async with asyncio.TaskGroup() as checks:
            tasks = [
                checks.create_task(self._check_database()),
                checks.create_task(self._check_reader()),
                *(checks.create_task(self._check_key(name)) for name in names),
                *(checks.create_task(self.test_model(name)) for name in names),
                *(checks.create_task(self._check_spare(name)) for name in spare),
            ]
        return [check for task in tasks if (check := task.result()) is not None]

    async def _check_spare(self, name: str) -> HealthCheck:
        """A fallback: the program works without it."""
        return replace(await self.test_model(name), is_required=False)

    async def status(self) -> Status:
        running = await self._history.runs(RunFilter(state=RunState.RUNNING), limit=_RUNNING_SHOWN)
        return Status(
            models=await self.models(),
            running=tuple(running),
            spending=await self._ledger.spending(),
            cache=await self._cache.stats(),
            database_path=str(self._storage.path),
            database_bytes=await asyncio.to_thread(self._storage.byte_count),
            log_directory=str(self._log_directory),
        )

    async def models(self) -> tuple[ModelLine, ...]:
        """Every configured model, with its key's state and its price."""
        return await asyncio.to_thread(
            lambda: tuple(self._line(profile) for profile in self._profiles.values())
        )

    async def test_model(self, name: str) -> HealthCheck:
        """Whether one model answers now. Raises InputRefused for an unknown name."""
        profile = self._profiles.get(name)
        if profile is None:
            raise InputRefused(
                f"There is no model named {name!r}.",
                hint=f"Choose one of: {', '.join(sorted(self._profiles))}.",
            )
        seat = await self._open_seat(profile)
        health = await seat.provider.health()
        return HealthCheck(
            f"model {name}",
            health.is_usable,
            health.message,
            health.hint,
            latency_ms=health.latency_ms,
        )

    def _line(self, profile: ModelProfile) -> ModelLine:
        return ModelLine(
            name=profile.name,
            provider=profile.provider,
            model=profile.model,
            address=profile.base_url or "this program",
            roles=tuple(role for role, bound in self._bound.items() if bound == profile),
            key_state=self._key_state(profile),
            price=self._prices.describe(profile, self._clock.now()),
            fallback_of=tuple(role for role, f in self._fallbacks.items() if f == profile),
        )

    def _key_state(self, profile: ModelProfile) -> str:
        if not profile.key_name:
            return "not needed"
        found = self._keys.find(profile.key_name, profile.key_env)
        return "missing" if found.value is None else f"set ({found.place})"

    async def _check_key(self, name: str) -> HealthCheck | None:
        profile = self._profiles[name]
        if not profile.key_name:
            return None
        state = await asyncio.to_thread(self._key_state, profile)
        is_set = state != "missing"
        hint = "" if is_set else f"agentflow models set-key {profile.key_name}"
        return HealthCheck(f"key {profile.key_name}", is_set, state, hint)

    async def _check_database(self) -> HealthCheck:
        try:
            found = await self._storage.check()
        except AgentFlowError as error:
            return HealthCheck("database", is_usable=False, message=error.message, hint=error.hint)
        if found:
            return HealthCheck(
                "database",
                is_usable=False,
                message=f"The database {self._storage.path} is damaged.",
                hint="agentflow database restore",
            )
        return HealthCheck("database", is_usable=True, message=str(self._storage.path))

    async def _check_reader(self) -> HealthCheck:
        """Reads a file of ours through a worker process."""
        try:
            files = await self._reader.survey(Selection(files=(self._probe_file,)))
            states = [(r.state, r.reason) async for r in self._reader.read(files)]
        except AgentFlowError as error:
            return HealthCheck("reader", is_usable=False, message=error.message, hint=error.hint)
        state, reason = states[0]
        if state is not FileState.READ:
            return HealthCheck("reader", is_usable=False, message=reason, hint="See the log.")
        return HealthCheck("reader", is_usable=True, message="Worker processes read files.")


def bound_profiles(planner: ModelProfile, heavy: ModelProfile) -> Mapping[Role, ModelProfile]:
    """The seats by role; the built-in engine takes the planner's seat only."""
    if planner.provider is ProviderKind.BUILT_IN:
        return {Role.PLANNER: planner}
    return {Role.PLANNER: planner, Role.HEAVY: heavy}
