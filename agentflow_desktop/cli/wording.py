"""Values as a person reads them at a terminal: local times, ages, sizes."""

from datetime import datetime


def local_time(moment: datetime) -> str:
    """``2026-11-23 14:05:09`` by this machine's clock."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def age(moment: datetime, now: datetime) -> str:
    """``2 minutes``, in the coarsest unit that says enough."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit_s, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit_s:
            number = seconds // unit_s
            return f"{number} {word}{'' if number == 1 else 's'}"
    return "0 seconds"


def count(number: int, word: str) -> str:
    """``1 file``, ``1,200 files``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def byte_size(byte_count: int) -> str:
    """``812 B``, ``14 kB``, ``3.1 MB``: units of a thousand."""
    if byte_count < 1_000:
        return f"{byte_count} B"
    if byte_count < 1_000_000:
        return f"{byte_count / 1_000:.0f} kB"
    return f"{byte_count / 1_000_000:.1f} MB"
