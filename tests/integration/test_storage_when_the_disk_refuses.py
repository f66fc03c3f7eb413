"""A full disk, a file-size limit and a folder that can't be written, each for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.core.errors import StorageError
from support.child_scripts import child_script

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and mounts")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_sentence_and_nothing_stored_is_lost(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    path = small_disk / "a.db"
    with child_script(
        "ledger_process", "fill", database=str(path), limit_bytes=0, most=20_000
    ) as child:
        full = child.hear()
        assert "The disk is full" in full["message"]
        assert "Free some space" in full["hint"]
        assert full["made"] > 0
        ballast.unlink()
        child.go_on()
        assert child.hear() == {"kept": full["made"] + 1, "disagreements": []}


def test_a_file_size_limit_is_a_storage_error_and_nothing_stored_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with child_script(
        "ledger_process", "fill", database=str(path), limit_bytes=600_000, most=20_000
    ) as child:
        stopped = child.hear()
        assert str(path) in stopped["message"]
        assert "free space" in stopped["hint"]
        child.go_on()
        assert child.hear() == {"kept": stopped["made"] + 1, "disagreements": []}


def test_a_read_only_file_system_is_refused_with_a_sentence(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    database = Database(small_disk / "new" / "a.db")
    with pytest.raises(StorageError, match="read-only"):
        database.open()
    database.close()


@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_someone_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    database = Database(tmp_path / "new" / "a.db")
    with pytest.raises(StorageError, match="read-only"):
        database.open()
    database.close()
    tmp_path.chmod(0o700)
