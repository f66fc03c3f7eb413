"""Listens to everything that is logged, so that a warning nobody expected fails its test."""

import logging
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import structlog

_LOUD = frozenset({"warning", "warn", "error", "exception", "critical", "fatal"})


@dataclass(frozen=True, slots=True)
class LoggedWarning:
    """One loud record. ``event`` is the structlog event or the text of a logging record."""

    level: str
    event: str
    fields: dict[str, Any]


class LogWatch(logging.Handler):
    """Collects warnings and worse from structlog and from logging."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warnings: list[LoggedWarning] = []

    def expect(self, event: str) -> LoggedWarning:
        """Take the first warning whose event contains this text; fails if there is none."""
        for index, warning in enumerate(self.warnings):
            if event in warning.event:
                return self.warnings.pop(index)
        raise AssertionError(f"nothing was logged about {event!r}, only {self.warnings}")

    def emit(self, record: logging.LogRecord) -> None:
        fields = {"logger": record.name}
        if record.exc_info:
            fields["exception"] = repr(record.exc_info[1])
        self.warnings.append(
            LoggedWarning(record.levelname.lower(), record.getMessage(), dict(fields))
        )

    def start(self) -> None:
        """Become structlog's only end and a handler of the root logger."""
        structlog.configure(
            processors=[structlog.contextvars.merge_contextvars, self._hear],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
            context_class=dict,
            logger_factory=structlog.ReturnLoggerFactory(),
            cache_logger_on_first_use=False,
        )
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Leave both as they were before any configuration."""
        logging.getLogger().removeHandler(self)
        structlog.reset_defaults()

    def _hear(self, _: Any, method: str, event: MutableMapping[str, Any]) -> str:
        if method in _LOUD:
            fields = {key: value for key, value in event.items() if key != "event"}
            self.warnings.append(LoggedWarning(method, str(event.get("event", "")), fields))
        return ""
