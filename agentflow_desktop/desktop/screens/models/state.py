"""All that the page of models shows, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentflow_desktop.app.model_editing import ModelDetails
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.desktop.screens.models.model_form import ModelForm, TestOutcome
from agentflow_desktop.llm.model_entries import LocalServer
from agentflow_desktop.llm.provider import ProviderKind


@dataclass(frozen=True, slots=True)
class KeyNotice:
    """What became of a key that was entered: a sentence, and whether it is good news."""

    key_name: str
    words: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Servers on this machine: None until they were looked for."""

    is_going_on: bool = False
    servers: tuple[LocalServer, ...] | None = None


@dataclass(frozen=True, slots=True)
class ModelsState:
    """``key_place`` is the keyring's name, empty on a machine without one."""

    models: tuple[ModelDetails, ...] = ()
    is_open: bool = False
    form: ModelForm | None = None
    tests: Mapping[str, TestOutcome] = field(default_factory=dict[str, TestOutcome])
    search: Search = Search()
    key_place: str = ""
    key_notice: KeyNotice | None = None
    problem: Problem | None = None

    def model(self, name: str) -> ModelDetails | None:
        """The model of that name."""
        return next((m for m in self.models if m.profile.name == name), None)

    def name_of(self, role: Role) -> str:
        """The model that the settings give the role to; empty if to none."""
        names = (m.profile.name for m in self.models if role in m.roles)
        return next(names, "")

    def fallback_of(self, role: Role) -> str:
        """The model that the settings let stand in for the role's; empty if none."""
        names = (m.profile.name for m in self.models if role in m.fallback_of)
        return next(names, "")

    def fallback_choices(self, role: Role) -> tuple[str, ...]:
        """The models that may stand in for the role's; none where no role has a model."""
        bound = {r: self.name_of(r) for r in Role}
        plays = bound[role] or next(filter(None, bound.values()), "")
        details = self.model(plays)
        if details is None or details.profile.provider is ProviderKind.BUILT_IN:
            return ()
        return tuple(
            m.profile.name
            for m in self.models
            if m.profile.name != plays and m.profile.provider is not ProviderKind.BUILT_IN
        )
