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


def _tasks(parts: WindowParts) -> Screen:
    from agentflow_desktop.desktop.screens.tasks.view import TasksScreen

    return TasksScreen(parts.theme, parts.models.tasks)


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


SCREENS = (
    ScreenPlace("tasks", "Tasks", "check-square", _tasks),
    ScreenPlace("settings", "Settings", "gear-six", _settings, is_at_foot=True),
)
