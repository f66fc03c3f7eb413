"""The part of a document that the evidence pane shows: a few hundred lines around a place.

A document may have megabytes; a text widget that is given all of it freezes the window.
"""

from bisect import bisect_right
from dataclasses import dataclass

from agentflow_desktop.documents.document import Document

LINES_EACH_WAY = 200
CHARACTERS_EACH_WAY = 24_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one document, or of one page of it.

    ``numbers[i]`` is the file's (or page's) number of line i of ``text``. ``lit_start`` and
    ``lit_end`` are offsets into ``text``, equal where nothing is lit. ``start`` and ``end`` are
    offsets into the document's text.
    """

    name: str
    page: int | None
    page_count: int
    numbers: tuple[int, ...]
    text: str
    lit_start: int
    lit_end: int
    start: int
    end: int
    earlier_at: int | None  # where to cut the excerpt before this one, None at the beginning
    later_at: int | None


def cut_excerpt(document: Document, at: int, lit: tuple[int, int] | None = None) -> Excerpt:
    """The lines around character ``at``, within its page where the document has pages.

    ``lit`` is the quote's place in the document, shown if it stands within the excerpt.
    """
    text = document.text
    at = min(max(at, 0), len(text))
    low, high, page = 0, len(text), None
    if document.pages:
        index = bisect_right(document.pages, at, key=lambda p: p.start) - 1
        found = document.pages[max(index, 0)]
        low, high, page = found.start, found.end, found.number
    start = _walk_back(text, at, low)
    end = _walk_on(text, at if lit is None else max(at, min(lit[1], high)), high)
    lit_start, lit_end = (0, 0) if lit is None else lit
    is_lit = lit is not None and start <= lit_start < lit_end <= end
    return Excerpt(
        name=document.name,
        page=page,
        page_count=len(document.pages),
        numbers=_line_numbers(document, start, end),
        text=text[start:end],
        lit_start=lit_start - start if is_lit else 0,
        lit_end=lit_end - start if is_lit else 0,
        start=start,
        end=end,
        earlier_at=start - 1 if start > 0 else None,
        later_at=end + 1 if end < len(text) else None,
    )


def _walk_back(text: str, at: int, low: int) -> int:
    floor = max(low, at - CHARACTERS_EACH_WAY)
    position = at
    for _ in range(LINES_EACH_WAY + 1):
        found = text.rfind("\n", floor, position)
        if found == -1:
            return floor
        position = found
    return position + 1


def _walk_on(text: str, at: int, high: int) -> int:
    ceiling = min(high, at + CHARACTERS_EACH_WAY)
    position = at
    for _ in range(LINES_EACH_WAY + 1):
        found = text.find("\n", position, ceiling)
        if found == -1:
            return ceiling
        position = found + 1
    return position - 1


def _line_numbers(document: Document, start: int, end: int) -> tuple[int, ...]:
    numbers: list[int] = []
    position = start
    while position < end or position == start:
        numbers.append(document.span(position, position).line)
        found = document.text.find("\n", position, end)
        if found == -1:
            break
        position = found + 1
    return tuple(numbers)
