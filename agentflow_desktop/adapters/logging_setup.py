"""Starts and stops logging: structlog and the libraries' logging into one file a day.

A record is put on a queue by the thread that logs and written by a thread of its own, so that
the loop never touches the disk for a log line.
"""

import logging
import queue
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any, TextIO

import structlog

from agentflow_desktop.adapters.log_files import Console, DailyFile, JsonLines, ShortLines
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.settings import LoggingSettings

_OWN = "agentflow_desktop"


@dataclass(frozen=True, slots=True)
class LogSession:
    """Logging that is on. ``stop`` writes what is queued and gives the loggers back."""

    directory: Path
    redactor: Redactor
    _files: DailyFile
    _listener: QueueListener
    _entry: QueueHandler

    def path(self) -> Path:
        """Today's file."""
        return self._files.path_for(datetime.now().astimezone().date())

    def stop(self) -> None:
        """Write what is queued and close the file. May be called twice."""
        root = logging.getLogger()
        if self._entry not in root.handlers:
            return
        root.removeHandler(self._entry)
        logging.captureWarnings(False)
        self._listener.stop()
        for handler in self._listener.handlers:
            handler.close()
        silence_logging()


def start_logging(
    settings: LoggingSettings,
    directory: Path,
    redactor: Redactor,
    *,
    console: TextIO,
    debug: bool = False,
) -> LogSession:
    """Logging into ``directory``; ``console`` gets warnings, or everything with ``debug``.

    A library's records are kept from warning on (from info on with ``debug``): below that they
    hold whole requests.
    """
    level = logging.DEBUG if debug else logging.getLevelNamesMapping()[settings.level.upper()]
    files = DailyFile(directory, settings.keep_days)
    files.setFormatter(JsonLines(redactor))
    short = Console(console, has_all=debug)
    short.setFormatter(ShortLines(redactor, has_traces=debug))
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    entry = _WholeRecords(records)
    listener = QueueListener(records, files, short, respect_handler_level=True)
    root = logging.getLogger()
    root.addHandler(entry)
    root.setLevel(logging.INFO if debug else logging.WARNING)
    logging.getLogger(_OWN).setLevel(level)
    logging.captureWarnings(True)
    _configure_structlog(level)
    listener.start()
    return LogSession(directory, redactor, files, listener, entry)


def silence_logging() -> None:
    """Drop what is logged while no log is open: structlog alone would print it to stdout."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


class _WholeRecords(QueueHandler):
    """Queues records as they are: they are formatted and redacted by the writing thread."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


def _configure_structlog(level: int) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.StackInfoRenderer(),
            _to_record,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _to_record(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[dict[str, Any]], dict[str, Any]]:
    """The arguments of the standard library's logger: the fields as message, and exc_info."""
    fields = dict(event)
    return (fields,), {"exc_info": fields.pop("exc_info", None)}


def _drop(_logger: Any, _method: str, _event: MutableMapping[str, Any]) -> str:
    raise structlog.DropEvent
