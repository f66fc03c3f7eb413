"""Writes what is needed to find a bug into a file, without keys and without local variables."""

import os
import platform
import traceback
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.redaction import Redactor


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

    It holds the traceback with redacted messages; a message may quote what it is about.
    """
    trace = "".join(traceback.format_exception(error))
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
        ]
    )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{new_id('crash')}.txt"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
    return path


def _version() -> str:
    try:
        return version("agentflow-desktop")
    except PackageNotFoundError:
        return "unknown (not installed)"
