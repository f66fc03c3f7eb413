"""A clock that stands until it is moved."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """A real Clock whose time a test sets. Monotonic seconds move with it."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._started = now

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return (self._now - self._started).total_seconds()

    def advance(self, step: timedelta) -> None:
        """Move forward; both faces of the clock agree."""
        self._now += step
