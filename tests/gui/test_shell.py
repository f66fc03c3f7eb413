"""The window around its screens: finding, shortcuts, look, place, running tasks."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QSplitter, QWidget

from agentflow_desktop.app.queries import HealthCheck, ModelLine
from agentflow_desktop.core.routing import Role
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.catalog import SCREENS
from agentflow_desktop.desktop.commands import Command, add_shortcuts
from agentflow_desktop.desktop.status_model import RunningLine, StatusState
from agentflow_desktop.desktop.theme import Theme, _icon_characters, chosen_theme
from agentflow_desktop.desktop.widgets.filter_chip import FilterChip
from agentflow_desktop.desktop.widgets.shortcuts_dialog import ShortcutsDialog
from agentflow_desktop.desktop.widgets.status_bar import StatusBar
from agentflow_desktop.desktop.widgets.table import DataTable
from agentflow_desktop.desktop.widgets.table_model import Cell, Column
from agentflow_desktop.desktop.window_memory import WindowMemory, open_window_memory
from support.gui_loop import run_with_loop, until
from support.tasks_stage import words_of
from support.window_program import run_program

# The offscreen platform has no window manager to raise a menu or grab keys with.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise\\(\\)", "grabbing the keyboard")
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def test_ctrl_k_finds_a_command_by_its_words_and_does_it(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        await until(lambda: program.tasks.shown.state.is_open)
        window.activateWindow()
        task = window.tasks_screen.page.request.task
        task.setFocus()
        await until(task.hasFocus)
        program.tasks.shown.set_task("Something to lose")
        QTest.keyClick(task, Qt.Key.Key_K, CTRL)
        await until(window.finder.field.hasFocus)
        QTest.keyClicks(window.finder.field, "dark")
        assert [e.words for e in program.models.finder.state.entries] == ["Look: dark"]
        QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
        assert not window.finder.isVisible()
        assert program._theme.tokens.is_dark
        assert task.hasFocus()
        assert program.tasks.shown.state.request.task == "Something to lose"

    run_program(qapp, tmp_path / "home", drive)


def test_escape_leaves_the_finder_and_gives_the_focus_back(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        window.activateWindow()
        task = window.tasks_screen.page.request.task
        task.setFocus()
        await until(task.hasFocus)
        window.open_finder()
        await until(window.finder.field.hasFocus)
        QTest.keyClick(window.finder.field, Qt.Key.Key_Escape)
        assert not window.finder.isVisible()
        assert window.tasks_screen.page.request.task.hasFocus()

    run_program(qapp, tmp_path / "home", drive)


def test_f1_lists_every_shortcut_and_every_icon_of_a_command_exists(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        screens = [c for place in SCREENS for c in window.screen_of(place.key).commands()]
        for command in (*window.commands(), *screens):
            assert not command.icon or command.icon in _icon_characters(), command.words
        window.show_shortcuts()
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, ShortcutsDialog)]
        assert len(dialogs) == 1
        dialogs[0].accept()
        await asyncio.sleep(0)

    run_program(qapp, tmp_path / "home", drive)


def test_no_two_commands_of_one_screen_share_a_shortcut(qapp: QApplication, tmp_path: Path) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        for place in SCREENS:
            commands = (*window.commands(), *window.screen_of(place.key).commands())
            keys = [key for c in commands for key in filter(None, c.keys.split("; "))]
            assert len(keys) == len(set(keys)), place.key

    run_program(qapp, tmp_path / "home", drive)


def test_look_screen_and_splitters_are_remembered(qapp: QApplication, tmp_path: Path) -> None:
    async def leave(program: DesktopProgram) -> None:
        assert program.window is not None
        look_dark = [c for c in program.window.commands() if c.words == "Look: dark"]
        look_dark[0].do()

    home = tmp_path / "home"
    run_program(qapp, home, leave)
    memory = open_window_memory({"AGENTFLOW_HOME": str(home)})
    assert chosen_theme(None, memory.value("window/look")) == "dark"
    assert memory.value("window/screen") == "tasks"
    left, right = QSplitter(), QSplitter()
    for splitter in (left, right):
        for _ in range(2):
            splitter.addWidget(QWidget())
        splitter.resize(400, 100)
    assert not memory.follow_splitter("halves", left)
    left.setSizes([100, 295])
    left.splitterMoved.emit(100, 1)
    assert memory.follow_splitter("halves", right)
    assert right.sizes() == left.sizes()


def test_a_damaged_memory_is_an_empty_one(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    path.write_bytes(b"\x00\xff[[[[garbage\n=\x80window/look\n")
    memory = WindowMemory(path)
    assert memory.value("window/look", "light") == "light"
    assert not memory.follow_splitter("tasks", QSplitter())
    assert chosen_theme(None, "pink") == "system"


def test_a_narrow_window_keeps_the_rail_as_icons_with_their_words_as_tips(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        window.resize(1_440, 900)
        assert window.rail.width() == 192
        window.resize(1_024, 700)
        assert window.rail.width() == 56
        assert window._buttons["tasks"].toolTip() == "Tasks"
        assert (window.width(), window.height()) == (1_024, 700)

    run_program(qapp, tmp_path / "home", drive)


def test_one_running_task_is_cancelled_at_once_and_of_several_one_is_chosen(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        bar, asked = StatusBar(theme), list[str]()
        bar.cancel_asked.connect(asked.append)
        bar.show()
        one = RunningLine("run_1", "Fish & chips", "Planner proposes")
        two = RunningLine("run_2", "Other", "Planner proposes")
        bar.render_state(StatusState(running=(one,)))
        bar._cancel.click()
        assert asked == ["run_1"]
        bar.render_state(StatusState(running=(one, two)))
        bar._cancel.click()
        menu = bar.findChild(QMenu)
        assert isinstance(menu, QMenu)
        assert [a.text() for a in menu.actions()] == ["Cancel Fish && chips", "Cancel Other"]
        menu.actions()[1].trigger()
        assert asked == ["run_1", "run_2"]
        menu.close()
        await asyncio.sleep(0)
        bar.close()
        bar.deleteLater()

    run_with_loop(qapp, work)


def test_an_offline_model_and_its_fallback_with_its_price_stand_in_the_status_bar(
    qapp: QApplication, theme: Theme
) -> None:
    bound = ModelLine("home", "openai_compatible", "m", "x", (Role.PLANNER,), "not needed", "free")
    spare = ModelLine(
        "cloud", "google_genai", "g", "y", (), "set", "$1 in, $2 out per 1M tokens", (Role.PLANNER,)
    )
    down = HealthCheck("model home", is_usable=False, message="home can't be reached.")
    bar = StatusBar(theme)
    bar.resize(1_024, bar.height())
    bar.render_state(StatusState(models=(bound, spare), health={"home": down}))
    bar.show()
    seat = bar._seats[0]
    assert "offline, then cloud" in words_of(seat)
    told = "If home can't be reached, cloud answers: $1 in, $2 out per 1M tokens."
    assert told in seat.toolTip().replace("&#x27;", "'")
    up = HealthCheck("model home", is_usable=True, message="home answers.", latency_ms=12)
    bar.render_state(StatusState(models=(bound, spare), health={"home": up}))
    assert "cloud" not in words_of(seat)
    assert told in seat.toolTip().replace("&#x27;", "'")
    bar.close()
    bar.deleteLater()


def test_a_shortcut_works_only_while_it_is_possible(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        table = DataTable(theme, (Column("A"),), "Things")
        done, possible = list[str](), [False]
        go = Command("Go", lambda: done.append("gone"), "Ctrl+G", is_possible=lambda: possible[0])
        add_shortcuts(table, [go])
        table.show()
        table.activateWindow()
        await until(table.isActiveWindow)
        QTest.keyClick(table, Qt.Key.Key_G, CTRL)
        assert done == []
        possible[0] = True
        QTest.keyClick(table, Qt.Key.Key_G, CTRL)
        await until(lambda: done == ["gone"])
        table.close()
        table.deleteLater()

    run_with_loop(qapp, work)


def test_a_table_tells_chosen_and_opened_rows_and_keeps_the_current_one(theme: Theme) -> None:
    table = DataTable(theme, (Column("Name"), Column("Cost", 80, is_number=True)), "Runs")
    chosen, opened = list[int](), list[int]()
    table.row_chosen.connect(chosen.append)
    table.row_opened.connect(opened.append)
    rows = [(Cell(f"run {n}", second="yesterday"), Cell(f"${n}")) for n in range(5)]
    table.show_rows(rows)
    table.resize(400, 300)
    table.show()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert (chosen[-1], opened) == (1, [1])
    table.show_rows(rows[:3])
    assert table.currentIndex().row() == 1
    assert table.rows.data(table.rows.index(0, 0), Qt.ItemDataRole.DisplayRole) == (
        "run 0, yesterday"
    )
    table.close()


def test_return_presses_the_button_that_has_the_focus(theme: Theme) -> None:
    pressed: list[str] = []
    ground = QWidget()
    buttons = {"ours": FilterChip(theme, "Do it"), "Qt's": QPushButton("Do it")}
    for name, button in buttons.items():
        button.setParent(ground)
        button.clicked.connect(lambda _=False, name=name: pressed.append(name))
    ground.show()
    for button in buttons.values():
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            QTest.keyClick(button, key)
    assert pressed == ["ours", "ours", "Qt's", "Qt's"]
    ground.close()
    ground.deleteLater()
