"""A model is tested on its page: price first, what was found, and what that changes in the file."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication

from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.screens.models.form_view import ModelFormView
from agentflow_desktop.desktop.screens.models.model_form import ModelForm
from agentflow_desktop.desktop.screens.settings.pages import SettingsPage
from agentflow_desktop.desktop.screens.settings.view import SettingsScreen
from support.ask_home import AskHome
from support.gui_loop import until
from support.loopback_server import MODEL, Received, Reply, reply_json
from support.openai_server import OpenAIServer
from support.tasks_stage import words_of
from support.window_program import run_program

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
_FILE = """models:
  tested:
    provider: openai_compatible
    model: {model}
    base_url: {url}
    window_tokens: 8192
    max_output_tokens: 2048
    counts_tokens: true
    billing: {billing}
    prices: [{{effective_from: 2020-01-01, input_usd: 1, output_usd: 2}}]
"""
Drive = Callable[[DesktopProgram, ModelFormView], Awaitable[None]]


def well_behaved(request: Received) -> Reply:
    if request.sent_schema:
        return reply_json({"colour": "red", "number": 7})
    return Reply("Red, 7.")


def on_its_page(
    app: QApplication, root: Path, server: OpenAIServer, drive: Drive, billing: str = "free"
) -> Path:
    """Open the window at the model's page, and give the file of models."""
    home = AskHome(root)
    file = home.root / "config" / "models.yaml"
    text = _FILE.format(model=MODEL, url=server.base_url, billing=billing)
    file.write_text(text, encoding="utf-8")

    async def open_page(program: DesktopProgram) -> None:
        setup = program.models.model_setup
        await until(lambda: setup.state.model("tested") is not None)
        assert program.window is not None
        program.models.settings.show_page(SettingsPage.MODELS)
        program.window._parts.navigator.go("settings")
        screen = cast(SettingsScreen, program.window.screen_of("settings"))
        setup.edit("tested")
        await drive(program, screen.models_page.form)

    run_program(app, home.root, open_page)
    return file


def form_of(program: DesktopProgram) -> ModelForm:
    form = program.models.model_setup.state.form
    assert form is not None
    return form


def is_probed(program: DesktopProgram) -> bool:
    probe = form_of(program).probe
    return probe is not None and probe.report is not None


def is_answering(program: DesktopProgram) -> bool:
    test = form_of(program).test
    return test is not None and test.is_usable


def test_what_a_free_server_can_do_is_found_at_one_click_and_written_with_consent(
    qapp: QApplication, tmp_path: Path
) -> None:
    with OpenAIServer(well_behaved) as server:
        server.max_model_len = 2_000

        async def drive(program: DesktopProgram, page: ModelFormView) -> None:
            page.test_button.click()
            await until(lambda: is_probed(program))
            told = words_of(page.probe)
            assert "tested answers, in " in told
            assert f"It calls itself {MODEL}" in told
            assert "A JSON Schema is honoured" in told
            assert "A streamed reply tells its usage" in told
            assert "Its server counts tokens" in told
            assert "Context length 2,000 by " in told
            assert "models.yaml says 8,192" in told
            assert "window_tokens: 8192 should be 2000, because" in told
            assert not page.probe.agree_button.isVisible()
            page.probe.keep_button.click()
            await until(lambda: "Written into models.yaml." in words_of(page.probe))
            assert not page.probe.keep_button.isVisible()
            await until(lambda: page.fields["window_tokens"].text() == "2000")

        file = on_its_page(qapp, tmp_path / "home", server, drive)
    profile = next(p for p in load_models(file) if p.name == "tested")
    assert (profile.window_tokens, profile.max_output_tokens) == (2_000, 500)


def test_a_metered_model_is_asked_only_after_its_price_was_agreed_to(
    qapp: QApplication, tmp_path: Path
) -> None:
    with OpenAIServer(well_behaved) as server:

        async def drive(program: DesktopProgram, page: ModelFormView) -> None:
            page.test_button.click()
            await until(page.probe.agree_button.isVisible)
            assert "two short questions, for $0.00" in words_of(page.probe)
            assert not server.requests
            page.probe.agree_button.click()
            await until(lambda: is_probed(program))
            assert " ms, for $0.00" in words_of(page.probe)
            assert not page.probe.keep_button.isVisible()

        on_its_page(qapp, tmp_path / "home", server, drive, billing="metered")
        assert server.requests


def test_a_changed_form_is_asked_as_it_stands_and_drops_what_was_found(
    qapp: QApplication, tmp_path: Path
) -> None:
    with OpenAIServer(well_behaved) as server:

        async def drive(program: DesktopProgram, page: ModelFormView) -> None:
            page.test_button.click()
            await until(lambda: is_probed(program))
            program.models.model_setup.type("window_tokens", "9000")
            assert not page.probe.isVisible()
            page.test_button.click()
            await until(lambda: is_answering(program))
            assert form_of(program).probe is None

        on_its_page(qapp, tmp_path / "home", server, drive)


def test_a_server_that_is_away_is_told_with_the_next_step(
    qapp: QApplication, tmp_path: Path
) -> None:
    with OpenAIServer(well_behaved) as server:
        pass  # it was here

    async def drive(program: DesktopProgram, page: ModelFormView) -> None:
        page.test_button.click()
        await until(lambda: is_probed(program))
        assert "tested can't be used." in words_of(page.probe)

    on_its_page(qapp, tmp_path / "home", server, drive)
