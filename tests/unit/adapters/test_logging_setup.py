"""The log: one file a day, JSON lines, no keys, nothing written on the loop's thread."""

import io
import json
import logging
import stat
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from agentflow_desktop.adapters.log_files import DailyFile, JsonLines
from agentflow_desktop.adapters.logging_setup import LogSession, start_logging
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.settings import LoggingSettings

pytestmark = pytest.mark.allow_log_warnings
CANARY = 'canary-"key"-0001'


@pytest.fixture
def console() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def session(tmp_path: Path, console: io.StringIO) -> Iterator[LogSession]:
    opened = start_logging(
        LoggingSettings(), tmp_path / "logs", Redactor([CANARY]), console=console
    )
    yield opened
    opened.stop()


def lines_of(session: LogSession) -> list[dict[str, Any]]:
    session.stop()
    return [json.loads(line) for line in session.path().read_text("utf-8").splitlines()]


def own_logger() -> Any:
    return structlog.get_logger("agentflow_desktop.some.part")


def test_a_record_is_one_json_line_with_time_level_logger_and_bound_run(
    session: LogSession,
) -> None:
    with structlog.contextvars.bound_contextvars(run_id="run_1"):
        own_logger().info("something_happened", count=2, text="a\nb")
    (line,) = lines_of(session)
    assert str(line.pop("at")).endswith("Z")
    assert line == {
        "level": "info",
        "logger": "some.part",
        "event": "something_happened",
        "count": 2,
        "text": "a\nb",
        "run_id": "run_1",
    }


def test_a_key_is_in_neither_file_nor_console_however_it_comes(
    session: LogSession, console: io.StringIO
) -> None:
    log = own_logger()
    log.warning("by_value", key=CANARY, nested={CANARY: [CANARY, ("x", CANARY)]})
    log.warning("secret", key=SecretStr(CANARY))
    log.warning("header", headers={"authorization": "Bearer other-key-0002"})
    logging.getLogger("openai").warning("failed with %s", CANARY)
    try:
        raise ValueError(f"refused {CANARY}")
    except ValueError:
        log.exception("failed")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"about {CANARY}", stacklevel=1)
    texts = session.path().parent
    assert len(lines_of(session)) == 6
    written = "".join(path.read_text("utf-8") for path in texts.iterdir()) + console.getvalue()
    for form in (CANARY, json.dumps(CANARY)[1:-1], "other-key-0002"):
        assert form not in written
    assert written.count("[redacted]") >= 10


def test_libraries_are_heard_from_warning_on_only(session: LogSession) -> None:
    logging.getLogger("openai").info("the whole request")
    logging.getLogger("openai").warning("retry")
    assert [line["event"] for line in lines_of(session)] == ["retry"]


def test_console_has_short_lines_from_warning_on_without_tracebacks(
    session: LogSession, console: io.StringIO
) -> None:
    own_logger().info("quiet")
    own_logger().error("loud", error="x\x1b[2J", exc_info=ValueError("trace"))
    own_logger().warning("run_failed")
    session.stop()
    (line,) = console.getvalue().splitlines()
    assert line[2] == ":"
    assert line[8:] == ' error loud error="x\\u001b[2J"'


def test_debug_shows_everything_and_tracebacks(tmp_path: Path, console: io.StringIO) -> None:
    opened = start_logging(
        LoggingSettings(level="error"), tmp_path, Redactor(), console=console, debug=True
    )
    own_logger().debug("detail")
    own_logger().error("loud", exc_info=ValueError("trace"))
    opened.stop()
    assert "debug detail" in console.getvalue()
    assert "ValueError: trace" in console.getvalue()


def test_level_of_the_settings_holds(tmp_path: Path, console: io.StringIO) -> None:
    opened = start_logging(LoggingSettings(level="error"), tmp_path, Redactor(), console=console)
    own_logger().warning("not_this")
    own_logger().error("this")
    assert [line["event"] for line in lines_of(opened)] == ["this"]


def test_file_rolls_at_local_midnight_and_old_days_go(tmp_path: Path) -> None:
    for name in ("agentflow_20250101.log", "agentflow_20260228.log", "other_20250101.log"):
        (tmp_path / name).write_text("old")
    handler = DailyFile(tmp_path, keep_days=3)
    handler.setFormatter(JsonLines(Redactor()))
    before = datetime(2026, 3, 1, 23, 59, 59).astimezone()
    for moment in (before, before + timedelta(seconds=2)):
        record = logging.makeLogRecord({"msg": "tick", "name": "x", "created": moment.timestamp()})
        handler.emit(record)
    handler.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "agentflow_20260228.log",
        "agentflow_20260301.log",
        "agentflow_20260302.log",
        "other_20250101.log",
    ]


def test_files_are_for_their_owner_only(session: LogSession) -> None:
    own_logger().info("x")
    session.stop()
    assert stat.S_IMODE(session.path().stat().st_mode) == 0o600
    assert stat.S_IMODE(session.directory.stat().st_mode) == 0o700


async def test_logging_touches_no_file_on_the_loops_thread(
    session: LogSession, nothing_blocks_the_loop: None
) -> None:
    own_logger().info("first", size=1)
    own_logger().error("second", exc_info=ValueError("x"))


def test_a_folder_that_cant_be_written_is_told_once_and_stops_nothing(
    tmp_path: Path, console: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    opened = start_logging(
        LoggingSettings(), tmp_path / "file" / "logs", Redactor(), console=console
    )
    own_logger().info("one")
    own_logger().info("two")
    opened.stop()
    assert capsys.readouterr().err.count("The log can't be written") == 1
