"""Handlers and line formats of the log. Every line is redacted before it is written."""

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO, cast

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.redaction import Redactor

_NAME = re.compile(r"agentflow_(\d{8})\.log")
_OWN_LOGGER = "agentflow_desktop."
_TOLD_BY_FACES = frozenset({"run_failed", "command_failed", "crash"})


def log_file_name(day: date) -> str:
    """``agentflow_YYYYMMDD.log``."""
    return f"agentflow_{day:%Y%m%d}.log"


class JsonLines(logging.Formatter):
    """One JSON object a record: at, level, logger, event, then the fields."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": to_iso_z(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix(_OWN_LOGGER),
            "event": "",
            **_fields(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        clean = {key: _clean(value, self._redactor) for key, value in line.items()}
        return self._redactor.clean(json.dumps(clean, ensure_ascii=False, default=str))


class ShortLines(logging.Formatter):
    """``12:01:02 warning retry_waits seconds=2 run_id=run_01J...`` in local time.

    Tracebacks are for the file, and for the console if ``has_traces``.
    """

    def __init__(self, redactor: Redactor, *, has_traces: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._has_traces = has_traces

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        event = fields.pop("event", "")
        local = datetime.fromtimestamp(record.created).astimezone()
        parts = [f"{local:%H:%M:%S}", record.levelname.lower(), _one_line(event)]
        parts += [f"{key}={_one_line(value)}" for key, value in fields.items()]
        text = " ".join(parts)
        if self._has_traces and record.exc_info and record.exc_info[0] is not None:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return self._redactor.clean(text)


class DailyFile(logging.Handler):
    """Appends to the file of the record's local day; old days' files are removed on the change.

    One write call a line, so that several processes may share a file. Files are for their owner
    only. A disk that takes no more is told once on the error stream, never by an exception.
    """

    def __init__(self, directory: Path, keep_days: int) -> None:
        super().__init__()
        self._directory = directory
        self._keep_days = keep_days
        self._day: date | None = None
        self._file: int | None = None
        self._has_failed = False

    def path_for(self, day: date) -> Path:
        return self._directory / log_file_name(day)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
            day = datetime.fromtimestamp(record.created).astimezone().date()
            if day != self._day or self._file is None:
                self._open(day)
            if self._file is not None:
                os.write(self._file, f"{line}\n".encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._tell_once(error)

    def close(self) -> None:
        self._close_file()
        super().close()

    def _open(self, day: date) -> None:
        self._close_file()
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._file = os.open(self.path_for(day), flags, 0o600)
        self._day = day
        self._remove_before(day - timedelta(days=self._keep_days - 1))

    def _remove_before(self, first_kept: date) -> None:
        for path in self._directory.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and match[1] < f"{first_kept:%Y%m%d}":
                path.unlink(missing_ok=True)

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _tell_once(self, error: OSError) -> None:
        if not self._has_failed:
            self._has_failed = True
            sys.stderr.write(f"The log can't be written: {error}\n")


class Console(logging.StreamHandler[TextIO]):
    """Short lines to a terminal. A terminal that went away is no error.

    Without ``has_all``: from warning on, and not what a face tells in its own words.
    """

    def __init__(self, stream: TextIO, *, has_all: bool) -> None:
        super().__init__(stream)
        self.setLevel(logging.DEBUG if has_all else logging.WARNING)
        self._has_all = has_all

    def emit(self, record: logging.LogRecord) -> None:
        if self._has_all or _fields(record).get("event") not in _TOLD_BY_FACES:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            super().handleError(record)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    message: Any = record.msg
    if isinstance(message, Mapping):
        return {str(key): value for key, value in cast(Mapping[Any, Any], message).items()}
    return {"event": record.getMessage()}


def _clean(value: Any, redactor: Redactor) -> Any:
    """The value with keys taken out of every text in it, before JSON escapes them."""
    if isinstance(value, str):
        return redactor.clean(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        entries = cast(Mapping[Any, Any], value).items()
        return {redactor.clean(str(key)): _clean(item, redactor) for key, item in entries}
    if isinstance(value, list | tuple):
        return [_clean(item, redactor) for item in cast(list[Any], value)]
    return redactor.clean(str(value))


def _one_line(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if text.isprintable() else json.dumps(text)
