"""Months and days of the week, as a person reads them."""

from datetime import date

from agentflow_desktop.core.calendar_words import month_word, short_month, weekday_word


def test_days_are_named_in_english_from_the_first_month_and_monday_on() -> None:
    months = [month_word(date(2026, month, 1)) for month in range(1, 13)]
    assert (months[0], months[8], months[11]) == ("January", "September", "December")
    assert len(set(months)) == 12
    assert short_month(date(2026, 9, 30)) == "Sep"
    week = [weekday_word(date(2026, 11, 23 + number)) for number in range(7)]
    assert (week[0], week[2], week[6]) == ("Monday", "Wednesday", "Sunday")
