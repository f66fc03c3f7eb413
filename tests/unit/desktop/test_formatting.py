"""Values as a person reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.desktop.formatting import (
    as_one_line,
    as_plain_tip,
    format_age,
    format_bytes,
    format_duration,
    format_moment,
    format_tokens,
    place_words,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T09:05", "Today, 09:05"),
        ("2026-11-22T23:59", "Yesterday, 23:59"),
        ("2026-03-01T00:00", "1 Mar, 00:00"),
        ("2025-11-23T12:00", "23 Nov 2025, 12:00"),
    ],
)
def test_a_moment_is_said_by_this_machine_s_days(moment: str, words: str) -> None:
    now = datetime(2026, 11, 23, 12, 0).astimezone()
    assert (
        format_moment(datetime.fromisoformat(moment).astimezone(), now).replace("\u00a0", " ")
        == words
    )


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.04, "under 0.1 s"), (12.44, "12.4 s"), (185, "3 min 05 s"), (7_800, "2 h 10 min")],
)
def test_a_duration_is_said_in_its_own_unit(duration_s: float, words: str) -> None:
    assert format_duration(duration_s).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_an_age_is_said_in_the_coarsest_unit(age: timedelta, words: str) -> None:
    assert format_age(NOW - age, NOW).replace("\u00a0", " ") == words


@pytest.mark.parametrize("text", ["notes.md\nline 3", "a <b>bold</b> name", "&lt;tag&gt;"])
def test_a_tooltip_keeps_plain_text_and_has_no_markup_but_ours(text: str) -> None:
    tip = as_plain_tip(text)
    assert tip == text or (tip.count("<") == 2 and tip.startswith("<span "))


def test_tokens_say_whether_they_are_exact() -> None:
    assert format_tokens(6_790, is_exact=True).replace("\u00a0", " ") == "6,790 tokens"
    assert format_tokens(1, is_exact=False).replace("\u00a0", " ") == "about 1 token"


def test_bytes_count_in_thousands() -> None:
    sizes = [format_bytes(size).replace("\u00a0", " ") for size in (812, 14_200, 3_140_000)]
    assert sizes == ["812 B", "14 kB", "3.1 MB"]


def test_one_line_folds_white_space_and_ends_in_an_ellipsis() -> None:
    assert as_one_line("a\n  b\tc") == "a b c"
    assert len(as_one_line("x" * 1_000, 20)) == 20


def test_a_place_names_page_and_lines() -> None:
    found = Evidence("a.pdf", "d", "q", QuoteState.EXACT, 9, 14, 15, 0, 1)
    assert place_words(found) == "a.pdf, p. 9, lines 14 to 15"
    assert place_words(Evidence("a.md", "d", "q", QuoteState.NOT_FOUND)) == "said to stand in a.md"
    assert place_words(Evidence("", "", "q", QuoteState.NOT_FOUND)) == "no file named"
