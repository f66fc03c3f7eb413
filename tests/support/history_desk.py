"""The History screen's view-model over a real database."""

from pathlib import Path

from agentflow_desktop.adapters.pdf_printer import ProcessPdfPrinter
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.adapters.whole_file import write_whole
from agentflow_desktop.app.history_queries import HistoryQueries
from agentflow_desktop.app.report_queries import ReportQueries
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.screens.history.state import ListPhase, PreviewPhase
from agentflow_desktop.desktop.screens.history.view_model import HistoryViewModel
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.llm.budget import BudgetCalendar
from support.gui_loop import until
from support.kept_runs import KeptRuns
from support.money import nothing_saved


class HistoryDesk:
    """``kept`` writes runs as another process might; ``model`` follows them."""

    def __init__(self, path: Path) -> None:
        self.bugs: list[BaseException] = []
        self.scope = TaskScope(self.bugs.append)
        self.kept = KeptRuns(path)
        ledger = SqliteLedger(
            self.kept.database,
            CostSettings(),
            BudgetCalendar("UTC"),
            self.kept.clock,
            nothing_saved,
        )
        self.door = HistoryQueries(self.kept.history, self.kept.store, ledger)
        self.reports = ReportQueries(self.kept.history, ProcessPdfPrinter(), write_whole)
        self.model = HistoryViewModel(
            spawn=self.scope.spawn, clock=self.kept.clock, debounce_s=0, poll_interval_s=0.01
        )

    async def open(self) -> HistoryViewModel:
        """Connect, look at it, and wait until the first run is before the person."""
        self.model.connect(self.door, self.reports)
        self.model.show()
        await until(lambda: self.model.state.phase is ListPhase.READY)
        await until(lambda: self.model.state.counts is not None)
        if self.model.state.numbers:
            await until(lambda: self.model.state.preview.phase is PreviewPhase.READY)
        return self.model

    def titles(self) -> list[str]:
        """The titles of the list as far as they are read."""
        state = self.model.state
        return [state.runs[n].title for n in state.numbers if n in state.runs]

    async def close(self) -> None:
        self.model.disconnect()
        await self.scope.close()
        self.kept.close()
        assert not self.bugs
