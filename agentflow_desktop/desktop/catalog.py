"""The one list of screens, in the order of the rail. Each is built when it is first shown."""

from collections.abc import Callable
from dataclasses import dataclass

from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.window_parts import WindowParts


@dataclass(frozen=True, slots=True)
class ScreenPlace:
    """A screen's place in the rail; ``build`` makes it. Ctrl and its number go there."""

    key: str
    title: str
    icon: str
    build: Callable[[WindowParts], Screen]
    is_at_foot: bool = False
    stands_in_for: str = ""  # the place whose button is lit; such a screen has none of its own


def _tasks(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.tasks.empty_answer import EmptyAnswer
    from agentflow_desktop.desktop.screens.tasks.view import TasksScreen
    from agentflow_desktop.desktop.screens.welcome.invitation import ModelsInvitation

    def invite(empty: EmptyAnswer) -> None:
        invitation = ModelsInvitation(
            parts.theme, parts.models.welcome, parts.memory, lambda: parts.navigator.go("welcome")
        )
        empty.add_invitation(invitation, invitation.release)

    models = parts.models
    return TasksScreen(parts.theme, models.tasks, parts.memory, models.status, invite)


def _costs(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.costs.view import CostsScreen

    return CostsScreen(
        parts.theme,
        parts.models.costs,
        navigator=parts.navigator,
        memory=parts.memory,
        clock=parts.models.tasks.clock,
    )


def _history(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.history.view import HistoryScreen

    return HistoryScreen(parts.theme, parts.models.history, parts.navigator, parts.memory)


def _settings(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.settings.view import SettingsScreen

    models = parts.models
    return SettingsScreen(
        parts.theme,
        settings=models.settings,
        model_setup=models.model_setup,
        upkeep=models.upkeep,
        applier=models.applier,
        navigator=parts.navigator,
        memory=parts.memory,
    )


def _welcome(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.welcome.view import WelcomeScreen

    models = parts.models
    return WelcomeScreen(parts.theme, models.welcome, parts.navigator, models.tasks.load_example)


SCREENS = (
    ScreenPlace("tasks", "Tasks", "check-square", _tasks),
    ScreenPlace("costs", "Costs & Cache", "currency-circle-dollar", _costs),
    ScreenPlace("history", "History", "clock-counter-clockwise", _history),
    ScreenPlace("settings", "Settings", "gear-six", _settings, is_at_foot=True),
    ScreenPlace("welcome", "Connect models", "magic-wand", _welcome, stands_in_for="tasks"),
)
