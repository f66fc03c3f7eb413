"""The one list of screens, in the order of the rail."""

from agentflow_desktop.desktop.screens.costs.view import CostsScreen
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.screens.tasks.view import TasksScreen
from agentflow_desktop.desktop.window_parts import WindowParts


def build_screens(parts: WindowParts) -> tuple[Screen, ...]:
    """Every screen of the window; the settings stand at the foot of the rail."""
    theme, models = parts.theme, parts.models
    return (
        TasksScreen(theme, models.tasks),
        CostsScreen(
            theme,
            models.costs,
            navigator=parts.navigator,
            memory=parts.memory,
            clock=models.tasks.clock,
        ),
    )
