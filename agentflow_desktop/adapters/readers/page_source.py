"""The document whose pages a child process draws: a file, or one within a mail, PDF or picture."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.content import HEAD_BYTES, ContentKind, sniff
from agentflow_desktop.adapters.readers.loaded_file import LoadedFile
from agentflow_desktop.adapters.readers.parsed import Allowance, Enclosed, Unreadable
from agentflow_desktop.adapters.readers.pdf_drawing import page_pixels, page_size
from agentflow_desktop.adapters.readers.pdf_file import PdfFile

pdfium: Any = pypdfium2_raw  # generated bindings without types


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """``pixels`` are four bytes each: blue, green, red, and one that means nothing. ``page`` is
    PDFium's handle, None for a picture; it is valid until the next page is drawn."""

    page_count: int
    width_px: int
    height_px: int
    pixels: bytes
    page: Any


class PageSource:
    """Keeps the last document open, whose next page is often asked for next."""

    def __init__(self) -> None:
        self._file = LoadedFile()
        self._pdf = PdfFile()
        self._page: Any = None
        self.content = b""
        self.digest = ""

    def drawn(self, request: dict[str, Any]) -> DrawnPage:
        """The page that is asked for. Raises Unreadable and OSError."""
        self._load(request)
        number = int(request["page"])
        width_px, max_pixels = int(request["width_px"]), int(request["max_pixels"])
        if sniff(self.content[:HEAD_BYTES], str(request["name"])).kind is ContentKind.PICTURE:
            return self._drawn_picture(number, width_px, max_pixels)
        document = self._pdf.open(self.content, self.digest)
        count: int = pdfium.FPDF_GetPageCount(document)
        self._page = pdfium.FPDF_LoadPage(document, number - 1)
        if not self._page:
            self._page = None
            raise Unreadable(f"It has no page {number} that can be shown.")
        size = page_size(self._page, width_px, max_pixels)
        return DrawnPage(count, *size, page_pixels(self._page, *size), self._page)

    def forget(self) -> None:
        self._close_page()
        self.content, self.digest = b"", ""
        self._file.forget()

    def _drawn_picture(self, number: int, width_px: int, max_pixels: int) -> DrawnPage:
        from agentflow_desktop.adapters.readers import picture_file

        count = picture_file.page_count(self.content)
        size_and_pixels = picture_file.page_pixels(self.content, number, width_px, max_pixels)
        return DrawnPage(count, *size_and_pixels, None)

    def _close_page(self) -> None:
        if self._page is not None:
            pdfium.FPDF_ClosePage(self._page)
            self._page = None

    def _load(self, request: dict[str, Any]) -> None:
        """Take in the document of the digest that is asked for."""
        digest, max_bytes = str(request["digest"]), int(request["max_bytes"])
        self._close_page()
        self._file.load(str(request["path"]), max_bytes)
        if self.digest == digest:
            return
        self.content, self.digest = b"", ""
        allowance = Allowance.for_file(max_bytes, int(request["max_pages"]))
        content = self._file.content
        if self._file.digest != digest:
            content = _content_within(content, str(request["name"]), digest, allowance)
        self.content, self.digest = content, digest


def _content_within(content: bytes, name: str, digest: str, allowance: Allowance) -> bytes:
    """The bytes of the document of this digest within a mail. Raises Unreadable without one."""
    from agentflow_desktop.adapters.readers.mail_format import read_mail

    found: list[bytes] = []

    def look(inner: bytes, _name: str, allowance: Allowance) -> list[Enclosed]:
        allowance.take_document()
        if sha256(inner).hexdigest() == digest:
            found.append(inner)
        return []

    if "/" in name or name.lower().endswith(".eml"):
        read_mail(content, allowance, look)
    if not found:
        raise Unreadable("It was changed since it was read.")
    return found[0]
