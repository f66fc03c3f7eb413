"""The numbers of the charts: stacks by period, series by model, and where axes are marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor, log10

from agentflow_desktop.core.calendar_words import month_word, short_month, weekday_word
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.desktop.formatting import NO_BREAK
from agentflow_desktop.llm.costs import ONE_DAY, CostBar, CostGroup, CostLine, Days, period_start
from agentflow_desktop.llm.forecast import MonthOutlook

OWN_SERIES = 7
OTHERS = OWN_SERIES
"""The series of every model beyond the first seven."""
_WEEKS_FROM_DAYS = 93
_MONTHS_FROM_DAYS = 750
_ROUND = (1, 2, 2.5, 5, 10)
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Stack:
    """One period of the spend chart. ``parts`` are dollars by series, the dearest model first;
    ``open_usd`` is held or forecast, ``is_over`` whether it is beyond the month's limit."""

    start: date
    parts: tuple[tuple[int, Decimal], ...]
    open_usd: Decimal = ZERO_USD
    is_forecast: bool = False
    is_over: bool = False

    @property
    def spent_usd(self) -> Decimal:
        return sum((usd for _, usd in self.parts), ZERO_USD)


@dataclass(frozen=True, slots=True)
class SpendData:
    """What the spend chart draws. Names belong to series; lines are None where no limit applies."""

    step: CostGroup
    stacks: tuple[Stack, ...]
    names: Mapping[int, str]
    limit_usd: Decimal | None
    warn_usd: Decimal | None
    today_index: int | None

    @property
    def top_usd(self) -> Decimal:
        """The highest thing drawn. A limit that would flatten the bars is left out."""
        highest = max((s.spent_usd + s.open_usd for s in self.stacks), default=ZERO_USD)
        if self.limit_usd is not None and self.limit_usd <= highest * 4:
            return max(highest, self.limit_usd)
        return highest


def best_step(days: Days) -> CostGroup:
    """Days, weeks or months, so that bars stay apart."""
    if days.count < _WEEKS_FROM_DAYS:
        return CostGroup.DAY
    return CostGroup.WEEK if days.count < _MONTHS_FROM_DAYS else CostGroup.MONTH


def assign_series(before: Mapping[str, int], lines: Sequence[CostLine]) -> Mapping[str, int]:
    """A series for each of the dearest models; a model keeps its own while it is among them."""
    top = [line.group for line in lines[:OWN_SERIES]]
    kept = {name: before[name] for name in top if before.get(name, OTHERS) < OWN_SERIES}
    free = (index for index in range(OWN_SERIES) if index not in kept.values())
    return {**kept, **{name: next(free) for name in top if name not in kept}}


def spend_data(
    days: Days,
    step: CostGroup,
    bars: Sequence[CostBar],
    series: Mapping[str, int],
    *,
    outlook: MonthOutlook | None = None,
    limits: tuple[Decimal | None, Decimal | None] = (None, None),
) -> SpendData:
    """Every period of the range, those without cost too. ``limits`` are the limit of a period and
    the amount from which a warning comes."""
    parts: dict[date, dict[int, Decimal]] = {start: {} for start in _starts(days, step)}
    held: dict[date, Decimal] = {}
    for bar in bars:
        number = series.get(bar.model, OTHERS)
        period = parts.setdefault(bar.start, {})
        period[number] = period.get(number, ZERO_USD) + bar.sums.spent_usd
        held[bar.start] = held.get(bar.start, ZERO_USD) + bar.sums.reserved_usd
    rank = {number: place for place, number in enumerate([*series.values(), OTHERS])}
    expected = _expected(outlook) if step is CostGroup.DAY else {}
    stacks = [
        _stack(start, sorted(parts[start].items(), key=lambda part: rank[part[0]]),
               held.get(start, ZERO_USD), expected.get(start))
        for start in sorted(parts)
    ]  # fmt: skip
    names = {number: name for name, number in series.items()}
    others = {bar.model for bar in bars if bar.model not in series}
    if others:
        names[OTHERS] = next(iter(others)) if len(others) == 1 else f"{len(others)} others"
    now = None if outlook is None else period_start(outlook.today, step)
    today = next((i for i, stack in enumerate(stacks) if stack.start == now), None)
    return SpendData(step, tuple(stacks), names, *limits, today)


def _stack(
    start: date,
    parts: Sequence[tuple[int, Decimal]],
    held_usd: Decimal,
    expected: tuple[Decimal, bool, bool] | None,
) -> Stack:
    kept = tuple(part for part in parts if part[1])
    if expected is None:
        return Stack(start, kept, held_usd)
    open_usd, is_forecast, is_over = expected
    return Stack(start, kept, max(open_usd, held_usd), is_forecast, is_over)


def _expected(outlook: MonthOutlook | None) -> Mapping[date, tuple[Decimal, bool, bool]]:
    """By day from today on: what is expected yet, whether by forecast, whether over the limit."""
    if outlook is None or outlook.forecast_usd is None:
        return {}
    return {
        day.day: (
            day.open_usd,
            day.day > outlook.today,
            day.day > outlook.today and day.until_usd > outlook.limit_usd,
        )
        for day in outlook.days
        if day.day >= outlook.today
    }


def _starts(days: Days, step: CostGroup) -> Iterator[date]:
    start = period_start(days.first, step)
    while start <= days.last:
        yield start
        start = period_start(start + _longest(step), step)


def _longest(step: CostGroup) -> timedelta:
    match step:
        case CostGroup.WEEK:
            return ONE_DAY * 7
        case CostGroup.MONTH:
            return ONE_DAY * 31
        case _:
            return ONE_DAY


def value_marks(top: float, about: int = 4) -> Sequence[float]:
    """Round values from 0 that cover ``top`` in about so many steps."""
    if top <= 0:
        return (0.0, 1.0)
    rough = top / about
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in _ROUND if size * factor >= rough * 0.999)
    return tuple(step * number for number in range(ceil(top / step - 0.001) + 1))


def usd_mark(value: float, step: float) -> str:
    """A mark of a dollar axis, with as many digits as the steps need."""
    if not value:
        return "$0"
    needed = next((n for n in range(2, _MOST_DIGITS) if abs(step - round(step, n)) < step / 100), 9)
    return f"${value:,.{0 if step == round(step) else needed}f}"


def time_marks(
    starts: Sequence[date], step: CostGroup, today_index: int | None, most: int = 11
) -> Sequence[tuple[int, str]]:
    """Which periods are named below the chart, and how. Today's name wins over its neighbours."""
    every = max(1, ceil(len(starts) / most))
    marks: list[tuple[int, str]] = []
    named = date.min
    for index in range(0, len(starts), every):
        start = starts[index]
        if today_index is not None and abs(index - today_index) < every:
            continue
        marks.append((index, _mark(start, named, step)))
        named = start
    if today_index is not None:
        marks.append((today_index, "today" if step is CostGroup.DAY else "now"))
    return sorted(marks)


def _mark(start: date, before: date, step: CostGroup) -> str:
    if step is CostGroup.MONTH:
        year = "" if start.year == before.year else f"{NO_BREAK}{start.year}"
        return f"{short_month(start)}{year}"
    is_new = (start.year, start.month) != (before.year, before.month)
    return day_words(start) if is_new else str(start.day)


def day_words(day: date) -> str:
    """``11 Nov``, by itself on a line or in a sentence."""
    return f"{day.day}{NO_BREAK}{short_month(day)}"


def range_words(days: Days) -> str:
    """``1 to 30 Nov 2026``; years and months that both ends share are said once."""
    first, last = days.first, days.last
    if first == last:
        return f"{day_words(last)} {last:%Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)} {last:%Y}"
    if first.year == last.year:
        return f"{day_words(first)} to {day_words(last)} {last:%Y}"
    return f"{day_words(first)} {first:%Y} to {day_words(last)} {last:%Y}"


def period_words(start: date, step: CostGroup) -> str:
    """A period as the head of its values: ``11 Nov, Wednesday``."""
    match step:
        case CostGroup.MONTH:
            return f"{month_word(start)} {start.year}"
        case CostGroup.WEEK:
            return f"Week from {day_words(start)}"
        case _:
            return f"{day_words(start)}, {weekday_word(start)}"
