"""The row of open tasks in the page's header: state, title, close."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTabBar, QToolButton

from agentflow_desktop.desktop.formatting import as_plain_tip, as_plain_word
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase
from agentflow_desktop.desktop.screens.tasks.tabs import TabLine, TabsState
from agentflow_desktop.desktop.theme import Theme

_HEIGHT_PX = 32
_WIDEST_PX, _NARROWEST_PX = 300, 124
_AROUND_TITLE_PX = 76  # icon, close and what is between
_STATES: dict[RunPhase | None, tuple[str, str, str]] = {
    None: ("pencil-simple", "muted", "draft"),
    RunPhase.RUNNING: ("circle-half", "accent", "running"),
    RunPhase.SUCCEEDED: ("check-circle-fill", "success", "answered"),
    RunPhase.FAILED: ("warning-circle-fill", "danger", "failed"),
    RunPhase.CANCELLED: ("minus-circle", "muted", "cancelled"),
    RunPhase.INTERRUPTED: ("minus-circle", "warning", "interrupted"),
}


class TabStrip(QTabBar):
    """``shown`` and ``close_asked`` give the id of a task."""

    shown = Signal(str)
    close_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: tuple[TabLine, ...] = ()
        self._room_px = 600
        self._is_syncing = False
        self.setAccessibleName("Open tasks")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(16, 16))
        self.currentChanged.connect(self._tell_shown)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_room(self, room_px: int) -> None:
        """The width that the tabs share; they get narrower before they scroll."""
        if room_px != self._room_px:
            self._room_px = room_px
            self.setMaximumWidth(max(_NARROWEST_PX, room_px))
            self._lay_out_anew()

    def render_state(self, state: TabsState) -> None:
        self._is_syncing = True
        if [line.tab_id for line in state.tabs] != [line.tab_id for line in self._lines]:
            self._match_tabs(state.tabs)
        for index, line in enumerate(state.tabs):
            if index >= len(self._lines) or line != self._lines[index]:
                self._draw(index, line)
        self._lines = state.tabs
        ids = [line.tab_id for line in state.tabs]
        if state.shown in ids:
            self.setCurrentIndex(ids.index(state.shown))
        self._is_syncing = False

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802
        natural = self.fontMetrics().horizontalAdvance(self.tabText(index)) + _AROUND_TITLE_PX
        fair = self._room_px // max(1, self.count())
        width = min(natural, max(_NARROWEST_PX, min(_WIDEST_PX, fair)))
        return QSize(max(width, _NARROWEST_PX), _HEIGHT_PX)

    def minimumTabSizeHint(self, _index: int) -> QSize:  # noqa: N802
        return QSize(_NARROWEST_PX, _HEIGHT_PX)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and index >= 0:
            self.close_asked.emit(self._lines[index].tab_id)
            return
        super().mouseReleaseEvent(event)

    def _match_tabs(self, lines: tuple[TabLine, ...]) -> None:
        """Keep the tabs that stay, with their widgets, and add or take out the others."""
        wanted = [line.tab_id for line in lines]
        have = [line.tab_id for line in self._lines]
        for index in reversed(range(len(have))):
            if have[index] not in wanted:
                self._take_out(index)
                del have[index]
        for index, line in enumerate(lines):
            if index >= len(have) or have[index] != line.tab_id:
                self.insertTab(index, "")
                self.setTabButton(index, QTabBar.ButtonPosition.RightSide, self._closer(line))
                have.insert(index, line.tab_id)
            self._draw(index, line)

    def _take_out(self, index: int) -> None:
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        self.removeTab(index)
        if button is not None:
            button.deleteLater()

    def _closer(self, line: TabLine) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "closer")
        button.setFixedSize(22, 18)
        button.setIcon(self._theme.icon("x", "muted", 12))
        button.setIconSize(QSize(12, 12))
        button.setToolTip("Close this task (Ctrl W)")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _=False, key=line.tab_id: self.close_asked.emit(key))
        return button

    def _draw(self, index: int, line: TabLine) -> None:
        icon, color, word = _STATES[line.phase]
        self.setTabIcon(index, self._theme.icon(icon, color))
        self.setTabText(index, as_plain_word(line.title))
        self.setTabToolTip(index, as_plain_tip(f"{line.title}\n{word}"))
        self.setAccessibleTabName(index, f"{line.title}, {word}")
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if button is not None:
            button.setAccessibleName(f"Close {line.title}")

    def _tell_shown(self, index: int) -> None:
        if not self._is_syncing and 0 <= index < len(self._lines):
            self.shown.emit(self._lines[index].tab_id)

    def _lay_out_anew(self) -> None:
        # Qt asks for the tabs' sizes anew only when something about them changes.
        self.setIconSize(QSize(16, 16) if self.iconSize() != QSize(16, 16) else QSize(16, 17))
        self.updateGeometry()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(13, 500))
        for index, line in enumerate(self._lines):
            self._draw(index, line)
            button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
            if isinstance(button, QToolButton):
                button.setIcon(self._theme.icon("x", "muted", 12))
