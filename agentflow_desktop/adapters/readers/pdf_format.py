"""PDF to text, page by page, straight on PDFium's functions to keep the cost of a page low."""

import ctypes
import re
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
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
        pages = tuple(_page_text(document, index) for index in range(first, min(last, count)))
        empty = tuple(
            number
            for number, text in enumerate(pages, first + 1)
            if len(text) < 200 and len("".join(text.split())) < _ALMOST_NO_TEXT
        )
        return Parsed(
            MediaKind.PDF, pages=pages, first_page=first, page_count=count, empty_pages=empty
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


def _page_text(document: Any, index: int) -> str:
    page: Any = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return ""
    text_page: Any = pdfium.FPDFText_LoadPage(page)
    try:
        return _text_of(text_page) if text_page else ""
    finally:
        if text_page:
            pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)


def _text_of(text_page: Any) -> str:
    count: int = pdfium.FPDFText_CountChars(text_page)
    first = 0
    # A leading character that PDFium leaves out of the text would make it give no text at all.
    while first < count and pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, first) < 0:
        first += 1
    if first >= count:
        return ""
    size = 2 * (count - first) + 2
    buffer = (ctypes.c_ushort * size)()
    written: int = pdfium.FPDFText_GetText(text_page, first, count - first, buffer)
    text = bytes(memoryview(buffer).cast("B")[: 2 * max(written - 1, 0)]).decode(
        "utf-16-le", "replace"
    )
    # PDFium joins a word broken at a line's end by U+FFFE: on the page stand a hyphen and a break.
    text = text.replace("\r\n", "\n").replace("\ufffe", "-\n").replace("\r", "\n")
    return _TRAILING_SPACES.sub("\n", text.replace("\x00", "")).strip("\n")
