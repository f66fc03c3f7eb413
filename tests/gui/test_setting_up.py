"""Settings, models, keys and the assistant in the whole window over the real program."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from agentflow_desktop.core.keys import KeySource
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.applying import PAUSE_S, ApplyPhase
from agentflow_desktop.desktop.navigator import ShowSetting
from agentflow_desktop.desktop.screens.settings.pages import SettingsPage
from agentflow_desktop.desktop.screens.settings.setting_editors import SwitchEditor, TextEditor
from agentflow_desktop.desktop.screens.settings.view import SettingsScreen
from agentflow_desktop.desktop.screens.tasks.view_model import PlanPhase
from agentflow_desktop.desktop.screens.welcome.view import WelcomeScreen
from agentflow_desktop.desktop.screens.welcome.view_model import Step
from agentflow_desktop.desktop.theme import Theme
from support.ask_home import AskHome
from support.gui_loop import run_with_loop, until
from support.memory_keyring import MemoryKeyring
from support.openai_server import OpenAIServer, Received, Reply, failure, from_sources

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
KEY = "typed/Key+0123456789"
ITERATIONS = "verification.max_iterations"
Drive = Callable[[DesktopProgram], Awaitable[None]]


def run_program(app: QApplication, home: Path, drive: Drive, **environ: str) -> None:
    """Run the window until the drive is done, then quit as closing it does."""
    theme = Theme(app, "light")

    async def work() -> None:
        program = DesktopProgram(theme, environ={"AGENTFLOW_HOME": str(home), **environ})

        async def driving() -> None:
            try:
                await until(lambda: program.tasks.shown.state.is_open)
                await drive(program)
            finally:
                program.quit()

        done = asyncio.ensure_future(driving())
        assert await program.run() == 0
        await done
        assert program.window is not None
        program.window.deleteLater()
        QApplication.sendPostedEvents()

    run_with_loop(app, work)


async def settings_screen(
    program: DesktopProgram, page: SettingsPage = SettingsPage.VERIFICATION
) -> SettingsScreen:
    assert program.window is not None
    program.models.settings.show_page(page)
    screen = cast(SettingsScreen, program.window.screen_of("settings"))
    await until(lambda: bool(program.models.settings.state.rows))
    return screen


def watch(program: DesktopProgram) -> Callable[[], Awaitable[None]]:
    """Gives what waits until a change that came after this call, or after the wait before, is
    applied: the program is open with it."""
    phases: list[ApplyPhase] = []
    program.models.applier.listen(lambda state: phases.append(state.phase))

    async def is_applied() -> None:
        await until(lambda: bool(phases) and phases[-1] is ApplyPhase.NOTHING)
        phases.clear()

    return is_applied


def words_of(widget: QWidget) -> str:
    """Everything that any label or field below the widget holds, shown or not."""
    texts = [label.text() for label in widget.findChildren(QLabel)]
    texts += [field.text() for field in widget.findChildren(QLineEdit)]
    texts += [field.toPlainText() for field in widget.findChildren(QPlainTextEdit)]
    return "\n".join([*texts, *(w.toolTip() for w in widget.findChildren(QWidget))])


def test_a_typed_value_goes_into_the_file_and_is_applied(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        is_applied = watch(program)
        screen = await settings_screen(program)
        row = screen.rows.rows[ITERATIONS]
        field = cast(TextEditor, row.editor).field
        assert (field.text(), row.badge.text) == ("2", "default")
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, "99")
        await until(lambda: row.note.text() == "Must be from 1 to 8, is 99.")
        assert field.property("state") == "error"
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, "3")
        QTest.keyClick(field, Qt.Key.Key_Return)
        await is_applied()
        assert (row.badge.text, row.reset_button.isHidden()) == ("yours", False)
        row.reset_button.click()
        await until(lambda: row.badge.text == "default")
        await is_applied()

    run_program(qapp, tmp_path / "home", drive)
    assert (tmp_path / "home" / "config" / "settings.yaml").read_text("utf-8") == ""


def test_a_switch_is_applied_and_what_the_environment_gives_is_locked(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        is_applied = watch(program)
        screen = await settings_screen(program, SettingsPage.CACHE)
        row = screen.rows.rows["production.caching.enabled"]
        cast(SwitchEditor, row.editor).switch.click()
        await is_applied()
        assert program._application is not None
        assert program._application.settings.production.caching.enabled is False
        given = screen.rows.rows["production.caching.max_age_hours"]
        assert not given.editor.isEnabled()
        assert given.badge.text == "environment"
        assert "AGENTFLOW_PRODUCTION__CACHING__MAX_AGE_HOURS" in given.badge.toolTip()

    run_program(qapp, tmp_path / "home", drive, AGENTFLOW_PRODUCTION__CACHING__MAX_AGE_HOURS="5")


def test_a_change_waits_for_the_run_that_goes_on(qapp: QApplication, tmp_path: Path) -> None:
    gate = threading.Event()

    def answer(request: Received) -> Reply:
        gate.wait(15)
        return from_sources(request)

    async def drive(program: DesktopProgram) -> None:
        is_applied = watch(program)
        screen = await settings_screen(program)
        tasks = program.tasks.shown
        tasks.add_paths([home.sheet])
        await until(lambda: bool(tasks.state.request.selection.files))
        tasks.set_task("What limits the charge current?")
        await until(lambda: tasks.state.plan.phase is PlanPhase.READY)
        tasks.run()
        await until(lambda: bool(server.requests))
        before = program._application
        program.models.settings.commit("logging.keep_days", "5")
        wanted = "Applies when the running task has ended"
        await until(lambda: screen.apply_badge.text == wanted)
        await asyncio.sleep(PAUSE_S * 2)
        assert program._application is before
        gate.set()
        await is_applied()
        assert program._application is not before
        await until(lambda: not tasks.state.is_running)
        assert tasks.state.run is not None
        assert tasks.state.run.result is not None, "the run was not broken off"

    with OpenAIServer(answer) as server:
        home = AskHome(tmp_path / "person", server.base_url)
        settings = home.root / "config" / "settings.yaml"
        settings.write_text("models: {planner: cheap}\n", encoding="utf-8")
        run_program(qapp, home.root, drive)


def test_the_search_and_a_subject_bring_settings_into_view(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        screen = await settings_screen(program)
        screen.search.setFocus()
        QTest.keyClicks(screen.search, "daily limit")
        assert list(screen.rows.rows) == ["production.cost_tracking.daily_limit"]
        screen.open_subject(ShowSetting("performance.reader_processes"))
        assert program.models.settings.state.page is SettingsPage.SPEED
        assert "performance.reader_processes" in screen.rows.rows
        assert screen.search.text() == ""

    run_program(qapp, tmp_path / "home", drive)


def test_every_page_is_shown_in_both_looks_without_a_word_from_qt(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        screen = await settings_screen(program)
        upkeep = program.models.upkeep
        for page in SettingsPage:
            screen.pages.buttons[page].click()
            screen.grab()
        await until(lambda: bool(upkeep.state.licences and upkeep.state.prompts))
        await until(lambda: bool(upkeep.state.places))
        upkeep.back_up()
        await until(lambda: bool(upkeep.state.backups) and not upkeep.state.busy)
        upkeep.check()
        await until(lambda: upkeep.state.outcome is not None and not upkeep.state.busy)
        assert upkeep.state.outcome is not None
        assert upkeep.state.outcome.words == "The database is sound."
        program._theme.choose("dark")
        for page in SettingsPage:
            program.models.settings.show_page(page)
            screen.grab()

    run_program(qapp, tmp_path / "home", drive)


def test_a_typed_key_is_found_in_no_widget_no_file_and_no_log_afterwards(
    qapp: QApplication, tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    home = tmp_path / "home"

    async def drive(program: DesktopProgram) -> None:
        is_applied = watch(program)
        screen = await settings_screen(program, SettingsPage.MODELS)
        models = program.models.model_setup
        await until(lambda: bool(models.state.models))
        models.edit("keyed")
        entry = screen.models_page.form.key_entry
        assert entry.field.echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(entry.field, KEY)
        QTest.keyClick(entry.field, Qt.Key.Key_Return)
        assert entry.field.text() == ""
        await until(
            lambda: (
                (form := models.state.form) is not None
                and form.test is not None
                and not form.test.is_going_on
            )
        )
        await is_applied()
        assert program.window is not None
        assert KEY not in words_of(program.window)
        assert entry.field.isUndoAvailable() is False

    with OpenAIServer([]) as server:
        server.other_replies["/v1/models"] = failure(401, f"Incorrect API key provided: {KEY}")
        (home / "config").mkdir(parents=True)
        (home / "config" / "models.yaml").write_text(
            "models:\n  keyed:\n    provider: openai_compatible\n    model: m\n"
            f"    base_url: {server.base_url}\n    key_name: canary\n",
            encoding="utf-8",
        )
        (home / "config" / "settings.yaml").write_text(
            "logging: {level: debug}\nmodels: {planner: keyed}\n", encoding="utf-8"
        )
        run_program(qapp, home, drive)
        sent = {request.headers.get("authorization") for request in server.other_requests}
    assert f"Bearer {KEY}" in sent
    assert memory_keyring.passwords == {("agentflow", "canary"): KEY}
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {".db", ".log"} <= {path.suffix for path in files}
    assert [str(path) for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_key_for_the_session_outlives_the_program_being_opened_anew(
    qapp: QApplication, tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())

    async def drive(program: DesktopProgram) -> None:
        from pydantic import SecretStr

        is_applied = watch(program)
        models = program.models.model_setup
        models.keep_key("google", SecretStr(KEY))
        await is_applied()
        await until(lambda: bool(models.state.models))
        details = models.state.model("gemini-2.5-flash")
        assert details is not None
        assert details.key_source is KeySource.SESSION

    run_program(qapp, tmp_path / "home", drive)


def test_a_newcomer_is_led_from_the_empty_screen_through_the_assistant(
    qapp: QApplication, tmp_path: Path
) -> None:
    async def drive(program: DesktopProgram) -> None:
        window = program.window
        assert window is not None
        await until(lambda: bool(program.models.welcome.state.models))
        empty = window.tasks_screen.page.result.empty
        (button,) = [
            b for b in empty.findChildren(QWidget) if getattr(b, "text", str)() == "Connect models"
        ]
        assert not button.isHidden()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        screen = cast(WelcomeScreen, window.screen_of("welcome"))
        assert screen.isVisible()
        model = program.models.welcome
        assert model.state.step is Step.START
        for step in (Step.KEY, Step.LOCAL):
            QTest.mouseClick(screen.next_button, Qt.MouseButton.LeftButton)
            assert model.state.step is step
        screen.start.buttons[0].click()
        assert window.tasks_screen.isVisible()
        assert program.tasks.shown.state.request.task.startswith("What limits")

    run_program(qapp, tmp_path / "home", drive)
