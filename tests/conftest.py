"""The strictness of every test: no network, no loud log, a home of its own.

Qt's warnings fail by pytest-qt's ``qt_log_level_fail``, Python's by ``filterwarnings``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.null
import pytest

from support.log_watch import LogWatch
from support.memory_keyring import MemoryKeyring
from support.outside_world import OutsideWorld

# Before anything imports Qt or asks for a keyring: no test draws on a person's screen, none
# reads a person's keys, and child processes inherit both.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

_world = OutsideWorld()
_FOREIGN = ("AGENTFLOW_", "OPENAI_", "GEMINI_", "GOOGLE_", "ANTHROPIC_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """``async def`` tests run on asyncio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and an environment that says nothing of the person's own."""
    place = tmp_path_factory.mktemp("home", numbered=True)
    for name in [name for name in os.environ if name.startswith(_FOREIGN) or name in _PROXIES]:
        monkeypatch.delenv(name)
    for name, path in {
        "HOME": place,
        "USERPROFILE": place,
        "APPDATA": place / "appdata",
        "LOCALAPPDATA": place / "localappdata",
        "XDG_CONFIG_HOME": place / "config",
        "XDG_DATA_HOME": place / "data",
        "XDG_CACHE_HOME": place / "cache",
        "XDG_STATE_HOME": place / "state",
    }.items():
        monkeypatch.setenv(name, str(path))
    return place


@pytest.fixture(autouse=True)
def logs(request: pytest.FixtureRequest) -> Iterator[LogWatch]:
    """What was logged at warning level and above; whatever is not expected fails the test."""
    watch = LogWatch()
    watch.start()
    yield watch
    watch.stop()
    if request.node.get_closest_marker("allow_log_warnings") is None:
        assert not watch.warnings, f"logged without being expected: {watch.warnings}"


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fails a test that tried to leave the machine, even if the code swallowed the refusal."""
    _world.refused.clear()
    yield
    assert not _world.refused, f"tried to reach beyond loopback: {_world.refused}"


@pytest.fixture
def nothing_blocks_the_loop() -> Iterator[None]:
    """From here on, a file, a database or a process opened on the loop's thread fails the test."""
    _world.blocking.clear()
    _world.watches_loop = True
    yield
    _world.watches_loop = False
    assert not _world.blocking, f"blocked the loop: {_world.blocking}"


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """The keyring of this process, empty, forgotten after the test."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
