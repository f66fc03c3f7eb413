"""Keys go from stdin into the keyring and out again, and are never shown."""

import io
from pathlib import Path

import pytest

from agentflow_desktop.cli.dispatch import run_command
from agentflow_desktop.cli.root import parse_root
from support.memory_keyring import MemoryKeyring

KEY = "sk-test-0123456789abcdef"
SERVICE = ("agentflow", "openai")


@pytest.fixture(autouse=True)
def program_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENTFLOW_HOME", str(tmp_path))
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return run_command("models", parse_root(["models", *arguments]), None)


@pytest.mark.parametrize("name", ["openai", "openai-gpt-5-mini"])
def test_a_key_is_kept_listed_as_set_and_removed_by_its_own_or_its_models_name(
    memory_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program_home: Path,
    name: str,
) -> None:
    assert call(monkeypatch, "set-key", name, stdin=f"{KEY}\n") == 0
    assert memory_keyring.passwords == {SERVICE: KEY}
    assert call(monkeypatch, "list") == 0
    shown = capsys.readouterr()
    assert "set (" in shown.out
    assert KEY not in shown.out + shown.err
    for path in program_home.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()
    assert call(monkeypatch, "remove-key", name) == 0
    assert memory_keyring.passwords == {}


@pytest.mark.parametrize("stdin", ["", "\n", "   \n"])
def test_an_empty_key_is_refused(
    memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, stdin: str
) -> None:
    assert call(monkeypatch, "set-key", "openai", stdin=stdin) == 2
    assert memory_keyring.passwords == {}
