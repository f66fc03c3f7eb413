"""Writes what is needed to find a bug into a file, without keys and without local variables."""

import os
import platform
import traceback
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agentflow_desktop.adapters.log_reader import read_log_tail
from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.log_lines import LogLine
from agentflow_desktop.core.redaction import Redactor

_MOST_LOG_LINES = 80


def write_crash_report(
    error: BaseException,
    *,
    directory: Path,
    redactor: Redactor,
    at: datetime,
    run_id: str = "",
    log_path: Path | None = None,
) -> Path:
    """The path of a new report on an unexpected exception. Raises OSError if it can't be written.

    It holds the traceback with redacted messages; a message may quote what it is about. Below it
    stand the last lines of the log at ``log_path``, only those of the run if one is named.
    """
    trace = "".join(traceback.format_exception(error))
    log_text = _log_text(log_path, run_id)
    text = "\n".join(
        [
            "AgentFlow crash report",
            f"time: {to_iso_z(at)}",
            f"version: {_version()}",
            f"python: {platform.python_version()} on {platform.platform()}",
            f"run: {run_id or 'none'}",
            f"log: {log_path or 'none'}",
            "",
            redactor.clean(trace),
            # Redacted when it was written; once more for a key that came to be known since.
            redactor.clean(log_text),
        ]
    )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{new_id('crash')}.txt"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
    return path


def _log_text(log_path: Path | None, run_id: str) -> str:
    """The end of the log under a heading. A log that can't be read must not cost the report."""
    if log_path is None:
        return ""
    try:
        tail = read_log_tail(log_path.parent, most=_MOST_LOG_LINES, run_id=run_id)
    except StorageError as error:
        return f"log: {error.message}\n"
    lines = tail.lines if tail.path == log_path else ()  # else an earlier day's
    which = f" of {run_id}" if run_id else ""
    heading = f"last lines{which} in the log:" if lines else f"no line{which} in the log"
    return "\n".join([heading, *(_line_text(line) for line in lines), ""])


def _line_text(line: LogLine) -> str:
    """One record in one line; a traceback stays below it."""
    fields = {key: text for key, text in line.fields.items() if key != "exception"}
    words = " ".join(f"{key}={' '.join(text.split())}" for key, text in fields.items())
    first = f"{to_iso_z(line.at)} {line.level.value} {line.logger} {line.event} {words}".rstrip()
    trace = line.fields.get("exception", "")
    return f"{first}\n{trace}" if trace else first


def _version() -> str:
    try:
        return version("agentflow-desktop")
    except PackageNotFoundError:
        return "unknown (not installed)"
