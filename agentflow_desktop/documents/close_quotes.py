"""Quotes that stand in the text of a picture but for a few letters, which OCR may have mistaken."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.normal_form import HyphenBreak, normal_form

_MIN_CHARACTERS = 20
_MIN_SCORE = 95.0
_WORD = re.compile(r"[^\W_]+(?:[.,:/'-][^\W_]+)*")
_NEGATIONS = frozenset(
    "no not never none nor neither without cannot nobody nothing except unless only "
    "nicht kein keine keinen keiner nie niemals ohne weder ne pas jamais sans sin nunca".split()
)
_SIGNS = re.compile(r"[<>=+%$€£°±≤≥-]")


@dataclass(frozen=True, slots=True)
class ClosePlace:
    """Characters [start, end) of the document. ``is_only``: no other place is as close."""

    start: int
    end: int
    is_only: bool


def find_close(document: Document, quote: str) -> ClosePlace | None:
    """Where a quote of at least 20 characters stands at 95 of 100 in a page read by OCR, with
    every number, id, sign and negation as it is; None if nowhere."""
    wanted = normal_form(quote, HyphenBreak.JOINED).text
    if len(wanted) < _MIN_CHARACTERS:
        return None
    found: list[ClosePlace] = []
    for page in document.pages:
        if page.number not in document.from_pictures:
            continue
        own = normal_form(document.text[page.start : page.end], HyphenBreak.JOINED)
        places = _places(own.text, wanted)
        for start, end in places:
            first, last = own.source_range(start, end)
            found.append(ClosePlace(page.start + first, page.start + last, is_only=True))
    if not found:
        return None
    first_found = found[0]
    return ClosePlace(first_found.start, first_found.end, is_only=len(found) == 1)


def _places(text: str, wanted: str) -> list[tuple[int, int]]:
    """At most two places; a second is looked for in what is left on either side of the first."""
    place = _best(text, wanted, 0)
    if place is None:
        return []
    start, end = place
    other = _best(text[:start], wanted, 0) or _best(text[end:], wanted, end)
    return [place] if other is None else sorted([place, other])


def _best(text: str, wanted: str, offset: int) -> tuple[int, int] | None:
    if len(text) < len(wanted) // 2:
        return None
    aligned = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=_MIN_SCORE)
    if aligned is None:
        return None
    start, end = _whole_words(text, aligned.dest_start, aligned.dest_end)
    stands = text[start:end]
    if fuzz.ratio(wanted, stands) < _MIN_SCORE or _fixed(wanted) != _fixed(stands):
        return None
    return offset + start, offset + end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The place made wider to where its first and last word begin and end."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _fixed(text: str) -> list[str]:
    """What may not differ, in order: words with a digit in them, negations, and signs."""
    lowered = text.lower()
    words = [
        word
        for word in _WORD.findall(lowered)
        if any(map(str.isdigit, word)) or word in _NEGATIONS or word.endswith("n't")
    ]
    return [*words, *_SIGNS.findall(lowered)]
