"""Reads the end of the newest log file. What stands there was redacted when it was written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from agentflow_desktop.core.clock import from_iso_z
from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.core.log_lines import LogLevel, LogLine, LogTail

_BLOCK_BYTES = 65_536
_MOST_BYTES = 16_000_000
_NAMED = frozenset({"at", "level", "logger", "event"})


def read_log_tail(
    directory: Path, *, most: int, least: LogLevel = LogLevel.DEBUG, run_id: str = ""
) -> LogTail:
    """The last ``most`` lines of the newest file that reach a level and are of a run.

    ``run_id`` may be the beginning of one; empty takes all. A line that is no record is left
    out. Raises StorageError if the file can't be read.
    """
    newest = max(directory.glob("agentflow_????????.log"), default=None)
    if newest is None:
        return LogTail(None, ())
    found: list[LogLine] = []
    try:
        with newest.open("rb") as file:
            for raw in _lines_from_the_end(file):
                line = _parsed(raw)
                if line is None or not line.level.reaches(least):
                    continue
                if run_id and not line.run_id.startswith(run_id):
                    continue
                found.append(line)
                if len(found) >= most:
                    break
    except OSError as error:
        raise StorageError(
            f"The log {newest} can't be read: {error.strerror}.",
            hint="Check that you may read this file.",
        ) from error
    return LogTail(newest, tuple(reversed(found)))


def _lines_from_the_end(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines, last first, of the last megabytes of a file."""
    at = end = file.seek(0, 2)
    rest = b""
    while at > 0 and end - at < _MOST_BYTES:
        size = min(_BLOCK_BYTES, at)
        at = file.seek(at - size)
        first, *lines = (file.read(size) + rest).split(b"\n")
        yield from reversed(lines)
        rest = first
    if at == 0:
        yield rest


def _parsed(raw: bytes) -> LogLine | None:
    try:
        value: Any = json.loads(raw)
        record = cast(dict[str, Any], value)
        return LogLine(
            at=from_iso_z(str(record["at"])),
            level=LogLevel(str(record["level"])),
            logger=str(record["logger"]),
            event=str(record["event"]),
            fields={key: _text(item) for key, item in record.items() if key not in _NAMED},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # cut by a crash, or written by another program


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
