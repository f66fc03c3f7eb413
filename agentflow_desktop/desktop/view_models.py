"""The view-models of every screen, made once for the window, and tied to the program's doors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentflow_desktop.desktop.finder.view_model import FinderModel
from agentflow_desktop.desktop.screens.tasks.tabs import TaskTabs
from agentflow_desktop.desktop.status_model import StatusModel

if TYPE_CHECKING:
    from agentflow_desktop.app.wiring import Application


@dataclass(frozen=True, slots=True)
class ViewModels:
    """One a screen, and those of what stands around the screens."""

    tasks: TaskTabs
    status: StatusModel
    finder: FinderModel

    def connect(self, application: "Application") -> None:
        """The program is open behind the window."""
        self.tasks.connect(application.runs, application.queries)
        self.status.connect(application.runs, application.queries)
        self.finder.connect(application.queries.history)

    def disconnect(self) -> None:
        """The program is about to close: nothing new is begun."""
        self.finder.disconnect()
        self.status.disconnect()
        self.tasks.disconnect()
