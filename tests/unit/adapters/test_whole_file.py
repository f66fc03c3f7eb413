"""Files that are written whole, or refused in a sentence."""

import os
import stat
import sys
from pathlib import Path

import pytest

from agentflow_desktop.adapters.whole_file import (
    check_target,
    keep_old,
    replacement,
    told,
    write_whole,
)
from agentflow_desktop.core.errors import InputRefused, StorageError


@pytest.mark.parametrize(
    ("name", "said"), [("no/such/folder.md", "There is no folder"), ("folder.md", "is a folder")]
)
def test_a_place_where_nothing_can_be_written_is_refused_at_once(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(InputRefused, match=said):
        check_target(tmp_path / name)


def test_a_replaced_file_keeps_its_mode_and_a_link_its_place(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)

    assert write_whole(link, b"new", may_replace=True) is True
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_is_not_replaced_without_leave(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    assert write_whole(path, b"first", may_replace=False) is False

    with pytest.raises(InputRefused) as refused:
        write_whole(path, b"second", may_replace=False)

    assert refused.value.message == f"{path} exists."
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_new_file_may_be_read_by_whom_the_person_lets_read(tmp_path: Path) -> None:
    beside, path = tmp_path / "beside.md", tmp_path / ("\u65e5" * 80)
    beside.touch()
    write_whole(path, b"new", may_replace=False)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(beside.stat().st_mode)


def test_a_replacement_that_is_refused_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_bytes(b"old")
    seen: list[tuple[str, bytes]] = []

    def refuse() -> None:
        with replacement(path, b"new") as candidate:
            seen.append((candidate.name, candidate.read_bytes()))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        refuse()
    assert seen == [("models.yaml", b"new")]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_is_kept_beside_the_new_one_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    assert keep_old(path) is None
    path.write_bytes(b"a: \xff\r\n")
    kept = keep_old(path)
    assert kept == tmp_path / "models.yaml.before"
    assert kept.read_bytes() == b"a: \xff\r\n"


def test_a_folder_that_is_gone_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be written: its folder does not exist"):
        write_whole(tmp_path / "gone" / "answer.json", b"x", may_replace=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_said_in_a_sentence() -> None:
    full = Path("/dev/full")
    with pytest.raises(StorageError, match="the disk is full"), told(full):
        full.write_bytes(b"x")
