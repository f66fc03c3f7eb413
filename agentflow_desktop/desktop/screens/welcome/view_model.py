"""What the assistant for models knows: its steps, and what was entered in each.

Plain Python. What a step wrote stays, wherever the assistant is left; a key is kept in no state.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.keys import KeySource
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.models.model_form import TestOutcome, form_for_served
from agentflow_desktop.desktop.screens.models.view_model import (
    ModelsDoor,
    Search,
    kept_words,
    test_outcome,
)
from agentflow_desktop.desktop.screens.settings.view_model import SettingsDoor
from agentflow_desktop.desktop.view_model import Spawn, ViewModel
from agentflow_desktop.llm.model_entries import LocalServer, ServedModel
from agentflow_desktop.llm.provider import ProviderKind

LIMITS: Mapping[str, str] = {
    "production.cost_tracking.daily_limit": "A day",
    "production.cost_tracking.monthly_limit": "A month",
    "production.cost_tracking.per_task_limit": "A task",
}
_GEMINI_AT_FIRST = "gemini-2.5-flash"


class Step(StrEnum):
    """In the order that they are gone through."""

    START = "Welcome"
    KEY = "Gemini key"
    LOCAL = "Local model"
    TEST = "Test"
    LIMITS = "Limits"
    DONE = "Done"

    @property
    def number(self) -> int:
        return tuple(Step).index(self)


@dataclass(frozen=True, slots=True)
class KeyStep:
    """``kept`` says where the key is. ``test`` is what Gemini said to it."""

    kept: str = ""
    problem: str = ""
    test: TestOutcome | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that a server on this machine offers."""

    server: LocalServer
    model: ServedModel


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """``roles`` are the models that play them now; empty: the built-in engine answers.

    ``limits`` is what stands in the fields, ``kept_limits`` what the settings say.
    """

    is_open: bool = False
    step: Step = Step.START
    models: tuple[ModelDetails, ...] = ()
    key_place: str = ""
    gemini: str = _GEMINI_AT_FIRST
    key: KeyStep = KeyStep()
    search: Search = field(default_factory=Search)
    picked: Offer | None = None
    tests: Mapping[Role, TestOutcome] = field(default_factory=dict[Role, TestOutcome])
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    kept_limits: Mapping[str, str] = field(default_factory=dict[str, str])
    limit_problem: str = ""
    problem: Problem | None = None

    @property
    def roles(self) -> dict[Role, str]:
        """The models that the settings give the roles to."""
        return {role: m.profile.name for m in self.models for role in m.roles}

    @property
    def has_model(self) -> bool:
        return bool(self.roles)

    @property
    def gemini_names(self) -> tuple[str, ...]:
        """The models that Gemini's key opens."""
        of_google = (m for m in self.models if m.profile.provider is ProviderKind.GOOGLE_GENAI)
        return tuple(m.profile.name for m in of_google)

    @property
    def has_key(self) -> bool:
        """Whether Gemini's key is there, from whatever place."""
        chosen = next((m for m in self.models if m.profile.name == self.gemini), None)
        return chosen is not None and chosen.key_source not in (None, KeySource.MISSING)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Every model that was found on this machine."""
        servers = self.search.servers or ()
        return tuple(Offer(server, model) for server in servers for model in server.models)


class WelcomeViewModel(ViewModel[WelcomeState]):
    """``on_changed`` is told after every change that was written."""

    def __init__(
        self,
        *,
        spawn: Spawn,
        on_changed: Callable[[], None],
        clock: Clock,
    ) -> None:
        super().__init__(WelcomeState())
        self._spawn = spawn
        self._on_changed = on_changed
        self._clock = clock
        self._models: ModelsDoor | None = None
        self._settings: SettingsDoor | None = None
        self._checking: asyncio.Task[Any] | None = None

    def connect(self, models: ModelsDoor, settings: SettingsDoor) -> None:
        self._models, self._settings = models, settings
        self._change(is_open=True)
        self._spawn(self._load())

    def disconnect(self) -> None:
        self._models = self._settings = None
        self._change(is_open=False)

    def start(self) -> None:
        """Begin at the first step, with what is there now."""
        self._change(step=Step.START, key=KeyStep(), tests={}, problem=None, limit_problem="")
        self._spawn(self._load())

    def go(self, step: Step) -> None:
        """Show a step; the test begins when it is shown, and so does the search."""
        self._change(step=step, problem=None)
        if step is Step.LOCAL and self.state.search.servers is None:
            self.find_local()
        if step is Step.TEST:
            self.test()

    def skip(self) -> None:
        """On to the next step without this one."""
        steps = tuple(Step)
        self.go(steps[min(self.state.step.number + 1, len(steps) - 1)])

    def back(self) -> None:
        self.go(tuple(Step)[max(self.state.step.number - 1, 0)])

    def choose_gemini(self, name: str) -> None:
        """Which of Gemini's models is to be the heavy one."""
        self._change(gemini=name, key=replace(self.state.key, test=None))

    def keep_key(self, value: SecretStr) -> None:
        """Keep Gemini's key and ask Gemini at once whether it takes it."""
        if self._models is not None:
            self._spawn(self._keep_key(self._models, value))

    def test_key(self) -> None:
        """Ask Gemini whether it takes the key that is there."""
        if self._models is not None:
            self._spawn(self._test_key(self._models))

    def find_local(self) -> None:
        """Look for servers on this machine, now."""
        if self._models is not None and not self.state.search.is_going_on:
            self._spawn(self._find(self._models))

    def pick(self, offer: Offer | None) -> None:
        """The model on this machine that is to be the planner; None for none."""
        self._change(picked=offer)

    def use_picked(self) -> None:
        """Make the picked model the planner, then go on."""
        if self._models is not None:
            self._spawn(self._use_picked(self._models))

    def test(self) -> None:
        """Ask every model that plays a role whether it answers."""
        if self._models is not None:
            self._spawn(self._test(self._models))

    def type_limit(self, key: str, text: str) -> None:
        """A limit is typed: it is checked, and written with ``keep_limits``."""
        self._change(limits={**self.state.limits, key: text})
        if self._checking is not None:
            self._checking.cancel()  # what it finds is about a text that is gone
        if self._settings is not None:
            self._checking = self._spawn(self._check_limits(self._settings))

    def keep_limits(self) -> None:
        """Write the limits that changed, then go on."""
        if self._settings is not None:
            self._spawn(self._keep_limits(self._settings))

    async def _load(self) -> None:
        models, settings = self._models, self._settings
        if models is None or settings is None:
            return
        try:
            found = tuple(await models.models())
            place = await models.key_place()
            values = {line.key: line.value for line in await settings.lines()}
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        limits = {key: values[key] for key in LIMITS}
        typed = {k: t for k, t in self.state.limits.items() if t != self.state.kept_limits.get(k)}
        self._change(models=found, key_place=place, kept_limits=limits, limits={**limits, **typed})
        names = self.state.gemini_names
        if self.state.gemini not in names and names:
            self._change(gemini=names[0])

    async def _keep_key(self, door: ModelsDoor, value: SecretStr) -> None:
        chosen = next((m for m in self.state.models if m.profile.name == self.state.gemini), None)
        if chosen is None:
            return
        try:
            found = await door.keep_key(chosen.profile.key_name, value)
        except AgentFlowError as error:
            self._change(key=KeyStep(problem=problem_of(error).words))
            return
        self._change(key=KeyStep(kept=kept_words(found)))
        await self._test_key(door)

    async def _test_key(self, door: ModelsDoor) -> None:
        name = self.state.gemini
        self._change(key=replace(self.state.key, test=TestOutcome(is_going_on=True), problem=""))
        test = await test_outcome(door, name)
        self._change(key=replace(self.state.key, test=test))
        # Not reached: without a network the key may still be right, and is used once there is one.
        if test.is_usable or not test.is_reached:
            await self._bind(door, {Role.HEAVY: name})
        else:
            self._on_changed()
        await self._load()

    async def _find(self, door: ModelsDoor) -> None:
        self._change(search=Search(is_going_on=True, servers=self.state.search.servers))
        servers = tuple(await door.find_local())
        self._change(search=Search(servers=servers))
        if self.state.picked not in self.state.offers:
            self._change(picked=next(iter(self.state.offers), None))

    async def _use_picked(self, door: ModelsDoor) -> None:
        offer = self.state.picked
        if offer is not None:
            name = self._name_for(offer)
            if name is None:
                taken = frozenset(m.profile.name for m in self.state.models)
                form = form_for_served(offer.server, offer.model, taken)
                try:
                    await door.keep(form.draft(self._clock.now().astimezone().date()))
                except AgentFlowError as error:
                    self._change(problem=problem_of(error))
                    return
                name = form.name
            if not await self._bind(door, {Role.PLANNER: name}):
                return
            await self._load()
        self.skip()

    def _name_for(self, offer: Offer) -> str | None:
        """The model that is described already and means this one."""
        for details in self.state.models:
            profile = details.profile
            if (profile.base_url, profile.model) == (offer.server.base_url, offer.model.name):
                return profile.name
        return None

    async def _bind(self, door: ModelsDoor, roles: Mapping[Role, str]) -> bool:
        try:
            await door.bind(roles)
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return False
        self._on_changed()
        return True

    async def _test(self, door: ModelsDoor) -> None:
        roles = self.state.roles
        self._change(tests={role: TestOutcome(is_going_on=True) for role in roles})
        async with asyncio.TaskGroup() as asking:
            for role, name in roles.items():
                asking.create_task(self._test_one(door, role, name))

    async def _test_one(self, door: ModelsDoor, role: Role, name: str) -> None:
        outcome = await test_outcome(door, name)
        self._change(tests={**self.state.tests, role: outcome})

    async def _check_limits(self, door: SettingsDoor) -> None:
        self._change(limit_problem=await door.problem_of(self._changed_limits()))

    async def _keep_limits(self, door: SettingsDoor) -> None:
        changes = self._changed_limits()
        if changes:
            try:
                await door.change(changes)
            except AgentFlowError as error:
                self._change(limit_problem=problem_of(error).words)
                return
            self._change(kept_limits=dict(self.state.limits), limit_problem="")
            self._on_changed()
        self.skip()

    def _changed_limits(self) -> dict[str, str]:
        limits, kept = self.state.limits, self.state.kept_limits
        return {key: text for key, text in limits.items() if text != kept.get(key)}
