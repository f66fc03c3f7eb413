"""The Tasks screen with real widgets, offscreen, on Qt's own loop."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Self

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from agentflow_desktop.app.queries import HealthCheck, ModelLine
from agentflow_desktop.core.errors import ProviderUnavailable
from agentflow_desktop.core.routing import PlannedContextCache, PlannedFallback, Role
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.text_label import ElidingLabel
from agentflow_desktop.llm.budget import Period, Spending
from support.gui_loop import (
    ANSWER,
    AT,
    FOUND,
    ROUTE,
    TEXT,
    SmallAskJob,
    run_with_loop,
    until,
)
from support.tasks_stage import Stage, words_of

# Qt's offscreen platform says this of every window that has a least size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NOTHING = Period(0, Decimal(0), Decimal(0), 0, 0)
SPENDING = Spending(NOTHING, NOTHING, NOTHING, Decimal(50), Decimal(500), AT, AT, Decimal(0))


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, "light")
    qapp.setStyleSheet("")


def test_the_route_and_its_price_stand_before_anything_is_run(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        assert not stage.page.request.run_button.isEnabled()
        await stage.plan()
        shown = words_of(stage.page.request.route)
        assert "40 tokens are under 8,000." in shown
        assert "planner" in shown
        assert "$0.0100" in shown
        assert stage.page.request.run_button.isEnabled()
        await stage.close()

    run_with_loop(qapp, work)


def test_the_route_tells_of_a_fallback_and_of_kept_documents_with_their_prices(
    qapp: QApplication, theme: Theme
) -> None:
    usd = Decimal("0.01")
    route = replace(
        ROUTE,
        fallbacks=(PlannedFallback(Role.PLANNER, "spare", "planner", usd, 3 * usd),),
        context_caches=(
            PlannedContextCache("planner", 9_000, Decimal("2.5"), 4 * usd, 2 * usd, usd, usd),
        ),
    )

    async def work() -> None:
        stage = Stage(theme)
        stage.queries.route = route
        await stage.plan()
        shown = words_of(stage.page.request.route)
        assert "If planner can't be reached as planner, spare answers: about $0.0100" in shown
        assert "The documents (9,000 tokens) are kept with planner for at most 10 min" in shown
        assert "instead of $0.0400 for 2.5 calls on them." in shown
        await stage.close()

    run_with_loop(qapp, work)


def test_a_model_that_is_offline_is_told_before_the_run_and_can_be_tested_again(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        door = HealthDoor()
        stage.status.connect(stage.runs, door)
        await stage.plan()
        note = stage.page.request.route.reach
        await until(note.isVisible)
        told = words_of(note)
        assert "planner can't be asked now: the run will fail unless it is back in time." in told
        assert "No server answers." in told
        door.is_up = True
        note.test_button.click()
        await until(lambda: not note.isVisible())
        assert door.asked == 2, "only what the status bar asks, and the person"
        stage.status.disconnect()
        await stage.close()

    run_with_loop(qapp, work)


class HealthDoor:
    """One bound model, that answers or not, and a ledger."""

    def __init__(self) -> None:
        self.is_up = False
        self.asked = 0

    @property
    def costs(self) -> Self:
        return self

    async def spending(self) -> Spending:
        return SPENDING

    async def models(self) -> Sequence[ModelLine]:
        roles = (Role.PLANNER,)
        return (ModelLine("planner", "openai_compatible", "m", "x", roles, "not needed", "free"),)

    async def test_model(self, name: str) -> HealthCheck:
        self.asked += 1
        message = "It answers." if self.is_up else "No server answers."
        return HealthCheck(f"model {name}", is_usable=self.is_up, message=message)


def test_the_answer_stands_with_numbers_and_what_no_quote_backs_is_marked(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        text = stage.page.result.answer.plain_text().replace("\u00a0", " ")
        assert "At most 0.5C" in text
        assert "The cell takes at most 0.5C." in text
        assert "It melts at 40 °C. no quote found" in text.replace("  ", " ")
        html = stage.page.result.answer.document().toHtml()
        assert "cite:1" in html
        await stage.close()

    run_with_loop(qapp, work)


def test_a_clicked_citation_lights_the_line_and_its_row(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        stage.page.result.answer.anchorClicked.emit(QUrl("cite:1"))
        await until(lambda: stage.model.state.evidence.phase is EvidencePhase.READY)
        evidence = stage.page.evidence
        assert evidence.source.lit_text() == FOUND.quote
        assert evidence.quotes.currentIndex().row() == 0
        rows = evidence.quotes.rows
        assert [row.number for row in rows] == [1, None]
        assert "1 found, 1 rejected, 1 claim without" in words_of(evidence)
        await stage.close()

    run_with_loop(qapp, work)


def test_files_that_were_not_read_are_listed_with_their_reason(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        drop(stage.page.request, [tmp_path])
        await until(lambda: bool(stage.model.state.request.selection.directories))
        await stage.plan()
        rows = stage.page.request.documents.documents
        assert [row.name for row in rows] == [tmp_path.name, "cell.md", "locked.pdf"]
        assert rows[2].status == "The file is encrypted."
        await stage.close()

    run_with_loop(qapp, work)


def drop(target: QWidget, paths: list[Path]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(10, 10), copy, mime, button, keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(10, 10), copy, mime, button, keys))


def test_delete_takes_a_chosen_folder_out(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def work() -> None:
        stage = Stage(theme)
        drop(stage.page.request, [tmp_path])
        await until(lambda: bool(stage.model.state.request.selection.directories))
        table = stage.page.request.documents
        table.selectRow(0)
        QTest.keyClick(table, Qt.Key.Key_Delete)
        assert stage.model.state.request.selection.directories == ()
        assert len(table.documents) == 0
        await stage.close()

    run_with_loop(qapp, work)


def test_a_stream_grows_in_place_and_restarts_clean(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme)
        view = stage.page.result.answer
        for text in ("One", "One **two**.", "One **two**.\n\nThr", "One **two**.\n\nThree"):
            view.show_stream(text)
        assert view.plain_text().rstrip("\u258d").split("\n") == ["One two.", "Three"]
        view.show_stream("Anew")
        assert view.plain_text() == "Anew\u258d"
        await stage.close()

    run_with_loop(qapp, work)


def test_a_models_markup_brings_no_link_picture_or_html(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme)
        hostile = "See [here](http://x.example) ![p](/etc/passwd) <b onclick=x>bold</b>"
        claim = type(ANSWER.claims[0])("C1", hostile, (FOUND,))
        view = stage.page.result.answer
        view.show_answer(type(ANSWER)("", (claim,)), None)
        html = view.document().toHtml()
        assert "x.example" not in html
        assert "<img" not in html
        assert "/etc/passwd" not in html
        assert "[picture]" in view.plain_text()
        await stage.close()

    run_with_loop(qapp, work)


def test_keys_run_cancel_and_focus(qapp: QApplication, theme: Theme) -> None:
    async def work() -> None:
        stage = Stage(theme, SmallAskJob(gate=asyncio.Event()))
        stage.screen.activateWindow()
        await stage.plan()
        stage.page.request.documents.setFocus()
        QTest.keyClick(
            stage.page.request.documents, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier
        )
        await until(stage.page.request.task.hasFocus)
        task = stage.page.request.task
        QTest.keyClick(task, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: stage.model.state.is_running)
        assert "\n" not in task.toPlainText()
        assert stage.page.request.cancel_button.isVisible()
        assert not stage.page.request.run_button.isVisible()
        QTest.keyClick(task, Qt.Key.Key_Escape)
        await until(lambda: not stage.model.state.is_running)
        assert stage.page.result.banner.message == "Cancelled"
        await stage.close()

    run_with_loop(qapp, work)


def test_a_failed_run_shows_its_error_in_place_with_the_next_step(
    qapp: QApplication, theme: Theme
) -> None:
    async def work() -> None:
        error = ProviderUnavailable("The server is away.", hint="Start it, then try again.")
        job = SmallAskJob(gate=asyncio.Event(), error=error, notice="Trying again in 2 s.")
        stage = Stage(theme, job)
        await stage.plan()
        stage.model.run()
        await until(stage.page.result.notice.isVisible)
        assert job.gate is not None
        job.gate.set()
        await until(lambda: stage.model.state.run is not None and not stage.model.state.is_running)
        banner = stage.page.result.banner
        assert banner.isVisible()
        assert "The server is away." in words_of(banner)
        assert "Start it, then try again." in words_of(banner)
        assert banner.action_button.text() == "Try again"
        assert not stage.page.result.notice.isVisible()
        await stage.close()

    run_with_loop(qapp, work)


@pytest.mark.parametrize(("width", "height"), [(950, 620), (1_440, 840)])
def test_the_screen_fits_and_keeps_its_evidence_reachable(
    qapp: QApplication, theme: Theme, width: int, height: int
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        stage.screen.resize(width, height)
        await stage.answer()
        assert (stage.screen.width(), stage.screen.height()) == (width, height)
        assert stage.screen.minimumSizeHint().width() <= 950
        stage.page.result.answer.anchorClicked.emit(QUrl("cite:1"))
        await until(stage.page.evidence.isVisible)
        await stage.close()

    run_with_loop(qapp, work)


def test_five_megabytes_of_source_put_a_few_hundred_lines_into_the_widget(
    qapp: QApplication, theme: Theme, nothing_blocks_the_loop: None
) -> None:
    async def work() -> None:
        stage = Stage(theme)
        stage.queries.text = TEXT + "a line of filling text, again and again and again\n" * 100_000
        await stage.answer()
        source = stage.page.evidence.source
        assert source.lit_text() == FOUND.quote
        assert source.document().blockCount() < 500
        stage.model.leaf(later=True)
        before = source.excerpt
        await until(lambda: source.excerpt is not before)
        assert source.document().blockCount() < 500
        await stage.close()

    run_with_loop(qapp, work)


def test_every_control_has_a_name_for_a_screen_reader(qapp: QApplication, theme: Theme) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QPlainTextEdit

    async def work() -> None:
        stage = Stage(theme)
        await stage.answer()
        kinds = (QAbstractButton, QComboBox, QPlainTextEdit, QAbstractItemView)
        nameless = [
            widget
            for kind in kinds
            for widget in stage.screen.findChildren(kind)
            if widget.isVisible()
            and not widget.accessibleName()
            and not (isinstance(widget, QAbstractButton) and widget.text())
            and "Corner" not in widget.metaObject().className()
            and not widget.metaObject().className().startswith("QTableCorner")
        ]
        assert not nameless
        await stage.close()

    run_with_loop(qapp, work)


def test_fifty_openings_leave_no_widget_and_no_task(qapp: QApplication, theme: Theme) -> None:
    async def open_and_close() -> None:
        stage = Stage(theme)
        await stage.answer()
        await stage.close()

    counts: list[int] = []
    for _ in range(50):
        run_with_loop(qapp, open_and_close)
        gc.collect()
        counts.append(len(QApplication.allWidgets()))
    assert counts[-1] <= counts[4]


def test_an_eliding_label_shrinks_and_keeps_its_text_as_tooltip(
    qapp: QApplication, theme: Theme
) -> None:
    label = ElidingLabel(theme, "a name that is much too long for its place")
    label.resize(60, 20)
    label.show()
    QApplication.sendPostedEvents()
    assert label.minimumSizeHint().width() < 60
    assert label.toolTip() == "a name that is much too long for its place"
    label.resize(600, 20)
    QApplication.sendPostedEvents()
    assert label.toolTip() == ""
    label.deleteLater()


def test_a_tooltip_shows_markup_in_a_name_as_text(qapp: QApplication, theme: Theme) -> None:
    name = '<img src="file:///etc/hostname"> & Sons.md'
    label = ElidingLabel(theme, name)
    label.resize(60, 20)
    label.show()
    QApplication.sendPostedEvents()
    shown = QTextDocument()
    shown.setHtml(label.toolTip())
    assert shown.toPlainText() == name
    label.deleteLater()


def test_twenty_thousand_signals_pass_unharmed(qapp: QApplication) -> None:
    class Source(QObject):
        told = Signal(bool, object)

    heard: list[bool] = []
    source = Source()
    take: Callable[[bool, object], None] = lambda flag, _: heard.append(flag)  # noqa: E731
    for _ in range(20_000):
        source.told.connect(take)
        source.told.emit(True, None)
        source.told.disconnect(take)
    assert len(heard) == 20_000
