"""``--output``: refused before anything is spent, written whole or not at all."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.core.errors import InputRefused, StorageError
from support.ask_results import new_result


@pytest.mark.parametrize("name", ["answer", "answer.pdf", "no/such/folder.md", "folder.md"])
def test_a_file_that_cant_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(InputRefused):
        OutputFile(tmp_path / name)


def test_a_replaced_file_keeps_its_mode_and_a_link_its_place(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    assert OutputFile(link).write(new_result()) == f"Replaced {link}"
    assert link.is_symlink()
    assert "old" not in real.read_text("utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_gone_is_a_storage_error_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    target = OutputFile(folder / "answer.json")
    folder.rmdir()
    with pytest.raises(StorageError, match="can't be written"):
        target.write(new_result())


def test_text_that_is_no_unicode_does_not_lose_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    OutputFile(path).write(replace(new_result(), task="bad \udcff name"))
    assert b"bad " in path.read_bytes()
