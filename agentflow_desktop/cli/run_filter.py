"""The options of ``agentflow history list`` as a RunFilter."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.history import Mark
from agentflow_desktop.core.routing import Badge


def since_of(text: str) -> datetime | None:
    """The beginning of a day or the very moment; None for no text. Raises InputRefused."""
    return _moment(text, timedelta(0)) if text else None


def until_of(text: str) -> datetime | None:
    """The moment, or the end of a day; None for no text. Raises InputRefused."""
    return _moment(text, timedelta(days=1)) if text else None


def usd_of(text: str) -> Decimal | None:
    """An amount of dollars; None for no text. Raises InputRefused."""
    if not text:
        return None
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        _refuse(text, "an amount of dollars, such as 0.25")
    if not amount.is_finite() or amount < 0:
        _refuse(text, "an amount of dollars, such as 0.25")
    return amount


def badge_of(text: str) -> Badge | None:
    """A badge by its word, with - or _ in it; None for no text. Raises InputRefused."""
    if not text:
        return None
    try:
        return Badge(text.replace("-", "_"))
    except ValueError:
        _refuse(text, f"one of {', '.join(Badge)}")


def mark_of(*, is_useful: bool, is_not_useful: bool, is_unmarked: bool) -> Mark | None:
    """The one mark that is asked for. Raises InputRefused for more than one."""
    asked = [
        mark
        for mark, is_asked in zip(Mark, (is_useful, is_not_useful, is_unmarked), strict=True)
        if is_asked
    ]
    if len(asked) > 1:
        raise InputRefused(
            "--useful, --not-useful and --unmarked exclude each other.", hint="Give one of them."
        )
    return asked[0] if asked else None


def _moment(text: str, rest_of_day: timedelta) -> datetime:
    """A time by this machine's clock unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("2026-11-23"):
            day = date.fromisoformat(text) + rest_of_day
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (local, made aware below)
        return moment.astimezone()
    except (ValueError, OverflowError):
        _refuse(text, "a day (2026-11-23) or a time (2026-11-23T14:05)")


def _refuse(text: str, wanted: str) -> NoReturn:
    raise InputRefused(f"{text!r} can't be used here.", hint=f"Give {wanted}.")
