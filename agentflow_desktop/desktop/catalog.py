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

    return TasksScreen(parts.theme, parts.models.tasks, parts.memory)


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


SCREENS = (
    ScreenPlace("tasks", "Tasks", "check-square", _tasks),
    ScreenPlace("costs", "Costs & Cache", "currency-circle-dollar", _costs),
    ScreenPlace("history", "History", "clock-counter-clockwise", _history),
)
