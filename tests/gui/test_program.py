"""The whole window over the real program, offscreen: opening, failing to open, bugs, quitting."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from agentflow_desktop.app.queries import Queries
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.screens.tasks.examples import shipped_examples
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, PlanPhase
from agentflow_desktop.desktop.theme import chosen_theme
from agentflow_desktop.desktop.widgets.crash_dialog import CrashDialog
from support.ask_home import AskHome
from support.gui_loop import until
from support.openai_server import OpenAIServer, reply_json
from support.window_program import run_program

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
EXAMPLES = Path(__file__).parents[2] / "resources" / "examples" / "battery"


async def ask(program: DesktopProgram, *, use_cache: bool = True) -> None:
    tasks = program.tasks.shown
    await until(lambda: tasks.state.is_open)
    tasks.add_paths([EXAMPLES])
    await until(lambda: bool(tasks.state.request.selection.directories))
    tasks.set_task("What limits the charge current?")
    tasks.set_use_cache(use_cache)
    await until(lambda: tasks.state.plan.phase is PlanPhase.READY)
    tasks.run()
    await until(lambda: tasks.state.run is not None and not tasks.state.is_running)


def test_the_built_in_engine_answers_with_quotes_that_stand_in_the_examples(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await ask(program)
        state = program.tasks.shown.state
        assert state.run is not None
        assert state.run.phase is RunPhase.SUCCEEDED
        await until(lambda: program.tasks.shown.state.evidence.phase is EvidencePhase.READY)
        assert program.window is not None
        screen = program.window.tasks_screen.page
        evidence = program.tasks.shown.state.evidence.evidence
        assert evidence is not None
        if not evidence.file.endswith(".pdf"):
            text = (EXAMPLES / evidence.file).read_text(encoding="utf-8")
            assert screen.evidence.source.lit_text() in text
        shown = screen.result.answer.plain_text()
        assert evidence.file in shown

    run_program(qapp, tmp_path / "home", drive)


def test_asking_again_says_that_a_cached_result_is_used_and_can_be_run_anew(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await ask(program)
        await ask(program)
        assert program.window is not None
        banner = program.window.tasks_screen.page.result.banner
        assert banner.message.startswith("Using cached result, made just now")
        run = program.tasks.shown.state.run
        assert run is not None
        assert run.result is not None
        assert run.result.cached_from is not None
        first = run.run_id
        banner.action_button.click()
        await until(
            lambda: (
                (run := program.tasks.shown.state.run) is not None
                and run.run_id != first
                and run.result is not None
            )
        )
        assert program.tasks.shown.state.run is not None
        assert program.tasks.shown.state.run.result is not None
        assert program.tasks.shown.state.run.result.cached_from is None

    run_program(qapp, tmp_path / "home", drive)


def test_the_status_bar_shows_the_days_money_and_the_models(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await until(lambda: program.status.state.spending is not None)
        state = program.status.state
        assert state.spending is not None
        assert state.spending.daily_limit_usd == 50
        assert any(line.roles for line in state.models)

    run_program(qapp, tmp_path / "home", drive)


def test_a_broken_settings_file_is_told_in_the_window_and_can_be_mended(
    qapp: QApplication, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = home / "config" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("models:\n  plannner: x\n", encoding="utf-8")

    async def drive(program: DesktopProgram) -> None:
        await until(lambda: program.status.state.opening_problem is not None)
        assert program.window is not None
        banner = program.window.opening_banner
        assert banner.isVisible()
        assert "plannner" in banner.message
        assert not program.tasks.shown.state.can_run
        settings.unlink()
        await until(lambda: program._opening is not None and program._opening.done())
        banner.action_button.click()
        await until(lambda: program.tasks.shown.state.is_open)
        assert not banner.isVisible()

    run_program(qapp, home, drive)


def test_nothing_is_read_or_written_on_the_windows_thread(
    qapp: QApplication, tmp_path: Path, nothing_blocks_the_loop: None
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await ask(program)
        await until(lambda: program.tasks.shown.state.evidence.phase is EvidencePhase.READY)

    run_program(qapp, tmp_path / "home", drive)


@pytest.mark.allow_log_warnings
def test_a_bug_opens_a_dialog_that_names_the_report_and_the_program_goes_on(
    qapp: QApplication, tmp_path: Path
) -> None:
    reports: list[Path] = []
    copied: list[str] = []
    files = FileOpener()
    QDesktopServices.setUrlHandler("file", files, "open")  # type: ignore[arg-type]  # as it is, not as its stub says

    async def drive(program: DesktopProgram) -> None:
        await until(lambda: program.tasks.shown.state.is_open)

        async def fail() -> None:
            raise ZeroDivisionError("sk-not-a-key")

        program.scope.spawn(fail())
        await until(lambda: bool(dialogs()))
        details = dialogs()[0].details
        assert "ZeroDivisionError" in details
        reports.append(Path(details.split("Report: ")[1].splitlines()[0]))
        dialogs()[0].copy_button.click()
        copied.append(QGuiApplication.clipboard().text())
        dialogs()[0].folder_button.click()
        dialogs()[0].accept()
        await ask(program, use_cache=False)

    run_program(qapp, tmp_path / "home", drive)
    QDesktopServices.unsetUrlHandler("file")
    written = reports[0].read_text(encoding="utf-8")
    assert "ZeroDivisionError" in written
    assert copied == [written]
    assert files.opened == [reports[0].parent]


class FileOpener(QObject):
    """Stands where the desktop's own file manager would."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(Path(url.toLocalFile()))


def dialogs() -> list[CrashDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashDialog)]


@pytest.mark.parametrize("which", range(2))
def test_an_example_is_one_click_away_and_its_words_are_found_without_a_model(
    qapp: QApplication, tmp_path: Path, which: int
) -> None:
    async def drive(program: DesktopProgram) -> None:
        tasks = program.tasks.shown
        await until(lambda: tasks.state.is_open)
        assert program.window is not None
        button = program.window.tasks_screen.page.result.empty.buttons[which]
        assert button.isVisible()
        button.click()
        assert tasks.state.request.selection.directories == (shipped_examples()[which].folder,)
        assert program.window.tasks_screen.page.request.task.toPlainText() == button.text()
        await until(lambda: tasks.state.plan.phase is PlanPhase.READY)
        tasks.run()
        await until(lambda: tasks.state.run is not None and not tasks.state.is_running)
        assert tasks.state.run is not None
        assert tasks.state.run.phase is RunPhase.SUCCEEDED
        assert tasks.state.run.answer is not None
        assert len(tasks.state.run.answer.claims) > 1
        assert all(claim.is_quoted for claim in tasks.state.run.answer.claims)
        program.tasks.open_new()
        assert program.window.tasks_screen.page.result.empty.buttons[which].isVisible()

    run_program(qapp, tmp_path / "home", drive)


def test_the_status_bar_shows_what_is_held_while_a_call_goes_on(
    qapp: QApplication, tmp_path: Path
) -> None:
    stalling = reply_json({"claims": [{"quotes": [], "text": "Slow."}], "title": ""}, stall_after=1)
    with OpenAIServer(lambda _: stalling) as server:

        async def drive(program: DesktopProgram) -> None:
            tasks = program.tasks.shown
            await until(lambda: tasks.state.is_open)
            tasks.set_task("What?")
            await until(lambda: tasks.state.plan.phase is PlanPhase.READY)
            tasks.run()
            await until(lambda: held(program) > 0)
            assert tasks.state.is_running

        home = AskHome(tmp_path / "home", server.base_url).root
        run_program(qapp, home, drive, AGENTFLOW_MODELS__PLANNER="cheap")


def held(program: DesktopProgram) -> Decimal:
    spending = program.status.state.spending
    return spending.today.reserved_usd if spending else Decimal(0)


def test_closing_the_window_during_a_run_leaves_it_cancelled_in_the_history(
    qapp: QApplication, tmp_path: Path
) -> None:
    ids: list[str] = []
    stalling = reply_json({"claims": [{"quotes": [], "text": "Slow."}], "title": ""}, stall_after=1)
    with OpenAIServer(lambda _: stalling) as server:
        home = AskHome(tmp_path / "home", server.base_url).root

        async def start_and_close(program: DesktopProgram) -> None:
            tasks = program.tasks.shown
            await until(lambda: tasks.state.is_open)
            tasks.set_task("What?")
            await until(lambda: tasks.state.plan.phase is PlanPhase.READY)
            tasks.run()
            assert tasks.state.run is not None
            ids.append(tasks.state.run.run_id)
            await until(lambda: bool(server.requests))
            assert program.window is not None
            program.window.close()
            assert program.window.isVisible()

        run_program(qapp, home, start_and_close, AGENTFLOW_MODELS__PLANNER="cheap")

        async def look(program: DesktopProgram) -> None:
            await until(lambda: program.tasks.shown.state.is_open)
            queries = program.tasks.shown._queries
            assert isinstance(queries, Queries)
            summaries = await queries.history.runs()
            spending = await queries.costs.spending()
            assert [(s.run_id, s.state.value) for s in summaries] == [(ids[0], "cancelled")]
            assert summaries[0].cost_usd == spending.total.spent_usd > 0
            assert spending.total.reserved_usd == 0

        run_program(qapp, home, look)


def test_what_was_typed_and_run_is_there_when_the_window_is_opened_again(
    qapp: QApplication, tmp_path: Path
) -> None:
    home = tmp_path / "home"

    async def type_and_close(program: DesktopProgram) -> None:
        await ask(program)
        program.tasks.open_new()
        program.tasks.shown.set_task("Half a thou")
        program.tasks.shown.set_task("Half a thought")
        await asyncio.sleep(0)

    async def look(program: DesktopProgram) -> None:
        await until(lambda: len(program.tasks.state.tabs) == 2)
        assert program.window is not None
        page = program.window.tasks_screen.page
        assert page.request.task.toPlainText() == "Half a thought"
        first = program.tasks.model(program.tasks.state.tabs[0].tab_id)
        await until(lambda: first.state.run is not None)
        assert first.state.run is not None
        assert first.state.run.phase is RunPhase.SUCCEEDED
        assert first.state.request.selection.directories == (EXAMPLES,)
        program.tasks.close(program.tasks.state.shown)
        assert "The charge" in program.window.tasks_screen.page.result.answer.plain_text()

    async def look_again(program: DesktopProgram) -> None:
        await until(lambda: bool(program.tasks.state.tabs[0].run_id))
        assert len(program.tasks.state.tabs) == 1

    run_program(qapp, home, type_and_close)
    run_program(qapp, home, look)
    run_program(qapp, home, look_again)


def test_a_quote_of_a_pdf_is_marked_on_its_page_and_shown_as_text_when_asked(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await ask(program)
        task = program.tasks.shown
        run = task.state.run
        assert run is not None
        assert run.answer is not None
        quotes = [e for claim in run.answer.claims for e in claim.evidence]
        task.look_at(next(e for e in quotes if e.file.endswith(".pdf")))
        await until(
            lambda: (page := task.state.evidence.page) is not None and page.image is not None
        )
        page = task.state.evidence.page
        assert page is not None
        assert page.image is not None
        assert page.image.quote_boxes
        assert program.window is not None
        pane = program.window.tasks_screen.page.evidence
        assert pane.page.isVisible()
        assert pane.page.image is page.image
        pane.header.views.chosen.emit(1)
        assert pane.source.isVisible()
        evidence = task.state.evidence.evidence
        assert evidence is not None
        assert " ".join(pane.source.lit_text().split()) == " ".join(evidence.quote.split())
        task.show_pages(True)
        task.leaf(later=True)
        await until(
            lambda: (
                (page := task.state.evidence.page) is not None
                and page.image is not None
                and page.image.page == page.number
                and not page.is_drawing
            )
        )

    run_program(qapp, tmp_path / "home", drive)


def test_dark_and_light_are_drawn_from_their_own_colours(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        await until(lambda: program.tasks.shown.state.is_open)
        assert program.window is not None
        image = program.window.tasks_screen.grab().toImage()
        assert image.pixelColor(image.width() // 2, 5).name() == "#181c20"

    run_program(qapp, tmp_path / "home", drive, "dark")


def test_the_look_is_chosen_by_argument_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_theme(None) == "system"
    monkeypatch.setenv("AGENTFLOW_THEME", "dark")
    assert chosen_theme(None) == "dark"
    assert chosen_theme("light") == "light"
    with pytest.raises(ConfigurationError, match="no look named 'pink'"):
        chosen_theme("pink")


def test_every_icon_that_the_window_uses_exists() -> None:
    import re
    from importlib.util import find_spec

    found = find_spec("qtawesome")
    assert found is not None
    assert found.origin is not None
    charmap = Path(found.origin).parent / "fonts" / "phosphor-charmap-1.3.0.json"
    names = set(json.loads(charmap.read_text(encoding="utf-8")))
    desktop = Path(__file__).parents[2] / "agentflow_desktop" / "desktop"
    used = set[str]()
    for source in desktop.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        used |= set(re.findall(r'\b(?:icon|pixmap)\("([a-z-]+)"', text))
    assert used
    assert used <= names
