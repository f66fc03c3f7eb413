"""The window: rail, screens, status bar. Owns no work and no store."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QCloseEvent, QIcon, QPixmap
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from agentflow_desktop.desktop.screens.tasks.view import TasksScreen
from agentflow_desktop.desktop.screens.tasks.view_model import TasksViewModel
from agentflow_desktop.desktop.status_model import StatusModel
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.pane import Ground, column, row
from agentflow_desktop.desktop.widgets.rail import Rail
from agentflow_desktop.desktop.widgets.status_bar import StatusBar

_USUAL_SIZE = QSize(1_440, 900)
_FRAME = QSize(8, 40)


class MainWindow(QMainWindow):
    """``on_close`` is told when the person closes the window; closing itself comes later, when
    runs are cancelled and the ledger is settled."""

    def __init__(
        self,
        theme: Theme,
        tasks: TasksViewModel,
        status: StatusModel,
        on_close: Callable[[], None],
    ) -> None:
        super().__init__()
        self._on_close = on_close
        self._may_close = False
        self.setWindowTitle("AgentFlow")
        self.setWindowIcon(_window_icon(theme))
        self.setMinimumSize(1_024, 700)
        self.resize(self._first_size())
        self.tasks_screen = TasksScreen(theme, tasks)
        self.rail = Rail(theme)
        self.status_bar = StatusBar(theme)
        self._screens = QStackedWidget()
        self._add_screen("check-square", "Tasks", self.tasks_screen)
        self.rail.chosen.connect(self._screens.setCurrentIndex)
        status.listen(self.status_bar.render_state)
        self._lay_out(theme)
        self.tasks_screen.request.task.setFocus()

    def _first_size(self) -> QSize:
        """The usual size, or what the screen leaves beside its panels and the window's frame."""
        room = self.screen().availableGeometry().size() - _FRAME
        if room.expandedTo(self.minimumSize()) != room:
            return _USUAL_SIZE  # no smaller size would fit either
        return _USUAL_SIZE.boundedTo(room)

    def close_for_good(self) -> None:
        """Close now that everything behind the window has ended."""
        self._may_close = True
        self.tasks_screen.release()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self._on_close()

    def _add_screen(self, icon: str, word: str, screen: QWidget) -> None:
        self._screens.addWidget(screen)
        self.rail.add_screen(icon, word)

    def _lay_out(self, theme: Theme) -> None:
        middle = row(spacing=0)
        middle.addWidget(self.rail)
        edge = Ground(theme, "border")
        edge.setFixedWidth(1)
        middle.addWidget(edge)
        middle.addWidget(self._screens, 1)
        whole = QWidget()
        body = column(whole)
        body.addLayout(middle, 1)
        body.addWidget(self.status_bar)
        self.setCentralWidget(whole)


def _window_icon(theme: Theme) -> QIcon:
    icon = QIcon()
    for size_px in (16, 32, 64):
        pixmap: QPixmap = theme.pixmap("git-branch-bold", "accent", size_px)
        icon.addPixmap(pixmap)
    return icon
