"""The Costs & Cache screen in a window, offscreen, over a real ledger and cache."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from agentflow_desktop.adapters.whole_file import write_whole
from agentflow_desktop.desktop.navigator import Navigator, OpenRun, Subject
from agentflow_desktop.desktop.screens.costs.body import CostsBody
from agentflow_desktop.desktop.screens.costs.view import CostsScreen
from agentflow_desktop.desktop.screens.costs.view_model import CostsViewModel
from agentflow_desktop.desktop.tasks import TaskScope
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.window_memory import WindowMemory
from agentflow_desktop.llm.costs import CostGroup
from support.cost_home import CostHome, keep_nothing, open_cost_home
from support.gui_loop import run_with_loop, until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@dataclass
class Stage:
    """The screen as a person has it before them."""

    home: CostHome
    theme: Theme
    model: CostsViewModel
    screen: CostsScreen
    went: list[tuple[str, Subject | None]]

    @property
    def content(self) -> CostsBody:
        assert self.screen.content is not None
        return self.screen.content

    async def read(self) -> None:
        """Until the screen shows what was asked for last."""
        self.model.refresh()
        model = self.model

        def is_drawn() -> bool:
            state = model.state
            return (
                self.screen.content is not None
                and state.figures is not None
                and (state.figures.days, state.figures.step) == (state.days, state.step)
            )

        await until(is_drawn)


Work = Callable[[Stage], Awaitable[None]]


def on_stage(
    app: QApplication,
    path: Path,
    work: Work,
    *,
    width: int = 1_250,
    spent: bool = True,
    **limits: str,
) -> None:
    """Open the screen over files below ``path``, do the work, take all down again."""

    async def whole() -> None:
        theme = Theme(app, "light")
        problems: list[BaseException] = []
        scope = TaskScope(problems.append)
        load = lambda: import_module("agentflow_desktop.desktop.screens.costs.body")  # noqa: E731
        with open_cost_home(path, **limits) as home:
            if spent:
                await home.spend("3", "dear", run_id="run_a", served="another")
                await home.spend("1", "cheap", run_id="run_b")
                await home.reserve("0.5")
            model = CostsViewModel(scope.spawn, load, lambda: None, 60)
            went: list[tuple[str, Subject | None]] = []
            navigator = Navigator()
            navigator.on_go(lambda key, subject: went.append((key, subject)))
            screen = CostsScreen(
                theme, model, navigator=navigator, memory=WindowMemory(path / "w.ini"),
                clock=home.clock,
            )  # fmt: skip
            screen.resize(width, 820)
            screen.show()
            screen.shown()
            model.connect(
                home.costs, home.cache, write=partial(write_whole, may_replace=True),
                keep=keep_nothing,
            )  # fmt: skip
            stage = Stage(home, theme, model, screen, went)
            await stage.read()
            await work(stage)
            screen.left()
            model.disconnect()
            await scope.close()
            screen.release()
            screen.close()
            screen.deleteLater()
        assert problems == []

    run_with_loop(app, whole)


def cells(table: QTableView, row: int) -> list[str]:
    rows = table.model()
    return [str(rows.index(row, column).data()) for column in range(rows.columnCount())]


def test_the_table_holds_the_chart_s_numbers_and_their_sum(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        table = stage.content.table
        dear, cheap = cells(table.table, 0), cells(table.table, 1)
        assert dear[0] == "dear, other model served"
        assert (dear[1], dear[6], dear[8]) == ("1", "$3.00", "75 %")
        assert (cheap[0], cheap[6]) == ("cheap", "$1.00")
        assert cells(table.total, 0)[:2] == ["Total", "2"]
        assert cells(table.total, 0)[6] == "$4.00"
        spend = stage.content.chart
        assert "23 Nov" in spend.accessibleDescription().replace("\N{NO-BREAK SPACE}", " ")
        assert "$4.00" in spend.accessibleDescription()

    on_stage(qapp, tmp_path, work)


def test_pointing_at_a_day_tells_its_values_by_mouse_and_by_key(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        chart = stage.content.chart
        QTest.keyClick(chart, Qt.Key.Key_Right)
        told = [
            (line.name.replace("\N{NO-BREAK SPACE}", " "), line.value)
            for line in chart.readout.lines
        ]
        assert told == [
            ("23 Nov, Monday", "$4.00"), ("cheap", "$1.00"), ("dear", "$3.00"),
            ("held or expected yet", "$0.50"),
        ]  # fmt: skip
        assert chart.readout.isVisible()
        QTest.keyClick(chart, Qt.Key.Key_Left)
        assert chart.readout.lines[0].value == "$0"
        QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
        assert not chart.readout.isVisible()
        place = chart.view.mapViewToScene(chart.view.viewRect().center()).toPoint()
        QTest.mouseMove(chart.viewport(), QPoint(place))
        await until(chart.readout.isVisible)

    on_stage(qapp, tmp_path, work)


def test_bars_are_drawn_in_the_colours_of_the_look_and_again_when_it_changes(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        for look in ("light", "dark", "light"):
            stage.theme.choose(look)
            image = QImage.fromData(stage.content.chart_png())
            seen = colours(image)
            for tone in ("series_1", "series_2", "surface", "muted"):
                assert stage.theme.color(tone).rgb() in seen, (look, tone)

    on_stage(qapp, tmp_path, work)


def colours(image: QImage) -> set[int]:
    return {
        QColor(image.pixel(x, y)).rgb()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }


def test_a_run_opens_where_it_can_be_read(qapp: QApplication, tmp_path: Path) -> None:
    async def work(stage: Stage) -> None:
        stage.content.group_chosen.emit(CostGroup.RUN)
        table = stage.content.table.table
        await until(lambda: cells(table, 0)[0].startswith("run_a"))
        table.select(0)
        QTest.keyClick(table, Qt.Key.Key_Return)
        assert stage.went == [("tasks", OpenRun("run_a"))]

    on_stage(qapp, tmp_path, work)


def test_the_strip_tells_of_the_limit_and_leads_to_the_fields(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        content = stage.content
        assert content.strip.isVisible()
        words = content.strip.words
        assert words is not None
        assert "80\N{NO-BREAK SPACE}% of the November limit is spent or held" in words.message
        content.strip.acted.emit()
        assert content.editor.isVisible()
        assert not content.strip.isVisible()
        field = content.editor.fields["daily_limit"]
        field.clear()
        QTest.keyClicks(field, "a lot")
        assert content.editor.message == "Type an amount in dollars, such as 8 or 2.50."
        assert not content.editor.keep_button.isEnabled()
        field.clear()
        QTest.keyClicks(field, "7")
        assert content.editor.message == "The daily limit is above the monthly one."
        assert content.editor.keep_button.isEnabled()
        stage.model.disconnect()
        stage.model.type_limit("daily_limit", "6")
        assert content.editor.message == "Limits can be kept once the program is open."
        assert not content.editor.keep_button.isEnabled()
        content.editor.left.emit()
        assert content.strip.isVisible()
        content.strip.closed.emit()
        assert not content.strip.isVisible()

    on_stage(qapp, tmp_path, work, monthly_limit="5.6")


def test_nothing_spent_yet_is_a_sentence_instead_of_empty_charts(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        content = stage.content
        assert content.nothing_yet.isVisible()
        assert not content.chart.isVisible()
        assert content.tiles.isVisible()
        await stage.home.spend("1")
        stage.model.refresh()
        await until(content.chart.isVisible)
        assert not content.nothing_yet.isVisible()

    on_stage(qapp, tmp_path, work, spent=False)


def test_a_ledger_that_can_t_be_read_is_an_error_in_place(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        content = stage.content
        await stage.home.database.call(lambda c: c.execute("ALTER TABLE model_days RENAME TO gone"))
        stage.model.refresh()
        await until(content.problem.isVisible)
        assert content.chart.isVisible()  # what was read before stays
        await stage.home.database.call(lambda c: c.execute("ALTER TABLE gone RENAME TO model_days"))
        content.problem.action_button.click()
        await until(lambda: not content.problem.isVisible())

    on_stage(qapp, tmp_path, work)


def test_kept_results_are_removed_with_undo_and_all_of_them_after_a_question(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        await stage.home.keep("aa")
        await stage.home.keep("bb")
        kept = stage.content.kept
        stage.content.side.manage.click()
        await until(lambda: kept.table.rows.rowCount() == 2)
        kept.table.select(0)
        kept.remove.click()
        await until(lambda: kept.table.rows.rowCount() == 1)
        kept.undo.click()
        await until(lambda: kept.table.rows.rowCount() == 2)
        kept.clear_all.click()
        assert kept.confirm.text() == "Remove all 2: no way back"
        kept.keep.click()
        assert not kept.confirm.isVisible()
        kept.clear_all.click()
        kept.confirm.click()
        await until(lambda: kept.table.rows.rowCount() == 0)

    on_stage(qapp, tmp_path, work)


def test_in_a_narrow_window_tiles_stand_in_two_rows_and_charts_share_a_place(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        content = stage.content
        assert content.views.isVisible()
        assert content.tiles.height() > 150
        assert content.chart.isVisible()
        content.views.chosen.emit(1)
        assert content.side.isVisible()
        assert not content.chart.isVisible()
        await until(content.views.isVisible)
        stage.screen.resize(1_300, 820)
        assert content.chart.isVisible()
        assert content.side.isVisible()
        assert stage.screen.minimumSizeHint().width() <= 968

    on_stage(qapp, tmp_path, work, width=968)


def test_typed_days_are_shown_and_what_is_no_day_is_marked(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        screen = stage.screen
        screen.kinds.chosen.emit(3)
        assert screen.first.isVisible()
        screen.first.setText("2026-10-01")
        screen.first.editingFinished.emit()
        assert stage.model.state.days is not None
        assert stage.model.state.days.count == 61
        screen.last.setText("soon")
        screen.last.editingFinished.emit()
        assert screen.last.property("state") == "error"
        assert stage.model.state.days.count == 61

    on_stage(qapp, tmp_path, work)


def test_twenty_models_of_long_names_neither_widen_the_screen_nor_lose_a_cent(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        for number in range(20):
            name = f"organisation/a-model-with-a-very-long-name-{number:02}-preview-2026-11"
            await stage.home.spend(f"0.{number + 10}", name)
        stage.model.refresh()
        content = stage.content
        await until(lambda: content.table.table.rows.rowCount() == 22)
        spent = stage.model.state.figures
        assert spent is not None
        assert sum(line.sums.spent_usd for line in spent.lines) == spent.total.spent_usd
        assert spent.total.spent_usd == 4 + sum(
            (Decimal(n + 10) / 100 for n in range(20)), Decimal(0)
        )
        assert stage.screen.minimumSizeHint().width() <= 968
        QTest.keyClick(content.chart, Qt.Key.Key_Right)
        assert "15 others" in [line.name for line in content.chart.readout.lines]

    on_stage(qapp, tmp_path, work, width=968)


def test_a_screen_that_is_opened_and_closed_leaves_no_task(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def work(stage: Stage) -> None:
        for _ in range(20):
            stage.screen.left()
            stage.screen.shown()
            await asyncio.sleep(0)
        await stage.read()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        await until(lambda: len([t for t in others if not t.done()]) <= 2)

    on_stage(qapp, tmp_path, work)
