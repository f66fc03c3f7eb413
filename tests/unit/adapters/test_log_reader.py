"""The end of the log as it is read back."""

import json
from pathlib import Path

import pytest

from agentflow_desktop.adapters.log_reader import read_log_tail
from agentflow_desktop.core.log_lines import LogLevel


def line(number: int, level: str = "info", **fields: object) -> str:
    at = f"2026-11-26T10:00:{number % 60:02}.000000Z"
    return json.dumps({"at": at, "level": level, "logger": "x", "event": f"e{number}", **fields})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agentflow_20261125.log").write_text(line(1) + "\n", encoding="utf-8")
    lines = [
        line(2, "debug"),
        line(3, run_id="run_1", seconds=1.5),
        "cut by a cr",
        line(4, "warning", run_id="run_2", files=["a", "ü"]),
        line(5, "error", exception="Traceback"),
    ]
    (tmp_path / "agentflow_20261126.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def events(folder: Path, most: int = 10, **filters: object) -> list[str]:
    return [line.event for line in read_log_tail(folder, most=most, **filters).lines]  # type: ignore[arg-type]


def test_the_newest_file_is_read_oldest_line_first(folder: Path) -> None:
    assert events(folder) == ["e2", "e3", "e4", "e5"]
    assert events(folder, 2) == ["e4", "e5"]


def test_lines_are_chosen_by_level_and_by_the_beginning_of_a_run_id(folder: Path) -> None:
    assert events(folder, least=LogLevel.WARNING) == ["e4", "e5"]
    assert events(folder, run_id="run_") == ["e3", "e4"]
    assert events(folder, run_id="run_2", least=LogLevel.INFO) == ["e4"]


def test_fields_are_kept_as_text(folder: Path) -> None:
    tail = read_log_tail(folder, most=10)
    assert tail.path == folder / "agentflow_20261126.log"
    assert tail.lines[1].fields == {"run_id": "run_1", "seconds": "1.5"}
    assert tail.lines[2].fields["files"] == '["a", "ü"]'


def test_the_last_lines_of_a_file_of_many_blocks_are_whole(tmp_path: Path) -> None:
    text = "".join(line(n, words="ü" * (n % 700)) + "\n" for n in range(3_000))
    (tmp_path / "agentflow_20261126.log").write_text(text, encoding="utf-8")
    assert events(tmp_path, 1_500) == [f"e{n}" for n in range(1_500, 3_000)]
    assert len(events(tmp_path, 5_000)) == 3_000


def test_without_any_log_the_tail_is_empty(tmp_path: Path) -> None:
    tail = read_log_tail(tmp_path / "nowhere", most=5)
    assert (tail.path, tail.lines) == (None, ())
