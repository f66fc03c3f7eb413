"""PDF to text, page by page, straight on PDFium's functions to keep the cost of a page low."""

import ctypes
import re
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
from agentflow_desktop.adapters.readers.pdf_hiding import address_of, hidden_objects
from agentflow_desktop.documents.document import MediaKind

pdfium: Any = pypdfium2_raw  # generated bindings without types

_ALMOST_NO_TEXT = 4
_TRAILING_SPACES = re.compile(r"[ \t]+\n")
_REASONS = {
    pdfium.FPDF_ERR_PASSWORD: "It is protected by a password.",
    pdfium.FPDF_ERR_SECURITY: "It is protected by a security scheme that can't be opened.",
    pdfium.FPDF_ERR_FORMAT: "It is damaged or is no PDF.",
}


class PdfReader:
    """Keeps the last file open, so that further page ranges of it cost no second parsing."""

    def __init__(self) -> None:
        pdfium.FPDF_InitLibrary()
        self._key = ""
        self._document: Any = None
        self._content = b""

    def read(self, content: bytes, key: str, first: int, last: int, max_pages: int) -> Parsed:
        """Pages [first, last) of the file, counted from 0. ``key`` is the content's digest.

        Raises Unreadable if it is encrypted, damaged or has too many pages.
        """
        document = self._opened(content, key)
        count: int = pdfium.FPDF_GetPageCount(document)
        if count > max_pages:
            raise Unreadable(f"It has {count} pages; at most {max_pages} are read.")
        if count == 0:
            raise Unreadable("It has no pages.")
        read = [_page_text(document, index) for index in range(first, min(last, count))]
        pages = tuple(text for text, _ in read)
        notes = tuple(
            f"Page {number}: {hidden:,} characters that nobody can see were left out."
            for number, (_, hidden) in enumerate(read, first + 1)
            if hidden
        )
        empty = tuple(
            number
            for number, text in enumerate(pages, first + 1)
            if len(text) < 200 and len("".join(text.split())) < _ALMOST_NO_TEXT
        )
        return Parsed(
            MediaKind.PDF,
            notes=notes,
            pages=pages,
            page_count=count,
            empty_pages=empty,
        )

    def _opened(self, content: bytes, key: str) -> Any:
        if self._document is not None and self._key == key:
            return self._document
        if self._document is not None:
            pdfium.FPDF_CloseDocument(self._document)
            self._document = None
        self._content = content  # PDFium reads from it as long as the document is open
        self._document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
        if not self._document:
            self._document = None
            code: int = pdfium.FPDF_GetLastError()
            raise Unreadable(_REASONS.get(code, "It can't be opened as a PDF."))
        self._key = key
        return self._document


def _page_text(document: Any, index: int) -> tuple[str, int]:
    """The text of a page that can be seen, and how many characters can't."""
    page: Any = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return "", 0
    text_page: Any = pdfium.FPDFText_LoadPage(page)
    try:
        return _visible_text(page, text_page) if text_page else ("", 0)
    finally:
        if text_page:
            pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)


def _visible_text(page: Any, text_page: Any) -> tuple[str, int]:
    count: int = pdfium.FPDFText_CountChars(text_page)
    hidden = hidden_objects(page)
    if not hidden:
        return _tidy(_text_of(text_page, 0, count)), 0
    pieces: list[str] = []
    start = left_out = 0
    for at in range(count + 1):
        is_end = at == count
        if is_end or address_of(pdfium.FPDFText_GetTextObject(text_page, at)) in hidden:
            if at > start:
                pieces.append(_text_of(text_page, start, at))
            start = at + 1
            left_out += not is_end
    return _tidy("".join(pieces)), left_out


def _text_of(text_page: Any, start: int, end: int) -> str:
    """The text of characters [start, end)."""
    first = start
    # A leading character that PDFium leaves out of the text would make it give no text at all.
    while first < end and pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, first) < 0:
        first += 1
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
