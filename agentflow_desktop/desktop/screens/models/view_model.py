"""What the page of models knows: entries, roles, keys, tests, and servers on this machine.

Plain Python. A key passes through to the key store and is kept in no state and no field.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pydantic import SecretStr

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.keys import FoundKey, KeySource
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.problem import problem_of
from agentflow_desktop.desktop.screens.models.model_form import (
    ModelForm,
    TestOutcome,
    empty_form,
    form_for_served,
    form_of,
)
from agentflow_desktop.desktop.screens.models.probe_state import (
    ProbesDoor,
    ProbeState,
    kept,
    priced,
    probed,
)
from agentflow_desktop.desktop.screens.models.state import KeyNotice, ModelsState, Search
from agentflow_desktop.desktop.view_model import ViewModel
from agentflow_desktop.llm.model_entries import LocalServer, ModelDraft, ServedModel
from agentflow_desktop.llm.probe_report import ProbeReport
from agentflow_desktop.llm.provider import ProviderHealth

CHECK_PAUSE_S = 0.2


class ModelsDoor(Protocol):
    """What the page uses of the door for models."""

    @property
    def usual_ports(self) -> Sequence[int]: ...
    async def models(self) -> Sequence[ModelDetails]: ...
    async def problem_of(self, draft: ModelDraft) -> str: ...
    async def keep(self, draft: ModelDraft) -> None: ...
    async def remove(self, name: str) -> None: ...
    async def bind(
        self, roles: Mapping[Role, str] = ..., fallbacks: Mapping[Role, str] = ...
    ) -> None: ...
    async def test(self, model: str | ModelDraft) -> ProviderHealth: ...
    async def key_place(self) -> str: ...
    async def keep_key(self, name: str, value: SecretStr) -> FoundKey: ...
    async def remove_key(self, name: str) -> bool: ...
    async def find_local(self, more_ports: Sequence[int] = ()) -> Sequence[LocalServer]: ...


class ModelsViewModel(ViewModel[ModelsState]):
    """``on_changed`` is told after every change that was written, a key among them."""

    def __init__(
        self,
        *,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        on_changed: Callable[[], None],
        clock: Clock,
        check_pause_s: float = CHECK_PAUSE_S,
    ) -> None:
        super().__init__(ModelsState())
        self._spawn = spawn
        self._on_changed = on_changed
        self._clock = clock
        self._check_pause_s = check_pause_s
        self._door: ModelsDoor | None = None
        self._probes: ProbesDoor | None = None
        self._checking: asyncio.Task[Any] | None = None

    def connect(self, door: ModelsDoor, probes: ProbesDoor) -> None:
        self._door, self._probes = door, probes
        self._change(is_open=True)
        self.refresh()

    def disconnect(self) -> None:
        self._door = self._probes = None
        self._change(is_open=False)

    def refresh(self) -> None:
        """Read models and keys again."""
        if self._door is not None:
            self._spawn(self._load(self._door))

    def bind(self, role: Role, name: str) -> None:
        """Give the role to a model, or with an empty name to none."""
        if self._door is not None and name != self.state.name_of(role):
            self._spawn(self._write(self._door.bind({role: name})))

    def bind_fallback(self, role: Role, name: str) -> None:
        """Let the model stand in for the role's, or with an empty name none."""
        if self._door is not None and name != self.state.fallback_of(role):
            self._spawn(self._write(self._door.bind(fallbacks={role: name})))

    def test_roles(self) -> None:
        """Ask every model that plays a role whether it answers now, all at once."""
        for name in {self.state.name_of(role) for role in Role} - {""}:
            if self._door is not None:
                self._spawn(self._test(self._door, name))

    def remove(self, name: str) -> None:
        """Take the person's own entry away."""
        if self._door is not None:
            self._spawn(self._write(self._door.remove(name)))

    def keep_key(self, key_name: str, value: SecretStr) -> None:
        """Keep a key, and ask the model of the form with it at once."""
        if self._door is not None:
            self._spawn(self._keep_key(self._door, key_name, value))

    def remove_key(self, key_name: str) -> None:
        if self._door is not None:
            self._spawn(self._remove_key(self._door, key_name))

    def find_local(self) -> None:
        """Look for servers on this machine, now."""
        if self._door is not None and not self.state.search.is_going_on:
            self._spawn(self._find(self._door))

    def add(self) -> None:
        """Begin an empty form."""
        self._change(form=empty_form())

    def add_served(self, server: LocalServer, model: ServedModel) -> None:
        """Begin a form for a model that was found."""
        self._change(form=form_for_served(server, model, self._names()))

    def edit(self, name: str) -> None:
        """Begin the form of a model that is there."""
        details = self.state.model(name)
        if details is not None:
            self._change(form=form_of(details), key_notice=None)

    def leave_form(self) -> None:
        """Close the form; nothing is written."""
        self._stop_checking()
        self._change(form=None)

    def type(self, field_name: str, text: str) -> None:
        """A field of the form, or ``name``, is typed: it is checked in a moment."""
        form = self.state.form
        if form is None:
            return
        if field_name == "name":
            form = replace(form, name=text)
        else:
            form = replace(form, fields={**form.fields, field_name: text})
        self._change(form=replace(form, test=None, probe=None))
        self._stop_checking()
        if self._door is not None and form.is_tried:
            self._checking = self._spawn(self._check(self._door))

    def test_form(self) -> None:
        """Find out what a kept model's server can do, once its price is agreed to; ask one that
        is not kept yet whether it answers."""
        form = self.state.form
        if self._door is None or self._probes is None or form is None:
            return
        if form.is_kept:
            self._spawn(self._price_probe(self._probes, form))
        else:
            self._spawn(self._test_form(self._door, form))

    def agree_to_probe(self) -> None:
        """Ask the model at the price that was told."""
        form = self.state.form
        if self._probes is not None and form is not None and form.probe is not None:
            self._spawn(self._probe(self._probes, form))

    def keep_probe(self) -> None:
        """Write what the probe found into models.yaml."""
        form = self.state.form
        probe = form.probe if form is not None else None
        if self._probes is None or form is None or probe is None or probe.is_going_on:
            return
        if probe.report is not None:
            self._spawn(self._keep_probe(self._probes, form, probe.report))

    def keep_form(self) -> None:
        """Write the form, or say why it can't stand."""
        if self._door is not None and self.state.form is not None:
            self._spawn(self._keep_form(self._door, self.state.form))

    async def _load(self, door: ModelsDoor) -> None:
        try:
            models = tuple(await door.models())
            place = await door.key_place()
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        self._change(models=models, key_place=place, problem=None)

    async def _write(self, work: Awaitable[None]) -> bool:
        """Do it and show what came of it; gives whether it was done."""
        try:
            await work
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return False
        if self._door is not None:
            await self._load(self._door)
        self._on_changed()
        return True

    async def _test(self, door: ModelsDoor, name: str) -> None:
        self._note_test(name, TestOutcome(is_going_on=True))
        self._note_test(name, await test_outcome(door, name))

    async def _keep_key(self, door: ModelsDoor, key_name: str, value: SecretStr) -> None:
        try:
            found = await door.keep_key(key_name, value)
        except AgentFlowError as error:
            words = f"{error.message} {error.hint}".strip()
            self._change(key_notice=KeyNotice(key_name, words, is_good=False))
            return
        self._change(key_notice=KeyNotice(key_name, kept_words(found), is_good=True))
        await self._load(door)
        self._on_changed()
        form = self.state.form
        if form is not None:
            await self._test_form(door, form)

    async def _remove_key(self, door: ModelsDoor, key_name: str) -> None:
        try:
            was_there = await door.remove_key(key_name)
        except AgentFlowError as error:
            words = f"{error.message} {error.hint}".strip()
            self._change(key_notice=KeyNotice(key_name, words, is_good=False))
            return
        words = "The key is removed." if was_there else "No key was kept."
        self._change(key_notice=KeyNotice(key_name, words, is_good=was_there))
        await self._load(door)
        self._on_changed()

    async def _find(self, door: ModelsDoor) -> None:
        self._change(search=Search(is_going_on=True, servers=self.state.search.servers))
        servers = tuple(await door.find_local())
        self._change(search=Search(servers=servers))

    async def _check(self, door: ModelsDoor) -> None:
        await asyncio.sleep(self._check_pause_s)
        form = self.state.form
        if form is not None:
            problem = await self._problem(door, form)
            self._put(form, problem=problem)

    async def _test_form(self, door: ModelsDoor, form: ModelForm) -> None:
        self._change(
            form=replace(form, test=TestOutcome(is_going_on=True), probe=None, is_tried=True)
        )
        problem = await self._problem(door, form)
        test = None if problem else await test_outcome(door, self._draft(form))
        self._put(form, problem=problem, test=test)

    async def _price_probe(self, probes: ProbesDoor, form: ModelForm) -> None:
        self._put(form, test=None, probe=ProbeState(is_going_on=True))
        state = await priced(probes, form.name)
        self._put(form, probe=state)
        if state.is_going_on:
            await self._probe(probes, form)

    async def _probe(self, probes: ProbesDoor, form: ModelForm) -> None:
        self._put(form, probe=ProbeState(is_going_on=True))
        self._put(form, probe=await probed(probes, form.name))

    async def _keep_probe(self, probes: ProbesDoor, form: ModelForm, report: ProbeReport) -> None:
        self._put(form, probe=ProbeState(report=report, is_going_on=True))
        state = await kept(probes, report)
        self._put(form, probe=state)
        if not state.kept:
            return
        if self._door is not None:
            await self._load(self._door)
        details = self.state.model(form.name)
        if details is not None and self.state.form is not None:
            written = form_of(details)
            self._put(form, fields=written.fields, before=written.before)
        self._on_changed()

    async def _keep_form(self, door: ModelsDoor, form: ModelForm) -> None:
        self._stop_checking()
        problem = await self._problem(door, form)
        if not problem:
            try:
                await door.keep(self._draft(form))
            except AgentFlowError as error:
                problem = f"{error.message} {error.hint}".strip()
        if problem:
            self._put(form, problem=problem, is_tried=True)
            return
        self._change(form=None)
        await self._load(door)
        self._on_changed()

    async def _problem(self, door: ModelsDoor, form: ModelForm) -> str:
        if form.is_new and form.name.strip() in self._names():
            return f"There is a model named {form.name.strip()} already."
        return await door.problem_of(self._draft(form))

    def _draft(self, form: ModelForm) -> ModelDraft:
        return form.draft(self._clock.now().astimezone().date())

    def _put(self, form: ModelForm, **changes: Any) -> None:
        """Note what was found about the form, unless it was changed or closed meanwhile."""
        now = self.state.form
        if now is not None and (now.name, now.fields) == (form.name, form.fields):
            self._change(form=replace(now, **changes))

    def _note_test(self, name: str, outcome: TestOutcome) -> None:
        self._change(tests={**self.state.tests, name: outcome})

    def _names(self) -> frozenset[str]:
        return frozenset(m.profile.name for m in self.state.models)

    def _stop_checking(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None


async def test_outcome(door: ModelsDoor, model: str | ModelDraft) -> TestOutcome:
    """What the model says of itself now."""
    try:
        health = await door.test(model)
    except AgentFlowError as error:
        return TestOutcome(message=error.message, hint=error.hint)
    return TestOutcome(health.is_usable, health.message, health.hint, is_reached=health.is_reached)


def kept_words(found: FoundKey) -> str:
    """Where a key is now, as a sentence."""
    if found.source is KeySource.SESSION:
        return "The key is kept for this session only."
    return f"The key is kept in {found.place}."


def key_words(details: ModelDetails) -> str:
    """The state of a model's key in a few words."""
    match details.key_source:
        case None:
            return "not needed"
        case KeySource.MISSING:
            return "missing"
        case KeySource.SESSION:
            return "set, for this session only"
        case KeySource.ENVIRONMENT | KeySource.KEYRING:
            return f"set ({details.key_place})"
