"""The one list of screens, in the order of the rail."""

from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.tasks.view import TasksScreen
from agentflow_desktop.desktop.window_parts import WindowParts


def build_screens(parts: WindowParts) -> tuple[Screen, ...]:
    """Every screen of the window; the settings stand at the foot of the rail."""
    return (TasksScreen(parts.theme, parts.models.tasks, parts.memory),)
