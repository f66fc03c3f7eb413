"""The program where its streams are closed, full or without a reader: told, and never a crash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import command_of, environment_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="streams of a Linux shell")


def in_shell(home: Path, arguments: str, streams: str) -> "subprocess.CompletedProcess[str]":
    """Run ``agentflow ARGUMENTS`` with its streams as a shell was told."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {arguments} {streams}', "sh", *command_of()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment_of(home, None),
        timeout=60,
        check=False,
    )


def crash_reports(home: Path) -> list[Path]:
    return list(home.rglob("crash_*.txt"))


@pytest.mark.parametrize("command", ["config show", "status", "--help", "--version"])
def test_a_result_that_does_not_fit_on_the_disk_is_told_and_ends_with_code_6(
    tmp_path: Path, command: str
) -> None:
    ended = in_shell(tmp_path, command, ">/dev/full")
    assert ended.returncode == 6
    assert ended.stderr == "The output can't be written: No space left on device.\n"
    assert crash_reports(tmp_path) == []


@pytest.mark.parametrize("streams", ["2>/dev/full", "2>&-"])
def test_progress_that_nobody_takes_is_lost_and_the_answer_is_not(
    tmp_path: Path, streams: str
) -> None:
    ended = in_shell(tmp_path, "run --task limits", streams)
    assert ended.returncode == 0
    assert "passages" in ended.stdout
    assert crash_reports(tmp_path) == []


@pytest.mark.parametrize("command", ["status", "run --help", "--version"])
def test_a_command_with_all_streams_closed_does_its_work(tmp_path: Path, command: str) -> None:
    assert in_shell(tmp_path, command, "<&- >&- 2>&-").returncode == 0
    assert crash_reports(tmp_path) == []


@pytest.mark.parametrize("command", ["--help", "run --help", "config show"])
def test_a_pipe_without_a_reader_ends_with_code_141(tmp_path: Path, command: str) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    ended = subprocess.run(
        command_of(*command.split()),
        stdin=subprocess.DEVNULL,
        stdout=write_end,
        stderr=subprocess.PIPE,
        env=environment_of(tmp_path, None),
        timeout=60,
        check=False,
    )
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (141, b"")
    assert crash_reports(tmp_path) == []
