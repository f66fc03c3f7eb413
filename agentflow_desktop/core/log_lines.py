"""Lines of the log as they are read back, to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class LogLevel(StrEnum):
    """How much a line matters, least first."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    def reaches(self, least: "LogLevel") -> bool:
        """Whether a line of this level is shown where ``least`` is asked for."""
        order = tuple(LogLevel)
        return order.index(self) >= order.index(least)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record. ``fields`` is all beside what has a name here, as text."""

    at: datetime
    level: LogLevel
    logger: str
    event: str
    fields: Mapping[str, str]

    @property
    def run_id(self) -> str:
        return self.fields.get("run_id", "")


@dataclass(frozen=True, slots=True)
class LogTail:
    """The last lines of a file, oldest first. ``path`` is None if nothing was ever logged."""

    path: Path | None
    lines: tuple[LogLine, ...]
