"""The window: rail, screens, status bar, and what reaches over all of them. Owns no work."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from agentflow_desktop.desktop.catalog import SCREENS
from agentflow_desktop.desktop.commands import Command, add_shortcuts
from agentflow_desktop.desktop.finder.view import Finder
from agentflow_desktop.desktop.navigator import OpenRun, Subject
from agentflow_desktop.desktop.screens.screen import Screen
from agentflow_desktop.desktop.status_model import StatusState
from agentflow_desktop.desktop.theme import CHOICES, Choice, Theme
from agentflow_desktop.desktop.widgets.banner import Banner
from agentflow_desktop.desktop.widgets.pane import Ground, column, row
from agentflow_desktop.desktop.widgets.rail import Rail
from agentflow_desktop.desktop.widgets.shortcuts_dialog import ShortcutsDialog
from agentflow_desktop.desktop.widgets.status_bar import StatusBar
from agentflow_desktop.desktop.window_parts import WindowParts

if TYPE_CHECKING:
    from agentflow_desktop.desktop.screens.tasks.view import TasksScreen

_USUAL_SIZE = QSize(1_440, 900)
_FRAME = QSize(8, 40)
_NARROW_RAIL_BELOW_PX = 1_200
_PLACES = {place.key: place for place in SCREENS}
_ON_RAIL = tuple(place for place in SCREENS if not place.stands_in_for)
_LOOK_WORDS: dict[Choice, str] = {
    "system": "Look: follow the system", "light": "Look: light", "dark": "Look: dark",
}  # fmt: skip


class MainWindow(QMainWindow):
    """``on_close`` is told when the person closes the window; closing itself comes later, when
    runs are cancelled and the ledger is settled."""

    def __init__(self, parts: WindowParts, on_close: Callable[[], None]) -> None:
        super().__init__()
        self._parts = parts
        self._on_close = on_close
        self._may_close = False
        theme = parts.theme
        self.setWindowTitle("AgentFlow")
        self.setWindowIcon(_window_icon(theme))
        self.setMinimumSize(1_024, 700)
        if not parts.memory.restore_window(self):
            self.resize(self._first_size())
        self.opening_banner = Banner(theme)
        self.rail = Rail(theme)
        self.status_bar = StatusBar(theme)
        self._buttons = {
            place.key: self.rail.add_screen(place.icon, place.title, at_foot=place.is_at_foot)
            for place in _ON_RAIL
        }
        self._screens: dict[str, Screen] = {}
        self._stack = QStackedWidget()
        self._current_key = ""
        self._lay_out(theme)
        self.finder = Finder(theme, parts.models.finder, self)
        self._connect()
        parts.navigator.go(parts.memory.value("window/screen", SCREENS[0].key))

    @property
    def tasks_screen(self) -> "TasksScreen":
        """The screen for asking, which every window has."""
        return cast("TasksScreen", self.screen_of("tasks"))

    @property
    def built_screens(self) -> tuple[Screen, ...]:
        """The screens that were shown so far."""
        return tuple(self._screens.values())

    def screen_of(self, key: str) -> Screen:
        """The screen of that key, built now if it was not shown yet. Raises KeyError."""
        if key not in self._screens:
            screen = _PLACES[key].build(self._parts)
            self._screens[key] = screen
            self._stack.addWidget(screen)
            screen.add_shortcuts()
        return self._screens[key]

    def commands(self) -> Sequence[Command]:
        """What can be done from every screen."""
        go = self._parts.navigator.go
        screens = [
            Command(
                f"Go to {place.title}", lambda key=place.key: go(key), f"Ctrl+{number}",
                place.icon, lambda key=place.key: self._current_key != key,
            )
            for number, place in enumerate(_ON_RAIL, 1)
        ]  # fmt: skip
        others = [
            Command(
                place.title, lambda key=place.key: go(key), "", place.icon,
                lambda key=place.key: self._current_key != key,
            )
            for place in SCREENS
            if place.stands_in_for
        ]  # fmt: skip
        looks = [
            Command(
                _LOOK_WORDS[choice], lambda choice=choice: self._choose_look(choice), "",
                "moon" if choice == "dark" else "sun",
                lambda choice=choice: self._parts.theme.choice != choice,
            )
            for choice in CHOICES
        ]  # fmt: skip
        return (
            *screens,
            *others,
            Command("Find or run", self.open_finder, "Ctrl+K", "magnifying-glass"),
            Command("Keyboard shortcuts", self.show_shortcuts, "F1", "keyboard"),
            *looks,
            Command("Quit", self._on_close, "Ctrl+Q", "sign-out"),
        )

    def open_finder(self) -> None:
        """Offer what can be done from here."""
        here = self.screen_of(self._current_key).commands()
        others = [command for command in self.commands() if command.act != self.open_finder]
        self._parts.models.finder.open((*here, *others))
        self.finder.open_over()

    def show_shortcuts(self) -> None:
        """List every shortcut that works here."""
        screen = self.screen_of(self._current_key)
        groups = {screen.title: screen.commands(), "Everywhere": self.commands()}
        ShortcutsDialog(self._parts.theme, self, groups).open()

    def close_for_good(self) -> None:
        """Close now that everything behind the window has ended."""
        self._may_close = True
        self._parts.memory.keep_window(self)
        self._parts.memory.keep("window/screen", _rail_key(self._current_key))
        self.finder.release()
        for screen in self.built_screens:
            screen.release()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self._on_close()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.rail.set_wide(self.width() >= _NARROW_RAIL_BELOW_PX)

    def _go(self, key: str, subject: Subject | None) -> None:
        if key not in _PLACES:
            key = SCREENS[0].key
        screen = self.screen_of(key)
        if key != self._current_key:
            if self._current_key:
                self.screen_of(self._current_key).left()
            self._current_key = key
            self._stack.setCurrentWidget(screen)
            self._buttons[_rail_key(key)].setChecked(True)
            screen.shown()
        if subject is not None:
            screen.open_subject(subject)

    def _go_to_index(self, index: int) -> None:
        self._parts.navigator.go(_ON_RAIL[index].key)

    def _open_run(self, run_id: str) -> None:
        self._parts.navigator.go("tasks", OpenRun(run_id))

    def _choose_look(self, choice: Choice) -> None:
        self._parts.theme.choose(choice)
        self._parts.memory.keep("window/look", choice)

    def _show_status(self, state: StatusState) -> None:
        self.status_bar.render_state(state)
        self._buttons["tasks"].set_count(len(state.running))
        self.opening_banner.show_problem(state.opening_problem, "Try again")

    def _first_size(self) -> QSize:
        """The usual size, or what the screen leaves beside its panels and the window's frame."""
        room = self.screen().availableGeometry().size() - _FRAME
        if room.expandedTo(self.minimumSize()) != room:
            return _USUAL_SIZE  # no smaller size would fit either
        return _USUAL_SIZE.boundedTo(room)

    def _connect(self) -> None:
        parts, status = self._parts, self._parts.models.status
        parts.navigator.on_go(self._go)
        self.rail.chosen.connect(self._go_to_index)
        self.rail.find_asked.connect(self.open_finder)
        self.finder.run_chosen.connect(self._open_run)
        self.status_bar.cancel_asked.connect(status.cancel)
        status.listen(self._show_status)
        add_shortcuts(self, self.commands())

    def _lay_out(self, theme: Theme) -> None:
        middle = row(spacing=0)
        middle.addWidget(self.rail)
        edge = Ground(theme, "border")
        edge.setFixedWidth(1)
        middle.addWidget(edge)
        right = column()
        right.addWidget(self.opening_banner)
        right.addWidget(self._stack, 1)
        middle.addLayout(right, 1)
        whole = QWidget()
        body = column(whole)
        body.addLayout(middle, 1)
        body.addWidget(self.status_bar)
        self.setCentralWidget(whole)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)


def _rail_key(key: str) -> str:
    """The place whose button is lit while the screen of that key is in front."""
    return _PLACES[key].stands_in_for or key


def _window_icon(theme: Theme) -> QIcon:
    icon = QIcon()
    for size_px in (16, 32, 64):
        pixmap: QPixmap = theme.pixmap("git-branch-bold", "accent", size_px)
        icon.addPixmap(pixmap)
    return icon
