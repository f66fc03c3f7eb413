"""Whether a quote stands in a document, and where. The only judge of quotes in the program."""

import re

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.documents.close_quotes import find_close
from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.normal_form import HyphenBreak, normal_form

MIN_WORD_CHARACTERS = 3
_BREAK_IN_SOURCE = re.compile(r"[-\u00ad\u2010\u2011][^\S\n]*\n")
# Scripts written without spaces between words: a quote may begin and end anywhere.
_UNSPACED = re.compile(
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def check_quote(document: Document, quote: str) -> Evidence:
    """The quote with its state and place.

    Exact if it stands so in the text; else with white space, Unicode forms, dashes, quotation
    marks and hyphens at line ends made one. It never begins or ends within a word or a number:
    ``4.2`` is not found in ``14.25``, nor ``able`` in ``unable``. If it stands in several
    places it is AMBIGUOUS and the first place is given. In text that OCR read from a picture a
    few letters may differ, but no digit and no negation: then it is CLOSE. A quote of fewer than
    three letters and digits is not found: it would stand everywhere.
    """
    wanted = quote.strip()
    if sum(character.isalnum() for character in wanted) < MIN_WORD_CHARACTERS:
        return _not_found(document, quote)
    places = _places(document.text, wanted)
    if places:
        found = places[0]
        state = QuoteState.EXACT if len(places) == 1 else QuoteState.AMBIGUOUS
        return _found(document, quote, state, found, found + len(wanted))
    for hyphen_break in _breaks_to_try(document):
        form = document.normal_form(hyphen_break)
        normal_quote = normal_form(wanted, hyphen_break).text
        if not normal_quote:
            continue
        places = _places(form.text, normal_quote)
        if places:
            start, end = form.source_range(places[0], places[0] + len(normal_quote))
            state = QuoteState.SPACES if len(places) == 1 else QuoteState.AMBIGUOUS
            return _found(document, quote, state, start, end)
    if document.from_pictures:
        close = find_close(document, wanted)
        if close is not None:
            state = QuoteState.CLOSE if close.is_only else QuoteState.AMBIGUOUS
            return _found(document, quote, state, close.start, close.end)
    return _not_found(document, quote)


def _breaks_to_try(document: Document) -> tuple[HyphenBreak, ...]:
    if _BREAK_IN_SOURCE.search(document.text) is None:
        return (HyphenBreak.JOINED,)
    return (HyphenBreak.JOINED, HyphenBreak.KEPT, HyphenBreak.SPACED)


def _places(text: str, wanted: str) -> list[int]:
    """Where ``wanted`` stands as whole words; two places are enough to know."""
    places: list[int] = []
    at = text.find(wanted)
    while at != -1 and len(places) < 2:
        if _is_whole(text, at, at + len(wanted)):
            places.append(at)
        at = text.find(wanted, at + 1)
    return places


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (start > 0 and _cuts_before(text, start)) and not (
        end < len(text) and _cuts_after(text, end)
    )


def _cuts_before(text: str, start: int) -> bool:
    first, before = text[start], text[start - 1]
    if _is_word(first) and _is_word(before):
        return True
    if not first.isdigit() or start < 2:
        return first.isdigit() and before in "-\u2212"
    further = text[start - 2]
    if before in ".," and further.isdigit():
        return True
    return before in "-\u2212" and not further.isalnum()  # a sign, not a range


def _cuts_after(text: str, end: int) -> bool:
    last, after = text[end - 1], text[end]
    if _is_word(last) and _is_word(after):
        return True
    return last.isdigit() and after in ".," and end + 1 < len(text) and text[end + 1].isdigit()


def _is_word(character: str) -> bool:
    if character == "_":
        return True
    return character.isalnum() and _UNSPACED.match(character) is None


def _found(document: Document, quote: str, state: QuoteState, start: int, end: int) -> Evidence:
    span = document.span(start, end)
    return Evidence(
        file=document.name,
        digest=document.digest,
        quote=quote,
        state=state,
        page=span.page,
        line=span.line,
        end_line=span.end_line,
        start=start,
        end=end,
        section=span.page_name,
        is_from_ocr=span.page in document.from_pictures,
    )


def _not_found(document: Document, quote: str) -> Evidence:
    return Evidence(document.name, document.digest, quote, QuoteState.NOT_FOUND)
