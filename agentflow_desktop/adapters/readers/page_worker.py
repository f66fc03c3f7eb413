"""The child process that draws pages: a JSON line in, a JSON line and plain pixels out."""

from hashlib import sha256
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.formats import Formats
from agentflow_desktop.adapters.readers.loaded_file import LoadedFile
from agentflow_desktop.adapters.readers.parsed import Allowance, Enclosed, Unreadable
from agentflow_desktop.adapters.readers.pdf_drawing import (
    Box,
    character_boxes,
    page_pixels,
    page_size,
)
from agentflow_desktop.adapters.readers.pdf_file import PdfFile
from agentflow_desktop.adapters.readers.pdf_text import character_indices
from agentflow_desktop.adapters.readers.sandbox import answered, reply_line, serve_requests

pdfium: Any = pypdfium2_raw  # generated bindings without types


def serve() -> int:
    """Answer requests until stdin ends."""
    return serve_requests(_PageWorker().answer)


class _PageWorker:
    """Draws pages. Keeps the last document open, whose next page is often asked for next."""

    def __init__(self) -> None:
        self._file = LoadedFile()
        self._pdf = PdfFile()
        self._formats = Formats()
        self._content = b""
        self._digest = ""

    def answer(self, request: dict[str, Any]) -> bytes:
        return answered(lambda: self._drawn(request), self._forget)

    def _drawn(self, request: dict[str, Any]) -> bytes:
        self._load(request)
        document = self._pdf.open(self._content, self._digest)
        count: int = pdfium.FPDF_GetPageCount(document)
        number = int(request["page"])
        page: Any = pdfium.FPDF_LoadPage(document, number - 1)
        if not page:
            raise Unreadable(f"It has no page {number} that can be shown.")
        try:
            width_px, height_px = page_size(
                page, int(request["width_px"]), int(request["max_pixels"])
            )
            boxes = self._quote_boxes(page, request, width_px, height_px)
            pixels = page_pixels(page, width_px, height_px)
        finally:
            pdfium.FPDF_ClosePage(page)
        head = {
            "state": "drawn",
            "page_count": count,
            "width_px": width_px,
            "height_px": height_px,
            "boxes": boxes,
        }
        return reply_line(head) + pixels

    def _quote_boxes(
        self, page: Any, request: dict[str, Any], width_px: int, height_px: int
    ) -> list[Box]:
        start, end = int(request["start"]), int(request["end"])
        if start >= end:
            return []
        number = int(request["page"])
        allowance = Allowance.for_file(int(request["max_bytes"]), int(request["max_pages"]))
        read = self._formats.read(
            self._content, "it.pdf", allowance, digest=self._digest, page_range=(number - 1, number)
        )
        (kept,) = read.pages or ("",)
        text_page: Any = pdfium.FPDFText_LoadPage(page)
        if not text_page:
            return []
        try:
            indices = character_indices(page, text_page, kept) or []
            quoted = list(dict.fromkeys(indices[start:end]))
            return character_boxes(page, text_page, quoted, width_px, height_px)
        finally:
            pdfium.FPDFText_ClosePage(text_page)

    def _load(self, request: dict[str, Any]) -> None:
        """Take in the document of the digest that is asked for."""
        digest, max_bytes = str(request["digest"]), int(request["max_bytes"])
        self._file.load(str(request["path"]), max_bytes)
        if self._digest == digest:
            return
        self._forget_document()
        allowance = Allowance.for_file(max_bytes, int(request["max_pages"]))
        content = self._file.content
        if self._file.digest != digest:
            content = _content_within(content, str(request["name"]), digest, allowance)
        self._content, self._digest = content, digest

    def _forget_document(self) -> None:
        self._content, self._digest = b"", ""

    def _forget(self) -> None:
        self._forget_document()
        self._file.forget()


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
