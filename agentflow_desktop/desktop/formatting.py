"""Values as a person reads them: ages, durations, counts. Knows no widgets."""

from datetime import datetime
from html import escape

from agentflow_desktop.core.evidence import Evidence

NO_BREAK = "\u00a0"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_count(number: int) -> str:
    """A count with groups of three from 1,000 up, parted by commas."""
    return f"{number:,}"


def format_tokens(number: int, *, is_exact: bool) -> str:
    """``about 6,790 tokens`` or ``6,790 tokens``."""
    about = "" if is_exact else "about "
    return f"{about}{format_count(number)}{NO_BREAK}{plural(number, 'token')}"


def plural(number: int, word: str) -> str:
    """The word, with an s unless there is one."""
    return word if number == 1 else f"{word}s"


def format_duration(duration_s: float) -> str:
    """``0.4 s``, ``12.4 s``, ``3 min 05 s``, ``2 h 10 min``; value and unit never part."""
    if duration_s < 0.1:
        return f"under 0.1{NO_BREAK}s"
    if duration_s < 60:
        return f"{duration_s:.1f}{NO_BREAK}s"
    minutes, seconds = divmod(round(duration_s), 60)
    if minutes < 60:
        return f"{minutes}{NO_BREAK}min{NO_BREAK}{seconds:02}{NO_BREAK}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{NO_BREAK}h{NO_BREAK}{minutes:02}{NO_BREAK}min"


def format_age(moment: datetime, now: datetime) -> str:
    """How long ago, in the coarsest unit that says enough: ``5 minutes ago``."""
    age_s = max(0.0, (now - moment).total_seconds())
    for unit_s, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if age_s >= unit_s:
            number = int(age_s // unit_s)
            return f"{number}{NO_BREAK}{plural(number, word)} ago"
    return "just now"


def format_moment(moment: datetime, now: datetime) -> str:
    """Day and time by this machine's clock: ``Today, 14:05``, ``23 Nov, 14:05``, with the year
    where it is another one."""
    local, today = moment.astimezone(), now.astimezone().date()
    days = (today - local.date()).days
    if days in (0, 1):
        day = "Yesterday" if days else "Today"
    else:
        year = "" if local.year == today.year else f" {local.year}"
        day = f"{local.day}{NO_BREAK}{_MONTHS[local.month - 1]}{year}"
    return f"{day}, {local:%H:%M}"


def format_bytes(byte_count: int) -> str:
    """``812 B``, ``14 kB``, ``3.1 MB``: units of a thousand."""
    if byte_count < 1_000:
        return f"{byte_count}{NO_BREAK}B"
    if byte_count < 1_000_000:
        return f"{byte_count / 1_000:.0f}{NO_BREAK}kB"
    return f"{byte_count / 1_000_000:.1f}{NO_BREAK}MB"


def as_one_line(text: str, limit: int = 300) -> str:
    """The text with its white space folded, cut with an ellipsis past ``limit`` characters."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def as_plain_word(text: str) -> str:
    """The text for a button, a tab or a menu, which underline what follows an ampersand."""
    return text.replace("&", "&&")


def as_plain_tip(text: str) -> str:
    """The text for a tooltip, which takes what looks like markup for markup and would load the
    pictures that it names."""
    if not {"<", "&"} & set(text):
        return text
    return f'<span style="white-space: pre-wrap">{escape(text)}</span>'


def place_words(evidence: Evidence) -> str:
    """File, page and line as a person says them."""
    if evidence.line is None:
        return f"said to stand in {evidence.file}" if evidence.file else "no file named"
    page = f"p. {evidence.page}, " if evidence.page is not None else ""
    unit = "line"
    if evidence.section:
        page, unit = f"sheet {evidence.section}, ", "row"
    lines = f"{unit} {evidence.line}"
    if evidence.end_line is not None and evidence.end_line > evidence.line:
        lines = f"{unit}s {evidence.line} to {evidence.end_line}"
    return f"{evidence.file}, {page}{lines}"


def local_moment(moment: datetime) -> str:
    """``2026-11-23 14:05:09`` by this machine's clock."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
