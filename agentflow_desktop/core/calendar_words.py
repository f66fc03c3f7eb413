"""Months and days of the week in English, the language of the program.

``strftime`` names them in the system's language once Qt has begun to follow it.
"""

from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def month_word(day: date) -> str:
    """``November``."""
    return _MONTHS[day.month - 1]


def short_month(day: date) -> str:
    """``Nov``."""
    return month_word(day)[:3]


def weekday_word(day: date) -> str:
    """``Wednesday``."""
    return _WEEKDAYS[day.weekday()]
