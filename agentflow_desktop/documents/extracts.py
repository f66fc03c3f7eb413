"""The part of a passage that is worth quoting: whole sentences of prose, whole lines else."""

import re

from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.passages import Passage
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.documents.ranking import Query, Ranking
from agentflow_desktop.documents.terms import words

_SHORT_ENOUGH = 260
_LONGEST = 420
_ROW = 80
_MAX_EXTRA_LINES = 4
# A sentence's end, or a line's where the next begins anew, as rows of a table in a PDF do.
_PROSE_BREAK = re.compile(
    r"(?<=[.!?])[\"')\]]?\s+(?=[\"'(\[]?[A-Z0-9À-Þ])|(?<=[。！？])|"  # noqa: RUF001
    r"(?<=[^\s,;:–-])\n(?=[A-Z0-9À-Þ•*|])"  # noqa: RUF001
)
_LINE_BREAK = re.compile(r"\n")
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]|\b(?:e\.g|i\.e|etc|cf|vs|approx|fig|no|Dr|Mr|Ms|St))\.$")


def best_extract(
    document: Document, passage: Passage, query: Query, ranking: Ranking
) -> tuple[int, int]:
    """Characters [start, end) of the passage to quote: all of a short one, else the sentences
    (lines, in code and tables) that share most with the query. A list that an extract announces
    with a colon belongs to it."""
    start, end = _matching_extract(document, passage, query, ranking)
    if document.text[end - 1] == ":" and document.media not in (MediaKind.CODE, MediaKind.DATA):
        end = _end_of_list(document.text, start, end)
    return start, end


def _end_of_list(text: str, start: int, end: int) -> int:
    """Where the block after ``end`` ends, cut to whole lines that leave the extract short."""
    at = end
    while at < len(text) and text[at].isspace():
        at += 1
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end == -1 else line_end
        if not text[at:line_end].strip() or line_end - start > _LONGEST:
            break
        end, at = line_end, line_end + 1
    return _trimmed(text, start, end)[1]


def _matching_extract(
    document: Document, passage: Passage, query: Query, ranking: Ranking
) -> tuple[int, int]:
    if passage.end - passage.start <= _SHORT_ENOUGH or passage.header:
        return _trimmed(document.text, passage.start, passage.end)
    pieces = _pieces(document, passage)
    best, best_score = (0, len(pieces)), -1.0
    for first in range(len(pieces)):
        seen: set[str] = set()
        for last in range(first, len(pieces)):
            start, end = pieces[last]
            seen |= {term for term, _ in words(document.text[start:end])}
            size = end - pieces[first][0]
            if size > _LONGEST and last > first:
                break
            score = sum(
                weight * ranking.weight(term)
                for term, weight in query.weights.items()
                if term in seen
            )
            score *= 1 - 0.25 * min(size / _LONGEST, 1.0)
            if score > best_score:
                best, best_score = (first, last + 1), score
    first, last = best
    start = pieces[first][0]
    if query.asks_number and not _has_number(document.text, *pieces[first]):
        # What matched may be the head of a list or a table: the figures come below it.
        while (
            last < len(pieces)
            and pieces[last][1] - start <= _LONGEST
            and pieces[last][1] - pieces[last][0] <= _ROW
            and _has_number(document.text, *pieces[last])
        ):
            last += 1
    return _trimmed(document.text, start, pieces[last - 1][1])


def opening_extract(document: Document, passage: Passage) -> tuple[int, int]:
    """The passage's first sentences or lines, with the column names where it is a row."""
    if passage.header:
        header = document.text.rfind(passage.header, 0, passage.start)
        return _trimmed(document.text, header if header != -1 else passage.start, passage.end)
    pieces = _pieces(document, passage)
    end = pieces[0][1]
    for _, following in pieces[1:]:
        if following - passage.start > _SHORT_ENOUGH:
            break
        end = following
    return _trimmed(document.text, passage.start, end)


def _has_number(text: str, start: int, end: int) -> bool:
    return any(character.isdigit() for character in text[start:end])


def unique_extract(document: Document, start: int, end: int) -> tuple[int, int] | None:
    """The extract, with lines around it where its words stand in several places; None if even
    those don't tell the place."""
    for _ in range(_MAX_EXTRA_LINES + 1):
        evidence = check_quote(document, document.text[start:end])
        if evidence.state is QuoteState.EXACT and evidence.start == start:
            return start, end
        start, end = _with_neighbours(document.text, start, end)
    return None


def _with_neighbours(text: str, start: int, end: int) -> tuple[int, int]:
    """The extract with the line before and the line after it, past any blank ones."""
    above, below = start, end
    while above > 0 and text[above - 1].isspace():
        above -= 1
    while below < len(text) and text[below].isspace():
        below += 1
    after = text.find("\n", below)
    before = text.rfind("\n", 0, above) + 1
    return _trimmed(text, before, len(text) if after == -1 else after)


def _pieces(document: Document, passage: Passage) -> list[tuple[int, int]]:
    text = document.text
    is_prose = document.media not in (MediaKind.CODE, MediaKind.DATA, MediaKind.TABLE)
    break_at = _PROSE_BREAK if is_prose else _LINE_BREAK
    pieces: list[tuple[int, int]] = []
    start = passage.start
    for found in break_at.finditer(text, passage.start, passage.end):
        if _ABBREVIATION.search(text, max(start, found.start() - 8), found.start()):
            continue
        if found.start() > start:
            pieces.append((start, found.start()))
        start = found.end()
    if start < passage.end:
        pieces.append((start, passage.end))
    return pieces


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
