"""The History screen with real widgets over a real database, offscreen, on Qt's own loop."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from agentflow_desktop.core.history import Facet, Mark
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.core.runs import RunState
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.navigator import AskAgain, Navigator, OpenRun, Subject
from agentflow_desktop.desktop.screens.history.preview_pane import CAN_T_REPEAT
from agentflow_desktop.desktop.screens.history.state import Days, ListPhase, PreviewPhase
from agentflow_desktop.desktop.screens.history.view import HistoryScreen
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.desktop.window_memory import WindowMemory
from support.ask_home import TASK, AskHome
from support.command_line import run_command
from support.gui_loop import run_with_loop, until
from support.history_desk import HistoryDesk
from support.kept_runs import KeptRun
from support.window_program import run_program

# Qt's offscreen platform says this of every window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RUNS = (
    KeptRun("run_1", "What limits it?", cost_usd=Decimal("0.25"), task_kind=TaskKind.LOGS),
    KeptRun("run_2", "Which fuse blows?", RunState.FAILED, keeps_request=False),
    KeptRun("run_3", "Where is the shunt?\nAnd how warm is it?", model="gpt"),
)


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, "light")
    qapp.setStyleSheet("")


class Stage:
    """The screen over a history of its own; ``went`` is where it led to."""

    def __init__(self, theme: Theme, folder: Path) -> None:
        self.desk = HistoryDesk(folder / "a.db")
        self.model = self.desk.model
        self.went: list[tuple[str, Subject | None]] = []
        navigator = Navigator()
        navigator.on_go(lambda screen, subject: self.went.append((screen, subject)))
        memory = WindowMemory(folder / "window.ini")
        self.screen = HistoryScreen(theme, self.model, navigator, memory)
        self.screen.add_shortcuts()
        self.screen.resize(1_248, 824)
        self.screen.show()

    async def open(self, *runs: KeptRun) -> None:
        await self.desk.kept.add_all(*runs)
        await self.desk.open()
        self.screen.activateWindow()
        self.screen.table.setFocus()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        target = QApplication.focusWidget() or self.screen.table
        if modifier is None:
            QTest.keyClick(target, key)
        else:
            QTest.keyClick(target, key, modifier)

    async def close(self) -> None:
        await self.desk.close()
        self.screen.release()
        self.screen.hide()
        self.screen.deleteLater()
        QApplication.sendPostedEvents()


def words_of(widget: QWidget) -> str:
    """All labels' texts that are visible, in one string."""
    return " | ".join(
        label._full_text if isinstance(label, ElidingLabel) else label.text()
        for label in widget.findChildren(QLabel)
        if label.isVisible()
    ).replace("\u00a0", " ")


def test_the_list_and_the_chosen_run_are_shown(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        rows = stage.screen.table.rows
        first = [str(rows.data(rows.index(0, n), Qt.ItemDataRole.DisplayRole)) for n in range(4)]
        assert first[0].startswith("Where is the shunt?, ")
        assert "gpt" in first[0]
        assert first[2:] == ["Succeeded", "$0"]
        shown = words_of(stage.screen.preview)
        assert "And how warm is it?" in shown
        assert "At most 140 A." in stage.screen.preview.answer.plain_text()
        assert "3 runs" in words_of(stage.screen.header)
        await stage.close()

    run_with_loop(qapp, work)


def test_keys_do_all_that_the_mouse_can(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        model, screen = stage.model, stage.screen
        stage.press(Qt.Key.Key_Down)
        await until(lambda: model.state.chosen_row == 1)
        stage.press(Qt.Key.Key_Return)
        assert stage.went == [("tasks", OpenRun("run_2"))]
        stage.press(Qt.Key.Key_Y)
        await until(lambda: model.state.chosen is not None and model.state.chosen.is_useful is True)
        assert screen.preview.useful.isChecked()
        stage.press(Qt.Key.Key_Delete)
        await until(lambda: len(model.state.numbers) == 2)
        assert screen.undo_banner.isVisible()
        assert "Which fuse blows?" in screen.undo_banner.message
        assert [index.row() for index in screen.table.selectionModel().selectedRows()] == [1]
        stage.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: len(model.state.numbers) == 3)
        assert not screen.undo_banner.isVisible()
        stage.press(Qt.Key.Key_Slash)
        assert screen.filters.search.hasFocus()
        QTest.keyClicks(screen.filters.search, "shunt/y")
        assert screen.filters.search.text() == "shunt/y"
        await until(lambda: model.state.numbers == ())
        stage.press(Qt.Key.Key_Escape)
        await until(lambda: len(model.state.numbers) == 3)
        assert screen.filters.search.text() == ""
        await stage.close()

    run_with_loop(qapp, work)


def test_filters_say_how_many_runs_they_would_leave_and_narrow_the_list(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        filters, model = stage.screen.filters, stage.model
        failed = filters.states[RunState.FAILED]
        assert (failed.count, failed.isVisible()) == (1, True)
        assert not filters.states[RunState.CANCELLED].isVisible()
        assert not filters.marks[Mark.USEFUL].isVisible()
        failed.click()
        await until(lambda: len(model.state.numbers) == 1)
        await until(lambda: "1 of 3 runs" in words_of(stage.screen.header))
        assert failed.isChecked()
        stage.screen.clear_button.click()
        await until(lambda: len(model.state.numbers) == 3)
        assert not failed.isChecked()
        box = filters.choices[Facet.MODEL]
        await until(lambda: box.count() == 3)
        box.setCurrentIndex(box.findData("gpt"))
        box.activated.emit(box.currentIndex())
        await until(lambda: len(model.state.numbers) == 1)
        assert box.currentText() == "gpt  1"
        filters.cost_chosen.emit(Decimal("0.1"))
        await until(lambda: stage.screen.table.rows.rowCount() == 0)
        assert model.state.wanted.at_least_usd == Decimal("0.1")
        await stage.close()

    run_with_loop(qapp, work)


def test_two_dates_are_asked_for_only_where_days_are_chosen(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        filters, model = stage.screen.filters, stage.model
        assert not filters.first.isVisible()
        filters.days.setCurrentIndex(list(Days).index(Days.RANGE))
        filters.days.activated.emit(filters.days.currentIndex())
        assert filters.first.isVisible()
        assert model.state.range.first == stage.desk.kept.clock.now().astimezone().date()
        filters.first.setDate(filters.first.date().addDays(1))
        assert filters.last.date() == filters.first.date()
        await until(lambda: model.state.numbers == ())
        filters.days.activated.emit(0)
        await until(lambda: len(model.state.numbers) == 3)
        assert not filters.first.isVisible()
        await stage.close()

    run_with_loop(qapp, work)


def test_a_run_is_asked_again_and_one_that_can_t_be_says_why(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        preview, model = stage.screen.preview, stage.model
        preview.again_button.click()
        ((screen, subject),) = stage.went
        assert screen == "tasks"
        assert isinstance(subject, AskAgain)
        assert subject.request.task == RUNS[2].task
        model.choose_row(1)
        await until(lambda: "The server is away." in words_of(preview))
        await until(lambda: not preview.again_button.isEnabled())
        assert preview.again_button.toolTip() == CAN_T_REPEAT
        await stage.close()

    run_with_loop(qapp, work)


def test_a_run_that_was_no_question_leads_to_its_report(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.desk.kept.add_selftest("run_1")
        stage.model.connect(stage.desk.door, stage.desk.reports)
        stage.model.show()
        await until(lambda: stage.model.state.preview.phase is PreviewPhase.READY)
        preview = stage.screen.preview
        assert preview.no_answer.text().startswith("SIMULATED: ")
        assert "Its report, which Export writes, has all of it." in preview.no_answer.text()
        assert "No step was taken." not in words_of(preview)
        assert not preview.banner.isVisibleTo(preview)
        assert preview.export_button.isEnabled()
        assert not preview.open_button.isEnabled()
        assert not preview.again_button.isEnabled()
        stage.screen.table.setFocus()
        stage.press(Qt.Key.Key_Return)
        assert stage.went == []
        await stage.close()

    run_with_loop(qapp, work)


def test_a_note_is_kept_when_it_is_left(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        note = stage.screen.preview.note
        note.setFocus()
        QTest.keyClicks(note, "Not yet.")
        QTest.keyClick(note, Qt.Key.Key_Return)
        model = stage.model
        await until(lambda: model.state.chosen is not None and model.state.chosen.note != "")
        stage.screen.preview.not_useful.click()
        await until(
            lambda: model.state.chosen is not None and model.state.chosen.is_useful is False
        )
        assert model.state.chosen is not None
        assert model.state.chosen.note == "Not yet."
        await stage.close()

    run_with_loop(qapp, work)


@pytest.mark.parametrize(
    ("runs", "text", "words"),
    [((), "", "No run yet. What you ask in Tasks is kept here."), (RUNS, "xyz", "No run matches.")],
)
def test_an_empty_list_says_what_to_do(
    qapp: QApplication,
    theme: Theme,
    tmp_path: Path,
    *,
    runs: tuple[KeptRun, ...],
    text: str,
    words: str,
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        assert stage.screen.table.empty_words == "The history opens with the program."
        await stage.open(*runs)
        stage.model.set_text(text)
        await until(lambda: stage.screen.table.empty_words.startswith(words))
        await until(lambda: stage.screen.table.rows.rowCount() == 0)
        assert not stage.screen.preview.open_button.isVisible()
        await stage.close()

    run_with_loop(qapp, work)


def test_a_long_list_is_read_where_it_is_looked_at_and_stays_when_a_run_comes(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        kept, table = stage.desk.kept, stage.screen.table
        await kept.database.call(lambda c: insert_many(c, 3_000))
        await stage.open()
        bar = table.verticalScrollBar()
        bar.setValue(bar.maximum())
        last = table.rows.index(2_999, 0)
        assert table.rows.cell(last) is None
        await until(lambda: table.rows.cell(last) is not None)
        cell = table.rows.cell(last)
        assert cell is not None
        assert cell.text == "task 1"
        at = bar.value()
        await kept.add(KeptRun("run_z", "newest"))
        await until(lambda: table.rows.rowCount() == 3_001)
        assert bar.value() == at + 42
        assert len(stage.model.state.runs) < 1_300
        await stage.close()

    run_with_loop(qapp, work)


def test_a_run_of_the_window_stands_in_its_history_as_it_goes_on(
    qapp: QApplication, tmp_path: Path
) -> None:
    home = AskHome(tmp_path)

    async def drive(program: DesktopProgram) -> None:
        await until(lambda: program.models.history.state.phase is ListPhase.LOADING)
        assert program.window is not None
        next(c for c in program.window.commands() if c.words == "Go to History").do()
        history = program.models.history
        await until(lambda: history.state.phase is ListPhase.READY)
        assert history.state.numbers == ()
        ended = await asyncio.to_thread(run_command, home.root, *ask_of(home))
        assert ended.code == 0
        chosen = lambda: history.state.chosen  # noqa: E731
        await until(lambda: (run := chosen()) is not None and run.state is RunState.SUCCEEDED)
        await until(lambda: history.state.preview.phase is PreviewPhase.READY)
        run = chosen()
        assert run is not None
        assert run.title == TASK

    run_program(qapp, home.root, drive)


def ask_of(home: AskHome) -> list[str]:
    return ["run", "--task", TASK, "--directory", str(home.documents)]


def insert_many(connection, count: int) -> int:
    rows = [(f"run_{n:05}", f"task {n}", n) for n in range(1, count + 1)]
    with connection:
        return connection.executemany(
            "INSERT INTO runs (run_id, kind, title, state, started_at, ended_at, owner_boot,"
            " owner_pid, owner_started, number) VALUES (?, 'ask', ?, 'succeeded',"
            " '2026-11-01T12:00:00Z', '2026-11-01T12:01:00Z', '', 1, 1, ?)",
            rows,
        ).rowcount


def test_a_failed_action_is_told_above_the_list(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme, tmp_path)
        await stage.open(*RUNS)
        stage.model.delete()
        await until(lambda: stage.model.state.shows_undo)
        await stage.desk.kept.history.undelete(["run_3"])
        stage.screen.undo_banner.action_button.click()
        await until(stage.screen.problem.isVisible)
        assert "not among the deleted" in stage.screen.problem.message
        stage.screen.problem.action_button.click()
        await asyncio.sleep(0)
        assert not stage.screen.problem.isVisible()
        await stage.close()

    run_with_loop(qapp, work)
