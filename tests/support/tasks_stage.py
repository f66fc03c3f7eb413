"""The Tasks screen with view-models and doors of its own, for tests in a real window."""

from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel, QWidget

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.desktop.screens.tasks.page import TaskPage
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, PlanPhase
from agentflow_desktop.desktop.screens.tasks.tabs import TaskTabs
from agentflow_desktop.desktop.screens.tasks.view import TasksScreen
from agentflow_desktop.desktop.screens.tasks.view_model import TaskViewModel
from agentflow_desktop.desktop.status_model import StatusModel
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.desktop.window_memory import WindowMemory
from support.gui_loop import SmallAskJob, SmallQueries, small_runs, until


class Stage:
    """The screen with a view-model and doors of its own."""

    def __init__(self, theme: Theme, job: SmallAskJob | None = None) -> None:
        self.bugs: list[BaseException] = []
        self.scope = TaskScope(self.bugs.append)
        self.queries = SmallQueries()
        self.runs = small_runs(job or SmallAskJob(), self.queries.stored)
        self.tabs = TaskTabs(
            spawn=self.scope.spawn, clock=SystemClock(), debounce_s=0, save_after_s=0
        )
        self.tabs.connect(self.runs, self.queries)
        self.status = StatusModel(self.scope.spawn)
        memory = WindowMemory(Path.home() / "window.ini")  # the test's own home
        self.screen = TasksScreen(theme, self.tabs, memory, self.status, lambda _empty: None)
        self.screen.add_shortcuts()
        self.screen.resize(1_440, 840)
        self.screen.show()

    @property
    def model(self) -> TaskViewModel:
        return self.tabs.shown

    @property
    def page(self) -> TaskPage:
        return self.screen.page

    async def plan(self) -> None:
        self.page.request.task.setPlainText("What limits the current?")
        await until(lambda: self.model.state.plan.phase is PlanPhase.READY)

    async def answer(self) -> None:
        await self.plan()
        self.page.request.run_button.click()
        await until(lambda: self.model.state.evidence.phase is EvidencePhase.READY)
        await until(lambda: self.scope.count == 0)

    async def close(self) -> None:
        await self.scope.close()
        await self.runs.close()
        self.screen.release()
        self.screen.hide()
        self.screen.deleteLater()
        QApplication.sendPostedEvents()
        assert not self.bugs


def words_of(widget: QWidget) -> str:
    """All labels' texts that are visible, in one string."""
    return " | ".join(
        label._full_text if isinstance(label, ElidingLabel) else label.text()
        for label in widget.findChildren(QLabel)
        if label.isVisible()
    )
