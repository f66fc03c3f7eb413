"""The tiles and the banner in words: pure functions of the state. Knows no widgets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agentflow_desktop.core.money import ZERO_USD, format_usd
from agentflow_desktop.core.settings import CostSettings
from agentflow_desktop.desktop.formatting import NO_BREAK, format_count, format_duration, plural
from agentflow_desktop.desktop.screens.costs.chart_data import day_words
from agentflow_desktop.desktop.screens.costs.state import Figures, State
from agentflow_desktop.llm.budget import Period
from agentflow_desktop.llm.cache import CacheUse
from agentflow_desktop.llm.costs import ONE_DAY
from agentflow_desktop.llm.forecast import LEAST_DAYS, MonthOutlook

_GOES_ON = "Local models and cached answers go on."


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. ``share`` and ``held`` are parts of a limit; None shows no bar."""

    title: str
    value: str
    note: str
    tone: str = "muted"
    share: float | None = None
    held: float = 0.0
    meter_tone: str = "accent"
    tip: str = ""


@dataclass(frozen=True, slots=True)
class BannerWords:
    """What happened, and what happens next; ``tone`` as a banner's."""

    tone: str
    message: str
    next: str


def tiles(figures: Figures, limits: CostSettings) -> Sequence[Tile]:
    """The six figures of the screen, in their order."""
    return (
        _today(figures, limits),
        _month(figures, limits),
        _forecast(figures.outlook, limits),
        _calls(figures),
        _hit_rate(figures),
        _saved(figures),
    )


def cents(amount_usd: Decimal) -> str:
    """An amount at a glance: cents, and more digits only below one of them."""
    if amount_usd == 0 or abs(amount_usd) >= Decimal("0.01"):
        return f"${amount_usd:,.2f}" if amount_usd else "$0"
    return format_usd(amount_usd)


def whole(amount_usd: Decimal) -> str:
    """An estimate: whole dollars from ten up."""
    return f"${amount_usd:,.0f}" if amount_usd >= 10 else cents(amount_usd)


def month_name(day: date, today: date) -> str:
    """``November``, with the year where it is not this one."""
    return f"{day:%B}" if day.year == today.year else f"{day:%B} {day.year}"


def _today(figures: Figures, limits: CostSettings) -> Tile:
    today = figures.spending.today
    held = f", held{NO_BREAK}{cents(today.reserved_usd)}" if today.reserved_usd else ""
    if not limits.enabled:
        return Tile("Today", cents(today.spent_usd), f"no limit applies{held}")
    note = f"of {cents(limits.daily_limit)}{held}"
    return _against(
        "Today", today.spent_usd, today.reserved_usd, limits.daily_limit,
        note=note, warn_at_percent=limits.warn_at_percent,
    )  # fmt: skip


def _month(figures: Figures, limits: CostSettings) -> Tile:
    outlook = figures.outlook
    name = month_name(outlook.month.first, outlook.today)
    if not limits.enabled:
        return Tile(name, cents(outlook.spent_usd), "no limit applies")
    note = f"of {cents(limits.monthly_limit)}"
    if outlook.today in outlook.month:
        note += f", resets {day_words(outlook.month.last + ONE_DAY)} 00:00"
    return _against(
        name, outlook.spent_usd, outlook.reserved_usd, limits.monthly_limit,
        note=note, warn_at_percent=limits.warn_at_percent,
    )  # fmt: skip


def _against(
    title: str,
    spent_usd: Decimal,
    held_usd: Decimal,
    limit_usd: Decimal,
    *,
    note: str,
    warn_at_percent: int,
) -> Tile:
    share = float(spent_usd / limit_usd) if limit_usd else 1.0
    held = float(held_usd / limit_usd) if limit_usd else 0.0
    tone = "accent"
    if (share + held) * 100 >= warn_at_percent:
        tone = "danger" if share >= 1 else "warning"
    return Tile(title, cents(spent_usd), note, share=share, held=held, meter_tone=tone)


def _forecast(outlook: MonthOutlook, limits: CostSettings) -> Tile:
    limit_usd = limits.monthly_limit
    if outlook.today not in outlook.month:
        name = month_name(outlook.month.first, outlook.today)
        if not limits.enabled:
            return Tile("Forecast", "-", f"{name} is over")
        left_usd = limit_usd - outlook.spent_usd
        if left_usd < 0:
            return Tile(f"{name}'s limit", cents(-left_usd), "was spent beyond it", "danger")
        return Tile(f"{name}'s limit", cents(left_usd), "of it was left")
    if outlook.forecast_usd is None:
        return Tile("Forecast", "-", f"after {LEAST_DAYS} days with the ledger", tip=METHOD)
    note, tone = f"± {whole(outlook.spread_usd)}", "muted"
    if limits.enabled and outlook.over_usd:
        note, tone = f"{note}, over the limit by {whole(outlook.over_usd)}", "danger"
    elif limits.enabled:
        note = f"{note}, within the limit"
    return Tile("Forecast", whole(outlook.forecast_usd), note, tone, tip=METHOD)


METHOD = (
    "Each day to come costs the mean of its weekday over the last 28 days, or of all days while "
    "fewer than 14 are known. The spread is one standard deviation of those days around their "
    "means, times the square root of the days to come: about two months of three end within it."
)


def _calls(figures: Figures) -> Tile:
    total = figures.total
    if not total.paid_calls:
        note = "none of them paid" if total.calls else "in this range"
    else:
        average = format_usd(round(total.paid_average_usd, 9))
        note = f"{average} a paid call, {format_count(total.paid_calls)}{NO_BREAK}paid"
    return Tile("Calls", format_count(total.calls), note, tip=_unsure(figures))


def _unsure(figures: Figures) -> str:
    total = figures.total
    parts = []
    if total.unknown_calls:
        parts.append(f"{format_count(total.unknown_calls)} of unknown cost, counted at their hold.")
    if total.estimated_calls:
        parts.append(f"{format_count(total.estimated_calls)} with estimated usage.")
    return " ".join(parts)


def hit_rate(uses: Iterable[CacheUse]) -> float | None:
    """Hits among all questions, from 0 to 1; None if there was none."""
    kept = tuple(uses)
    asked = sum(use.hits + use.misses + use.stale for use in kept)
    return sum(use.hits for use in kept) / asked if asked else None


def _hit_rate(figures: Figures) -> Tile:
    rate, before = hit_rate(figures.uses), hit_rate(figures.uses_before)
    if rate is None:
        return Tile("Cache hit rate", "-", "not asked in this range")
    value = f"{rate * 100:.0f}{NO_BREAK}%"
    if before is None:
        hits = sum(use.hits for use in figures.uses)
        return Tile("Cache hit rate", value, f"{format_count(hits)} {plural(hits, 'hit')}")
    points = round(rate * 100) - round(before * 100)
    name = f"{figures.days.first - ONE_DAY:%B}" if figures.days.is_month else "the range before"
    unit = "point" if abs(points) == 1 else "points"
    words = f"{points:+} {unit} against {name}" if points else f"the same as in {name}"
    return Tile("Cache hit rate", value, words, "success" if points > 0 else "muted")


def _saved(figures: Figures) -> Tile:
    saved_usd = sum((use.saved_usd for use in figures.uses), ZERO_USD)
    saved_s = sum(use.saved_s for use in figures.uses)
    waited = f"{format_duration(saved_s)} of waiting" if saved_s else "in this range"
    return Tile("Saved by cache", cents(saved_usd), waited)


def banner_words(state: State) -> BannerWords | None:
    """What a person should know of the limits now; None if there is nothing to tell."""
    figures, limits = state.figures, state.limits
    if figures is None:
        return None
    if not limits.enabled:
        return BannerWords(
            "neutral", "Cost tracking is off.", "What is spent is recorded, and no limit applies."
        )
    found = [_month_words(figures, limits), _day_words(figures, limits)]
    return next((words for words in found if words is not None), None)


def _month_words(figures: Figures, limits: CostSettings) -> BannerWords | None:
    outlook = figures.outlook
    if outlook.today not in outlook.month:
        return None
    name, until = f"{outlook.month.first:%B}", day_words(outlook.month.last + ONE_DAY)
    committed = Period(0, outlook.spent_usd, outlook.reserved_usd, 0, 0)
    pace = ""
    if outlook.forecast_usd is not None and outlook.reached_on is not None:
        pace = f"; at this pace it is reached on {day_words(outlook.reached_on)}"
    if not _is_near(committed, limits.monthly_limit, limits):
        return None
    return _limit_words(committed, limits.monthly_limit, f"the {name} limit", pace).then(
        until, is_hard=limits.hard_limits
    )


def _day_words(figures: Figures, limits: CostSettings) -> BannerWords | None:
    today = figures.spending.today
    if not _is_near(today, limits.daily_limit, limits):
        return None
    return _limit_words(today, limits.daily_limit, "today's limit", "").then(
        "midnight", is_hard=limits.hard_limits
    )


def _is_near(period: Period, limit_usd: Decimal, limits: CostSettings) -> bool:
    committed_usd = period.spent_usd + period.reserved_usd
    return committed_usd > 0 and committed_usd * 100 >= limit_usd * limits.warn_at_percent


@dataclass(frozen=True, slots=True)
class _LimitWords:
    """What happened to a limit; ``then`` adds what happens next."""

    message: str
    is_spent: bool

    def then(self, until: str, *, is_hard: bool) -> BannerWords:
        if not is_hard:
            return BannerWords("warning", self.message, "Limits are soft: runs go on, warned.")
        if self.is_spent:
            return BannerWords(
                "danger", self.message, f"New paid runs are refused until {until}. {_GOES_ON}"
            )
        return BannerWords(
            "warning", self.message, f"Then new paid runs are refused until {until}. {_GOES_ON}"
        )


def _limit_words(period: Period, limit_usd: Decimal, name: str, pace: str) -> _LimitWords:
    title = name[0].upper() + name[1:]
    over_usd = period.spent_usd - limit_usd
    if over_usd > 0:
        return _LimitWords(f"{title} of {cents(limit_usd)} is passed by {cents(over_usd)}.", True)
    if over_usd == 0:
        return _LimitWords(f"{title} of {cents(limit_usd)} is spent.", True)
    share = int((period.spent_usd + period.reserved_usd) * 100 / limit_usd)
    state = "spent or held" if period.reserved_usd else "spent"
    return _LimitWords(f"{share}{NO_BREAK}% of {name} is {state}{pace}.", False)


def short_count(number: int) -> str:
    """A count of tokens at a glance: ``2,204``, ``41.2 k``, ``8.66 M``."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit * (10 if name == "k" else 1):
            size = number / unit
            digits = 2 if size < 10 else 1 if size < 100 else 0
            return f"{size:.{digits}f}{NO_BREAK}{name}"
    return format_count(number)
