"""The window's process: Qt and asyncio on one loop, opening, quitting, and reporting bugs.

The window is shown first; settings, database and models are opened behind it.
"""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.desktop.applying import Applier
from agentflow_desktop.desktop.finder.view_model import FinderModel
from agentflow_desktop.desktop.garbage import garbage_collected_here
from agentflow_desktop.desktop.main_window import MainWindow
from agentflow_desktop.desktop.navigator import Navigator
from agentflow_desktop.desktop.screens.costs.view_model import CostsViewModel
from agentflow_desktop.desktop.screens.history.view_model import HistoryViewModel
from agentflow_desktop.desktop.screens.models.view_model import ModelsViewModel
from agentflow_desktop.desktop.screens.settings.view_model import SettingsViewModel
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase
from agentflow_desktop.desktop.screens.tasks.tabs import TaskTabs
from agentflow_desktop.desktop.screens.upkeep.view_model import UpkeepViewModel
from agentflow_desktop.desktop.screens.welcome.view_model import WelcomeViewModel
from agentflow_desktop.desktop.status_model import StatusModel
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.desktop.theme import Theme, chosen_theme
from agentflow_desktop.desktop.view_models import ViewModels
from agentflow_desktop.desktop.widgets.crash_dialog import CrashDialog
from agentflow_desktop.desktop.window_memory import WindowMemory, open_window_memory
from agentflow_desktop.desktop.window_parts import WindowParts

if TYPE_CHECKING:
    from agentflow_desktop.app.wiring import Application, ProgramSession
    from agentflow_desktop.core.settings import Overrides

_SIGNAL_POLL_MS = 200
_CHARTS = "agentflow_desktop.desktop.screens.costs.body"


def main(theme: str | None = None) -> int:
    """Open the window and give the process's exit code once it is closed."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("AgentFlow")
    app.setDesktopFileName("agentflow-desktop")
    app.setQuitOnLastWindowClosed(False)
    memory = open_window_memory(os.environ)
    try:
        look = Theme(app, chosen_theme(theme, memory.value("window/look")))
    except AgentFlowError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 2
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        return runner.run(DesktopProgram(look, memory=memory).run())


class DesktopProgram:
    """One run of the window, from showing it to its last task."""

    def __init__(
        self,
        theme: Theme,
        overrides: "Overrides | None" = None,
        environ: Mapping[str, str] = os.environ,
        memory: WindowMemory | None = None,
    ) -> None:
        self._theme = theme
        self._memory = memory or open_window_memory(environ)
        self._overrides = overrides
        self._environ = environ
        self._quit = asyncio.Event()
        self._bugs_shown = 0
        self._opening: asyncio.Task[None] | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._session: ProgramSession | None = None
        self.scope = TaskScope(self.report_bug)
        self._reports = TaskScope(_print_bug)
        self.models = self._make_view_models()
        self.navigator = Navigator()
        self._application: Application | None = None
        self.window: MainWindow | None = None
        self._shown_run: tuple[object, ...] = ()

    def _make_view_models(self) -> ViewModels:
        spawn, clock = self.scope.spawn, SystemClock()
        applier = Applier(spawn=spawn, reopen=self.reopen)
        changed = applier.note_change
        return ViewModels(
            tasks=TaskTabs(spawn=spawn, clock=clock),
            costs=CostsViewModel(spawn, lambda: import_module(_CHARTS), changed),
            history=HistoryViewModel(spawn=spawn, clock=clock),
            status=StatusModel(spawn),
            finder=FinderModel(spawn),
            applier=applier,
            settings=SettingsViewModel(spawn=spawn, on_changed=changed),
            model_setup=ModelsViewModel(spawn=spawn, on_changed=changed, clock=clock),
            upkeep=UpkeepViewModel(spawn=spawn),
            welcome=WelcomeViewModel(spawn=spawn, on_changed=changed, clock=clock),
        )

    @property
    def tasks(self) -> TaskTabs:
        return self.models.tasks

    @property
    def status(self) -> StatusModel:
        return self.models.status

    async def run(self) -> int:
        """Show the window, open the program behind it, and take all down when it is closed."""
        with garbage_collected_here(), self._bugs_reported(), self._signals_quit():
            parts = WindowParts(self._theme, self.models, self.navigator, self._memory)
            self.window = MainWindow(parts, self._quit.set)
            self.tasks.listen(self._note_spending)
            self.window.show()
            self.window.opening_banner.acted.connect(self._open_again)
            self._open_again()
            await self._quit.wait()
            self.window.setEnabled(False)
            await self.scope.close()
            await self._reports.close()
            self.window.close_for_good()
        return 0

    def quit(self) -> None:
        """Ask for the end, as closing the window does."""
        self._quit.set()

    def report_bug(self, error: BaseException) -> None:
        """Write a crash report and tell the person where it is."""
        run = self.tasks.shown.state.run
        is_of_run = run is not None and run.phase in (RunPhase.RUNNING, RunPhase.FAILED)
        run_id = run.run_id if run is not None and is_of_run else ""
        self._reports.spawn(self._report_bug(error, run_id))

    def reopen(self) -> None:
        """Close the program behind the window and open it again, once no run goes on: what
        settings, models and keys say is read anew."""
        if self._reopening is None or self._reopening.done():
            self._reopening = self.scope.spawn(self._reopen_when_idle())

    async def _reopen_when_idle(self) -> None:
        if self._application is not None:
            await self._application.runs.until_idle()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        self._open_again()

    def _open_again(self) -> None:
        """Begin to open; does nothing while that, or the opened program, goes on."""
        if self._opening is None or self._opening.done():
            self._opening = self.scope.spawn(self._open())

    async def _open(self) -> None:
        """Open the program and keep it open until this task is cancelled."""
        # Slow to import: off the loop's thread, and after the window shows.
        await asyncio.to_thread(import_module, "agentflow_desktop.app.wiring")
        from agentflow_desktop.app import wiring  # noqa: PLC0415
        from agentflow_desktop.core.settings import Overrides  # noqa: PLC0415

        overrides = self._overrides or Overrides()
        if self._session is None:  # its keys outlive an opening
            self._session = wiring.open_session(overrides, sys.stderr, self._environ)
        session = self._session
        try:
            configuration = await asyncio.to_thread(session.start)
            async with wiring.open_application(
                overrides,
                redactor=session.redactor,
                environ=self._environ,
                configuration=configuration,
                keys=session.keys,
            ) as application:
                self._application = application
                self.models.connect(application)
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    self._application = None
                    self.models.disconnect()
        except AgentFlowError as error:
            self.status.report_opening_problem(error)
            self.models.applier.give_up()
        finally:
            await asyncio.to_thread(session.close)

    def _note_spending(self, _state: object) -> None:
        shown = tuple((t.run_id, t.phase, t.cost_usd) for t in self.tasks.state.tabs)
        if shown != self._shown_run:
            self._shown_run = shown
            self.status.refresh()

    async def _report_bug(self, error: BaseException, run_id: str) -> None:
        from structlog import get_logger  # noqa: PLC0415  (not needed to show the window)

        log = get_logger(__name__)
        log.error("crash", error=type(error).__name__, run_id=run_id, exc_info=error)
        path, text = await self._write_report(error, run_id)
        if self._bugs_shown or self.window is None or self._quit.is_set():
            return
        self._bugs_shown += 1
        dialog = CrashDialog(
            self._theme,
            self.window,
            report=path,
            text=text,
            run_id=run_id,
            kind=type(error).__name__,
        )
        dialog.finished.connect(self._note_dialog_closed)
        dialog.open()

    async def _write_report(self, error: BaseException, run_id: str) -> tuple[Path | None, str]:
        """Where the report is and what stands in it; None and nothing if it can't be written."""
        if self._session is None:
            return None, ""
        try:
            path = await asyncio.to_thread(self._session.report_crash, error, run_id)
            return path, await asyncio.to_thread(path.read_text, encoding="utf-8")
        except OSError as failure:
            _print_bug(failure)
            return None, ""

    def _note_dialog_closed(self) -> None:
        self._bugs_shown -= 1

    @contextmanager
    def _bugs_reported(self) -> Generator[None]:
        """What no handler took reaches ``report_bug``: from Qt's slots and from the loop."""
        loop = asyncio.get_running_loop()
        before = sys.excepthook

        def from_slot(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            if issubclass(kind, KeyboardInterrupt):
                self.quit()
                return
            self.report_bug(error.with_traceback(trace))

        def from_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            self.report_bug(error or RuntimeError(str(context.get("message", "unknown"))))

        sys.excepthook = from_slot
        loop.set_exception_handler(from_loop)
        try:
            yield
        finally:
            sys.excepthook = before
            loop.set_exception_handler(None)

    @contextmanager
    def _signals_quit(self) -> Generator[None]:
        """Ctrl-C and a polite kill close the window as a person would."""
        loop = asyncio.get_running_loop()
        if os.name == "nt":
            # Without a signal file descriptor Python sees a signal only between its own
            # instructions; an idle Qt loop has none, so a timer gives it some.
            before = signal.signal(signal.SIGINT, lambda _number, _frame: self.quit())
            timer = QTimer()
            timer.timeout.connect(lambda: None)
            timer.start(_SIGNAL_POLL_MS)
            yield
            timer.stop()
            signal.signal(signal.SIGINT, before)
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.quit)
        yield
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _print_bug(error: BaseException) -> None:
    sys.stderr.write("".join(traceback.format_exception(error)))
