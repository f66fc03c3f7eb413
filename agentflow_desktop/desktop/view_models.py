"""The view-models of every screen, made once for the window, and tied to the program's doors."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agentflow_desktop.desktop.applying import Applier
from agentflow_desktop.desktop.finder.view_model import FinderModel
from agentflow_desktop.desktop.screens.costs.view_model import CostsViewModel
from agentflow_desktop.desktop.screens.history.view_model import HistoryViewModel
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel
from agentflow_desktop.desktop.screens.settings.view_model import SettingsViewModel
from agentflow_desktop.desktop.screens.tasks.tabs import TaskTabs
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepViewModel
from agentflow_desktop.desktop.screens.welcome.view_model import WelcomeViewModel
from agentflow_desktop.desktop.status_model import StatusModel

if TYPE_CHECKING:
    from agentflow_desktop.app.wiring import Application


@dataclass(frozen=True, slots=True)
class ViewModels:
    """One a screen, and those of what stands around the screens."""

    tasks: TaskTabs
    costs: CostsViewModel
    history: HistoryViewModel
    status: StatusModel
    finder: FinderModel
    applier: Applier
    settings: SettingsViewModel
    model_setup: ModelsViewModel
    upkeep: UpkeepViewModel
    welcome: WelcomeViewModel

    def connect(self, application: "Application") -> None:
        """The program is open behind the window."""
        from agentflow_desktop.app import wiring  # noqa: PLC0415  (imported, off the loop, before)

        self.tasks.connect(application.runs, application.queries)
        self.history.connect(application.queries.history, application.queries.reports)
        self.status.connect(application.runs, application.queries)
        queries = application.queries
        self.costs.connect(
            queries.costs,
            queries.cache,
            write=partial(wiring.write_whole, may_replace=True),
            keep=queries.settings.change,
        )
        self.finder.connect(queries.history)
        self.applier.connect(application.runs)
        self.settings.connect(queries.settings)
        self.model_setup.connect(queries.model_editing, queries.model_probes)
        self.upkeep.connect(queries.upkeep)
        self.welcome.connect(queries.model_editing, queries.settings)

    def disconnect(self) -> None:
        """The program is about to close: nothing new is begun."""
        self.welcome.disconnect()
        self.upkeep.disconnect()
        self.model_setup.disconnect()
        self.settings.disconnect()
        self.applier.disconnect()
        self.finder.disconnect()
        self.costs.disconnect()
        self.status.disconnect()
        self.history.disconnect()
        self.tasks.disconnect()
