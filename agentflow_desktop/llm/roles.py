"""Who sits where: the two roles, bound to the models that are configured."""

from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import Badge, Role
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.provider import ModelProfile, ProviderKind


@dataclass(frozen=True, slots=True)
class Roles:
    """Both seats. One model that is configured alone plays both and reviews itself."""

    planner: Seat
    heavy: Seat

    @property
    def is_built_in(self) -> bool:
        """No model is configured: the embedded engine finds passages, code checks quotes."""
        return self.planner.profile.provider is ProviderKind.BUILT_IN

    def badges(self) -> tuple[Badge, ...]:
        """What the binding itself tells a reader."""
        if self.is_built_in:
            return (Badge.BUILT_IN,)
        if self.planner.profile == self.heavy.profile:
            return (Badge.SELF_VERIFIED,)
        return ()


def bind_profiles(
    profiles: tuple[ModelProfile, ...], planner: str, heavy: str
) -> tuple[ModelProfile, ModelProfile]:
    """The profiles of planner and heavy by their configured names.

    An empty name, or the built-in engine beside a real model, gives the seat to the other one.
    Raises ConfigurationError for a name that is not in models.yaml.
    """
    by_name = {profile.name: profile for profile in profiles}
    built_in = next(p for p in profiles if p.provider is ProviderKind.BUILT_IN)
    bound: list[ModelProfile] = []
    for role, name in (("planner", planner), ("heavy", heavy)):
        if name and name not in by_name:
            raise ConfigurationError(
                f"models.{role} names {name!r}, which is not in models.yaml.",
                hint=f"Choose one of: {', '.join(sorted(by_name))}.",
            )
        bound.append(by_name[name] if name else built_in)
    real = [p for p in bound if p.provider is not ProviderKind.BUILT_IN]
    if len(real) == 1:
        return real[0], real[0]
    return bound[0], bound[1]


def bind_fallbacks(
    profiles: tuple[ModelProfile, ...], settings: ModelSettings
) -> Mapping[Role, ModelProfile]:
    """The approved fallback of each role that has one. A role that the other's model plays has
    the other's, too, unless its own is named; the built-in engine needs none.

    Raises ConfigurationError for a name that is not in models.yaml, for the built-in engine, and
    for the very model that it is to stand in for.
    """
    planner, heavy = bind_profiles(profiles, settings.planner, settings.heavy)
    names = {Role.PLANNER: settings.planner_fallback, Role.HEAVY: settings.heavy_fallback}
    if planner == heavy:
        shared = names[Role.PLANNER] or names[Role.HEAVY]
        names = {role: name or shared for role, name in names.items()}
    by_name = {profile.name: profile for profile in profiles}
    bound: dict[Role, ModelProfile] = {}
    for role, profile in ((Role.PLANNER, planner), (Role.HEAVY, heavy)):
        name = names[role]
        if not name:
            continue
        fallback = by_name.get(name)
        if fallback is None or fallback.provider is ProviderKind.BUILT_IN:
            raise _no_fallback(role, name, by_name, is_known=fallback is not None)
        if fallback == profile:
            raise ConfigurationError(
                f"models.{role}_fallback names {name!r}, the very model that it is to stand in"
                " for.",
                hint="Name another model there, or leave it empty.",
            )
        if profile.provider is not ProviderKind.BUILT_IN:
            bound[role] = fallback
    return bound


def _no_fallback(
    role: Role, name: str, by_name: Mapping[str, ModelProfile], *, is_known: bool
) -> ConfigurationError:
    if is_known:
        return ConfigurationError(
            f"models.{role}_fallback names the built-in engine, which finds passages and can't"
            " stand in for a model.",
            hint="Name a model there, or leave it empty.",
        )
    return ConfigurationError(
        f"models.{role}_fallback names {name!r}, which is not in models.yaml.",
        hint=f"Choose one of: {', '.join(sorted(by_name))}.",
    )
