"""PDF to text, page by page, straight on PDFium's functions to keep the cost of a page low."""

from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
from agentflow_desktop.adapters.readers.pdf_file import PdfFile
from agentflow_desktop.adapters.readers.pdf_text import visible_text
from agentflow_desktop.documents.document import MediaKind

pdfium: Any = pypdfium2_raw  # generated bindings without types

_ALMOST_NO_TEXT = 4


class PdfReader:
    """Reads page ranges, one after another, of one file."""

    def __init__(self) -> None:
        self._file = PdfFile()

    def read(self, content: bytes, key: str, first: int, last: int, max_pages: int) -> Parsed:
        """Pages [first, last) of the file, counted from 0. ``key`` is the content's digest.

        Raises Unreadable if it is encrypted, damaged or has too many pages.
        """
        document = self._file.open(content, key)
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


def _page_text(document: Any, index: int) -> tuple[str, int]:
    """The text of a page that can be seen, and how many characters can't."""
    page: Any = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return "", 0
    text_page: Any = pdfium.FPDFText_LoadPage(page)
    try:
        return visible_text(page, text_page) if text_page else ("", 0)
    finally:
        if text_page:
            pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)
