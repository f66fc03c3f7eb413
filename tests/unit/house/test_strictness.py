"""The strictness of conftest is itself held to what it promises."""

import asyncio
import logging
import os
import socket
from pathlib import Path

import keyring
import pytest
import structlog

from support.log_watch import LogWatch
from support.memory_keyring import MemoryKeyring

pytest_plugins = ["pytester"]
_CONFTEST = Path(__file__).parents[2] / "conftest.py"


def failures_of(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    """The outcome of a test file under our conftest, in a process of its own."""
    tests = _CONFTEST.parent
    pytester.makeini(f"[pytest]\npythonpath = {tests}\nfilterwarnings = error\nanyio_mode = auto\n")
    pytester.makeconftest(_CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:pytest-qt")


def test_a_socket_beyond_loopback_fails_its_test_even_if_the_refusal_is_swallowed(
    pytester: pytest.Pytester,
) -> None:
    result = failures_of(
        pytester,
        """
        import socket
        def test_calls_out():
            for host in ("192.0.2.1", "example.org"):
                try:
                    socket.create_connection((host, 80), timeout=1)
                except RuntimeError:
                    continue
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*beyond loopback*192.0.2.1*example.org*"])


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with socket.create_connection((host, port)) as client:
            assert client.getpeername() == (host, port)


@pytest.mark.parametrize(
    "statement",
    [
        "import structlog; structlog.get_logger().warning('odd')",
        "import structlog; structlog.get_logger().bind(run='r').error('odd')",
        "import logging; logging.getLogger('x').warning('odd')",
    ],
)
def test_an_unexpected_warning_in_the_log_fails_its_test(
    pytester: pytest.Pytester, statement: str
) -> None:
    result = failures_of(pytester, f"def test_logs():\n    {statement}\n")
    result.assert_outcomes(passed=1, errors=1)


def test_an_expected_warning_passes_and_an_info_needs_no_expecting(logs: LogWatch) -> None:
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("file.odd", name="a.txt")
    logging.getLogger("library").error("it broke")
    assert logs.expect("file.odd").fields == {"name": "a.txt"}
    assert logs.expect("it broke").level == "error"


def test_a_file_opened_on_the_loop_fails_where_it_is_forbidden(pytester: pytest.Pytester) -> None:
    result = failures_of(
        pytester,
        """
        import asyncio
        from pathlib import Path
        async def test_blocks(nothing_blocks_the_loop, tmp_path):
            (tmp_path / "a").write_text("x")
        async def test_uses_a_thread(nothing_blocks_the_loop, tmp_path):
            await asyncio.to_thread((tmp_path / "a").write_text, "x")
        """,
    )
    result.assert_outcomes(passed=2, errors=1)


async def test_async_tests_run_on_asyncio() -> None:
    assert asyncio.get_running_loop().is_running()


def test_home_is_empty_and_keys_of_the_person_are_out_of_reach(home: Path) -> None:
    assert Path.home() == home
    assert list(home.iterdir()) == []
    assert not [name for name in os.environ if name.startswith(("AGENTFLOW_", "OPENAI_"))]
    assert keyring.get_password("agentflow", "anything") is None


def test_the_memory_keyring_keeps_what_is_set(memory_keyring: MemoryKeyring) -> None:
    keyring.set_password("service", "name", "secret")
    assert memory_keyring.passwords == {("service", "name"): "secret"}
