"""The text of one PDF page as a person sees it, and which of PDFium's characters it was made of."""

import ctypes
import re
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.pdf_hiding import address_of, hidden_objects

pdfium: Any = pypdfium2_raw  # generated bindings without types

_TRAILING_SPACES = re.compile(r"[ \t]+\n")
# What PDFium gives for a character of the text that is not that character itself.
_MADE_OF = {"\n": "\r\ufffe", "-": "\ufffe"}

Runs = list[tuple[int, int]]


def visible_text(page: Any, text_page: Any) -> tuple[str, int]:
    """The text that can be seen, and how many characters can't."""
    runs, left_out = visible_runs(page, text_page)
    return _tidy("".join(_text_of(text_page, *run) for run in runs)), left_out


def visible_runs(page: Any, text_page: Any) -> tuple[Runs, int]:
    """The ranges [start, end) of PDFium's characters that can be seen, and how many can't."""
    count: int = pdfium.FPDFText_CountChars(text_page)
    hidden = hidden_objects(page)
    if not hidden:
        return [(0, count)], 0
    runs: Runs = []
    start = left_out = 0
    for at in range(count + 1):
        is_end = at == count
        if is_end or address_of(pdfium.FPDFText_GetTextObject(text_page, at)) in hidden:
            if at > start:
                runs.append((start, at))
            start = at + 1
            left_out += not is_end
    return runs, left_out


def character_indices(page: Any, text_page: Any, kept: str) -> list[int] | None:
    """For every character of ``kept``, the reader's text of the page, PDFium's index of it.

    The reader only drops characters and writes line ends its own way, so each is the next of
    PDFium's that it can have been made of. None if the text was not made of this page.
    """
    made: list[tuple[str, int]] = []
    for start, end in visible_runs(page, text_page)[0]:
        made += _indexed(text_page, start, end)
    indices: list[int] = []
    at = 0
    for character in kept:
        sources = character + _MADE_OF.get(character, "")
        # A word broken at a line's end is one character of PDFium and two of the text.
        is_broken = character == "\n" and at and made[at - 1][0] == "\ufffe"
        if is_broken and kept[len(indices) - 1] == "-" and indices[-1] == made[at - 1][1]:
            indices.append(made[at - 1][1])
            continue
        while at < len(made) and made[at][0] not in sources:
            at += 1
        if at == len(made):
            return None
        indices.append(made[at][1])
        at += 1
    return indices


def _indexed(text_page: Any, start: int, end: int) -> list[tuple[str, int]]:
    """The text of characters [start, end), each with its index."""
    text = _text_of(text_page, start, end)
    if not text:
        return []
    first = _first_in_text(text_page, start, end)
    place: int = pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, first)
    last = end - 1
    while pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, last) < 0:
        last -= 1
    places: int = pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, last) - place + 1
    is_utf16 = places > len(text)  # a platform's wide characters decide
    indexed: list[tuple[str, int]] = []
    for character in text:
        indexed.append((character, pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, place)))
        place += 2 if is_utf16 and character > "\uffff" else 1
    return indexed


def _first_in_text(text_page: Any, start: int, end: int) -> int:
    """The first of characters [start, end) that is part of the text, ``end`` if none is."""
    first = start
    while first < end and pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, first) < 0:
        first += 1
    return first


def _text_of(text_page: Any, start: int, end: int) -> str:
    """The text of characters [start, end)."""
    # A leading character that PDFium leaves out of the text would make it give no text at all.
    first = _first_in_text(text_page, start, end)
    if first >= end:
        return ""
    size = 2 * (end - first) + 2
    buffer = (ctypes.c_ushort * size)()
    written: int = pdfium.FPDFText_GetText(text_page, first, end - first, buffer)
    return bytes(memoryview(buffer).cast("B")[: 2 * max(written - 1, 0)]).decode(
        "utf-16-le", "replace"
    )


def _tidy(text: str) -> str:
    # PDFium joins a word broken at a line's end by U+FFFE: on the page stand a hyphen and a break.
    text = text.replace("\r\n", "\n").replace("\ufffe", "-\n").replace("\r", "\n")
    text = text.replace("\x00", "")
    if " \n" in text or "\t\n" in text:
        text = _TRAILING_SPACES.sub("\n", text)
    return text.strip("\n")
