"""A key that is typed into the real window goes to the keyring, to its model, and nowhere else."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from agentflow_desktop.desktop.application import DesktopProgram
from agentflow_desktop.desktop.main_window import MainWindow
from agentflow_desktop.desktop.screens.welcome.view import WelcomeScreen
from agentflow_desktop.desktop.screens.welcome.view_model import Step
from support.gemini_server import GeminiServer
from support.openai_server import Received, from_sources
from support.real_window import RealWindow, wait_until
from support.window_places import places_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
OpenWindow = Callable[..., RealWindow]
CANARY = "canary/Key+0123456789"
"""No shape that a pattern knows: only its value gives it away."""

MODELS = """models:
  gemini-2.5-flash:
    provider: google_genai
    model: gemini-2.5-flash
    base_url: {base_url}
    key_name: google
    window_tokens: 32000
    max_output_tokens: 2000
    prices:
      - {{effective_from: 2020-01-01, input_usd: 1, output_usd: 1}}
"""


def key_field(program: DesktopProgram, window: MainWindow) -> list[QWidget]:
    """Where the assistant takes the key."""
    next(c for c in window.commands() if c.words == "Connect models").do()
    program.models.welcome.go(Step.KEY)
    screen = window.screen_of("welcome")
    assert isinstance(screen, WelcomeScreen)
    return [screen.key.entry.field]


def key_of(request: Received) -> str:
    return request.headers.get("x-goog-api-key", "")


def test_a_key_typed_into_the_assistant_is_kept_in_the_keyring_used_and_found_nowhere_else(
    open_window: OpenWindow, qapp: QApplication, tmp_path: Path
) -> None:
    keyring = tmp_path / "keyring.json"
    places = {
        "PYTHON_KEYRING_BACKEND": "support.file_keyring.FileKeyring",
        "KEYRING_FILE": str(keyring),
        "AGENTFLOW_LOGGING__LEVEL": "debug",
    }
    home = tmp_path / "agentflow"
    (home / "config").mkdir(parents=True)
    with GeminiServer(from_sources, models=["gemini-2.5-flash"]) as server:
        models = MODELS.format(base_url=server.base_url)
        (home / "config" / "models.yaml").write_text(models, encoding="utf-8")
        window = open_window(**places)
        (field,) = places_of(qapp, tmp_path / "twin", window.size, key_field)
        window.type("What is a fuse for?")
        wait_until(lambda: window.draft_is_kept("What is a fuse for?"), "for the program to open")
        window.find_and_do("connect models")
        window.press("Return")
        window.click(field)
        window.type(CANARY)
        window.press("Return")
        wait_until(keyring.exists, "for the key to be kept")
        wait_until(lambda: any(key_of(r) == CANARY for r in server.other_requests), "for a test")
        window.close()

        again = open_window(**places)
        again.press_until(  # the draft, once it is there
            ["ctrl+1", "ctrl+Return"], lambda: bool(server.requests), "for the model to be asked"
        )
        assert {key_of(request) for request in server.requests} == {CANARY}
        wait_until(lambda: again.runs() == [("What is a fuse for?", "succeeded")], "for the answer")
        again.close()
    assert list(json.loads(keyring.read_text(encoding="utf-8")).values()) == [CANARY]
    assert_no_key_in(home)


def assert_no_key_in(home: Path) -> None:
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {".db", ".log", ".ini"} <= {path.suffix for path in files}
    forms = [CANARY.encode(), json.dumps(CANARY).encode()[1:-1], base64.b64encode(CANARY.encode())]
    for path in files:
        content = path.read_bytes()
        for form in forms:
            assert form not in content, f"the key stands in {path}"
