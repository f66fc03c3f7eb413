"""A crash report: what finds the bug, the end of the log, and no key."""

import json
import stat
from pathlib import Path

from agentflow_desktop.adapters.crash_report import write_crash_report
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.redaction import Redactor

CANARY = 'canary-"key"-0001'


def report_of(error: BaseException, folder: Path, run_id: str = "", log: str = "a.log") -> Path:
    return write_crash_report(
        error,
        directory=folder,
        redactor=Redactor([CANARY]),
        at=SystemClock().now(),
        run_id=run_id,
        log_path=folder / log,
    )


def write_log(folder: Path, *records: dict[str, object], day: str = "20261126") -> str:
    """A log of these records, and its name."""
    named = {"at": "2026-11-26T10:00:00.000000Z", "level": "info", "logger": "llm.caller"}
    name = f"agentflow_{day}.log"
    text = "".join(json.dumps({**named, **record}) + "\n" for record in records)
    (folder / name).write_text(text, encoding="utf-8")
    return name


def test_crash_report_has_run_log_and_trace_but_no_key_and_no_locals(tmp_path: Path) -> None:
    hidden_local = "a line of a person's document"
    try:
        raise RuntimeError(f"bad {CANARY} {len(hidden_local)}")
    except RuntimeError as error:
        path = report_of(error, tmp_path, "run_1")
    text = path.read_text("utf-8")
    assert CANARY not in text
    assert "person's document'" not in text
    for wanted in ("run: run_1", "log: ", "a.log", "RuntimeError: bad [redacted]", __file__):
        assert wanted in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_crash_report_ends_with_the_runs_last_eighty_lines(tmp_path: Path) -> None:
    mine = [{"event": f"mine_{n}.", "run_id": "run_1", "tokens": n} for n in range(100)]
    log = write_log(tmp_path, *mine, {"event": "other", "run_id": "run_2"}, {"event": "nobodys"})
    text = report_of(ValueError("x"), tmp_path, "run_1", log).read_text("utf-8")
    _, _, lines = text.partition("last lines of run_1 in the log:\n")
    assert len(lines.splitlines()) == 80
    assert lines.startswith("2026-11-26T10:00:00.000000Z info llm.caller mine_20. run_id=run_1")
    assert lines.endswith("mine_99. run_id=run_1 tokens=99\n")


def test_without_a_run_crash_report_has_the_lines_of_all(tmp_path: Path) -> None:
    log = write_log(tmp_path, {"event": "one", "run_id": "run_2"}, {"event": "two", "text": "a\nb"})
    text = report_of(ValueError("x"), tmp_path, log=log).read_text("utf-8")
    assert "last lines in the log:" in text
    assert " one run_id=run_2\n" in text
    assert " two text=a b\n" in text


def test_a_key_that_stands_in_a_log_line_is_not_in_the_crash_report(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [
        {"event": f"refused {CANARY}", "key": CANARY, "nested": {"of": [CANARY]}},
        {"event": "failed", "exception": f"Traceback\nValueError: {CANARY}"},
    ]
    log = write_log(tmp_path, *records)
    text = report_of(ValueError(CANARY), tmp_path, log=log).read_text("utf-8")
    assert "refused [redacted] key=[redacted]" in text
    assert "Traceback\nValueError: [redacted]" in text
    assert CANARY not in text
    assert json.dumps(CANARY)[1:-1] not in text


def test_an_earlier_days_log_is_not_taken_for_todays(tmp_path: Path) -> None:
    write_log(tmp_path, {"event": "long_ago"}, day="20261125")
    text = report_of(ValueError("x"), tmp_path, log="agentflow_20261126.log").read_text("utf-8")
    assert "long_ago" not in text
    assert "no line in the log" in text


def test_a_log_that_cant_be_read_does_not_cost_the_report(tmp_path: Path) -> None:
    log = "agentflow_20261126.log"
    (tmp_path / log).mkdir()
    text = report_of(ValueError("x"), tmp_path, log=log).read_text("utf-8")
    assert "ValueError: x" in text
    assert "can't be read" in text
