"""What every part of the window may be built from."""

from dataclasses import dataclass

from agentflow_desktop.desktop.navigator import Navigator
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.view_models import ViewModels
from agentflow_desktop.desktop.window_memory import WindowMemory


@dataclass(frozen=True, slots=True)
class WindowParts:
    """The look, the view-models, the ways between screens, and how the window was left."""

    theme: Theme
    models: ViewModels
    navigator: Navigator
    memory: WindowMemory
