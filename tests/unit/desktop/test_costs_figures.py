"""What the tiles, the banner and the charts say of given numbers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.screens.costs.chart_data import (
    OTHERS,
    assign_series,
    best_step,
    range_words,
    spend_data,
    time_marks,
    usd_mark,
    value_marks,
)
from agentflow_desktop.desktop.screens.costs.figures import (
    banner_words,
    hit_rate,
    short_count,
    tiles,
)
from agentflow_desktop.desktop.screens.costs.limits import draft_of, limit_problem
from agentflow_desktop.desktop.screens.costs.state import Figures, State
from agentflow_desktop.llm.budget import Period, Spending
from agentflow_desktop.llm.cache import CacheStats, CacheUse
from agentflow_desktop.llm.costs import CostBar, CostGroup, CostLine, CostSums, Days, month_of
from agentflow_desktop.llm.forecast import outlook

TODAY = date(2026, 11, 20)
NOVEMBER = month_of(TODAY)
LIMITS = CostSettings(daily_limit=Decimal(8), monthly_limit=Decimal(90))
NONE = Period(0, ZERO_USD, ZERO_USD, 0, 0)


def period(spent: str, reserved: str = "0") -> Period:
    return Period(1, Decimal(spent), Decimal(reserved), 0, 0)


def figures(
    *, a_day: str = "3", today: str = "0", held: str = "0", days: Days = NOVEMBER, **changes: Any
) -> Figures:
    """Each day before today cost ``a_day``; the limits are those of LIMITS."""
    spent = {TODAY - timedelta(days=n): Decimal(a_day) for n in range(1, 60)}
    spent[TODAY] = Decimal(today)
    month = outlook(
        month_of(days.last), TODAY, spent,
        reserved_usd=Decimal(held), limit_usd=LIMITS.monthly_limit, first_day=date(2026, 1, 1),
    )  # fmt: skip
    at = datetime(2026, 11, 21, tzinfo=UTC)
    spending = Spending(
        period(today, held), period(str(month.spent_usd)), period("100"), LIMITS.daily_limit,
        LIMITS.monthly_limit, at, at, ZERO_USD,
    )  # fmt: skip
    made = Figures(
        days, CostGroup.DAY, spending, (), (), (), CostSums(), month, (), (),
        CacheStats(0, 0, 0, 0, 0, ZERO_USD, 0.0, None),
    )  # fmt: skip
    return replace(made, **changes)


def banner(limits: CostSettings = LIMITS, **given: Any):
    return banner_words(State(figures=figures(**given), limits=limits))


def test_the_tiles_say_where_the_budget_stands() -> None:
    today, month, forecast, calls, rate, saved = tiles(
        figures(
            today="3.42", held="0.18", total=CostSums(calls=4, paid_calls=2, spent_usd=Decimal(1))
        ),
        LIMITS,
    )
    assert (today.value, today.note) == ("$3.42", "of $8.00, held\N{NO-BREAK SPACE}$0.18")
    assert (today.share, today.held, today.meter_tone) == (0.4275, 0.0225, "accent")
    assert month.title == "November"
    assert month.value == "$60.42"
    assert month.note == "of $90.00, resets 1\N{NO-BREAK SPACE}Dec 00:00"
    assert (forecast.value, forecast.note, forecast.tone) == (
        "$91", "± $0, over the limit by $0.60", "danger",
    )  # fmt: skip
    assert (calls.value, calls.note) == ("4", "$0.5000 a paid call, 2\N{NO-BREAK SPACE}paid")
    assert (rate.value, saved.value) == ("-", "$0")


def test_a_month_that_is_over_says_what_was_left_of_its_limit() -> None:
    october = month_of(date(2026, 10, 5))
    _, month, left, *_ = tiles(figures(days=october), LIMITS)
    assert (month.title, month.note) == ("October", "of $90.00")
    assert (left.title, left.value, left.note) == (
        "October's limit",
        "$3.00",
        "was spent beyond it",
    )


def test_the_hit_rate_is_told_against_the_range_before() -> None:
    now = CacheUse(TODAY, 11, 7, 2, Decimal(1), 9_660.0)
    before = CacheUse(date(2026, 10, 5), 49, 51, 0, ZERO_USD, 0.0)
    *_, rate, saved = tiles(figures(uses=(now,), uses_before=(before,)), LIMITS)
    assert (rate.value, rate.note, rate.tone) == (
        "55\N{NO-BREAK SPACE}%", "+6 points against October", "success",
    )  # fmt: skip
    assert (saved.value, saved.note.replace("\N{NO-BREAK SPACE}", " ")) == (
        "$1.00", "2 h 41 min of waiting",
    )  # fmt: skip
    assert hit_rate(()) is None


def test_no_banner_while_every_limit_is_far() -> None:
    assert banner(a_day="1") is None
    assert banner(a_day="0", today="0") is None


def test_the_banner_says_when_the_month_is_reached_and_what_happens_then() -> None:
    words = banner(a_day="4", today="4")
    assert words is not None
    assert words.tone == "warning"
    assert words.message.replace("\N{NO-BREAK SPACE}", " ") == (
        "88 % of the November limit is spent; at this pace it is reached on 23 Nov."
    )
    assert words.next.replace("\N{NO-BREAK SPACE}", " ") == (
        "Then new paid runs are refused until 1 Dec. Local models and cached answers go on."
    )


@pytest.mark.parametrize(
    ("given", "tone", "message", "next_words"),
    [
        ({"a_day": "5"}, "danger", "The November limit of $90.00 is passed by $5.00.", "refused"),
        ({"a_day": "1", "today": "7"}, "warning", "87 % of today's limit is spent.", "midnight"),
        ({"a_day": "1", "today": "5", "held": "2"}, "warning", "spent or held", "midnight"),
        ({"a_day": "1", "today": "8"}, "danger", "Today's limit of $8.00 is spent.", "midnight"),
    ],
)
def test_the_banner_names_the_limit_that_is_near(
    given: dict[str, Any], tone: str, message: str, next_words: str
) -> None:
    words = banner(**given)
    assert words is not None
    assert words.tone == tone
    assert message in words.message.replace("\N{NO-BREAK SPACE}", " ")
    assert next_words in words.next


def test_soft_limits_and_no_limits_are_told_as_such() -> None:
    soft = banner(LIMITS.model_copy(update={"hard_limits": False}), a_day="5")
    assert soft is not None
    assert (soft.tone, soft.next) == ("warning", "Limits are soft: runs go on, warned.")
    off = CostSettings(enabled=False)
    words = banner(off, a_day="5")
    assert words is not None
    assert (words.tone, words.message) == ("neutral", "Cost tracking is off.")
    today, month, forecast, *_ = tiles(figures(a_day="5"), off)
    assert (today.share, month.share, forecast.tone) == (None, None, "muted")


def line(model: str) -> CostLine:
    return CostLine(model, CostSums())


def test_seven_models_have_a_colour_and_the_others_share_one() -> None:
    lines = [line(f"m{n:02}") for n in range(20)]
    series = assign_series({}, lines)
    assert series == {f"m{n:02}": n for n in range(7)}
    bars = [CostBar(TODAY, f"m{n:02}", CostSums(spent_usd=Decimal(1))) for n in range(20)]
    spend = spend_data(Days(TODAY, TODAY), CostGroup.DAY, bars, series)
    (stack,) = spend.stacks
    assert stack.parts[-1] == (OTHERS, Decimal(13))
    assert spend.names[OTHERS] == "13 others"
    assert stack.spent_usd == spend.top_usd == 20
    later = assign_series(series, [line("m19"), *lines[1:7]])
    assert later == {**{f"m{n:02}": n for n in range(1, 7)}, "m19": 0}


def test_days_ahead_are_hatched_and_red_beyond_the_month_s_limit() -> None:
    spend = spend_data(NOVEMBER, CostGroup.DAY, (), {}, outlook=figures(a_day="4").outlook)
    ahead = [stack for stack in spend.stacks if stack.is_forecast]
    assert [stack.start.day for stack in ahead] == list(range(21, 31))
    assert [stack.start.day for stack in ahead if stack.is_over] == list(range(23, 31))
    assert {stack.open_usd for stack in ahead} == {Decimal(4)}
    assert spend.today_index == 19
    assert len(spend.stacks) == 30


def test_every_period_of_a_range_has_its_place() -> None:
    year = Days(date(2025, 11, 21), TODAY)
    assert best_step(year) is CostGroup.WEEK
    weeks = spend_data(year, CostGroup.WEEK, (), {}).stacks
    assert (len(weeks), weeks[0].start, weeks[-1].start) == (
        53, date(2025, 11, 17), date(2026, 11, 16),
    )  # fmt: skip
    months = spend_data(year, CostGroup.MONTH, (), {}).stacks
    assert [stack.start.month for stack in months] == [11, 12, *range(1, 12)]
    assert best_step(NOVEMBER) is CostGroup.DAY
    assert best_step(Days(date(2023, 1, 1), TODAY)) is CostGroup.MONTH


def test_a_limit_that_would_flatten_the_bars_is_left_out_of_the_scale() -> None:
    bars = [CostBar(TODAY, "m", CostSums(spent_usd=Decimal(1)))]
    one = Days(TODAY, TODAY)
    near = spend_data(one, CostGroup.DAY, bars, {"m": 0}, limits=(Decimal(3), None))
    far = spend_data(one, CostGroup.DAY, bars, {"m": 0}, limits=(Decimal(30), None))
    assert (near.top_usd, far.top_usd) == (3, 1)


def test_marks_are_round_and_cover_what_is_drawn() -> None:
    assert value_marks(7.3) == (0, 2, 4, 6, 8)
    assert value_marks(0) == (0, 1)
    assert [usd_mark(v, 0.025) for v in (0.0, 0.025, 0.05)] == ["$0", "$0.025", "$0.050"]
    assert usd_mark(2.5, 2.5) == "$2.50"
    assert usd_mark(1500.0, 500.0) == "$1,500"
    assert usd_mark(0.0004, 0.0002) == "$0.0004"
    for top in (0.00031, 0.07, 1, 9.99, 12_345):
        marks = value_marks(top)
        assert marks[-1] >= top
        assert 3 <= len(marks) <= 7


def test_the_name_of_today_wins_over_its_neighbours() -> None:
    marks = dict(time_marks(list(NOVEMBER), CostGroup.DAY, 19))
    assert marks[0] == "1\N{NO-BREAK SPACE}Nov"
    assert marks[19] == "today"
    assert not {18, 20, 21} & marks.keys()
    assert len(marks) <= 11


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((2026, 11, 1), (2026, 11, 30), "1 to 30 Nov 2026"),
        ((2026, 10, 24), (2026, 11, 22), "24 Oct to 22 Nov 2026"),
        ((2025, 12, 1), (2026, 1, 5), "1 Dec 2025 to 5 Jan 2026"),
        ((2026, 11, 2), (2026, 11, 2), "2 Nov 2026"),
    ],
)
def test_a_range_says_what_its_ends_share_once(
    first: tuple[int, int, int], last: tuple[int, int, int], words: str
) -> None:
    said = range_words(Days(date(*first), date(*last)))
    assert said.replace("\N{NO-BREAK SPACE}", " ") == words


def test_counts_of_tokens_are_short_from_ten_thousand_up() -> None:
    said = [
        short_count(n).replace("\N{NO-BREAK SPACE}", " ")
        for n in (9_657, 41_200, 611_000, 8_660_000)
    ]
    assert said == ["9,657", "41.2 k", "611 k", "8.66 M"]


@pytest.mark.parametrize(
    "text", ["", "eight", "-1", "NaN", "Infinity", "1e9", "0.0000000001", "1,50"]
)
def test_what_is_no_limit_is_refused_with_a_sentence(text: str) -> None:
    assert limit_problem(text).endswith(".")
    assert draft_of(LIMITS).typed("daily_limit", text).problems.keys() == {"daily_limit"}


def test_only_limits_that_were_changed_are_kept() -> None:
    draft = draft_of(LIMITS)
    assert draft.changes == {}
    assert draft.typed("daily_limit", "8.00").changes == {}
    changed = draft.typed("daily_limit", "100")
    assert changed.changes == {"production.cost_tracking.daily_limit": "100"}
    assert changed.note == "The daily limit is above the monthly one."
