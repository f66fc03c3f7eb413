"""Children lead a group of their own and end by one ladder, with all their descendants."""

import asyncio
import sys

import psutil
import pytest

from agentflow_desktop.adapters.process import (
    start_child,
    stop_and_wait,
    tool_command,
    tool_environment,
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX"),
]

_DEAF_WITH_CHILD = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True);"
    "time.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


async def test_a_child_that_ignores_the_request_is_killed_with_its_descendants() -> None:
    process = start_child([sys.executable, "-c", _DEAF_WITH_CHILD])
    assert process.stdout is not None
    grandchild = psutil.Process(int(await asyncio.to_thread(process.stdout.readline)))

    code = await asyncio.to_thread(stop_and_wait, process, grace_s=0.2)

    assert code == -9
    await asyncio.to_thread(psutil.wait_procs, [grandchild], timeout=10)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


async def test_a_child_that_listens_ends_by_the_request_alone() -> None:
    process = start_child([sys.executable, "-c", "print(1, flush=True); input()"])
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)

    assert await asyncio.to_thread(stop_and_wait, process, grace_s=30) == -15


async def test_stopping_a_child_that_has_ended_gives_its_code() -> None:
    process = start_child([sys.executable, "-c", "raise SystemExit(7)"])
    await asyncio.to_thread(process.wait)

    assert await asyncio.to_thread(stop_and_wait, process) == 7


async def test_a_tool_does_not_import_from_the_folder_it_is_started_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    hostile = tmp_path_factory.mktemp("hostile")
    (hostile / "json.py").write_text("raise SystemExit(66)")
    process = start_child(tool_command("reader"), environment=tool_environment(), cwd=hostile)
    assert process.stdin is not None
    process.stdin.close()

    assert await asyncio.to_thread(process.wait) == 0
    await asyncio.to_thread(stop_and_wait, process)
