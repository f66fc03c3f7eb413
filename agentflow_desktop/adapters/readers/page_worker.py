"""The child process that draws pages: a JSON line in, a JSON line and plain pixels out."""

from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

from agentflow_desktop.adapters.readers.formats import Formats
from agentflow_desktop.adapters.readers.page_source import PageSource
from agentflow_desktop.adapters.readers.parsed import Allowance
from agentflow_desktop.adapters.readers.pdf_drawing import Box, character_boxes
from agentflow_desktop.adapters.readers.pdf_text import character_indices
from agentflow_desktop.adapters.readers.sandbox import answered, reply_line, serve_requests

pdfium: Any = pypdfium2_raw  # generated bindings without types


def serve() -> int:
    """Answer requests until stdin ends."""
    return serve_requests(_PageWorker().answer)


class _PageWorker:
    """Draws pages and finds the quote's characters on them."""

    def __init__(self) -> None:
        self._source = PageSource()
        self._formats = Formats()

    def answer(self, request: dict[str, Any]) -> bytes:
        return answered(lambda: self._drawn(request), self._source.forget)

    def _drawn(self, request: dict[str, Any]) -> bytes:
        drawn = self._source.drawn(request)
        boxes: list[Box] = []
        if drawn.page is not None:
            boxes = self._quote_boxes(drawn.page, request, drawn.width_px, drawn.height_px)
        head = {
            "state": "drawn",
            "page_count": drawn.page_count,
            "width_px": drawn.width_px,
            "height_px": drawn.height_px,
            "boxes": boxes,
        }
        return reply_line(head) + drawn.pixels

    def _quote_boxes(
        self, page: Any, request: dict[str, Any], width_px: int, height_px: int
    ) -> list[Box]:
        start, end = int(request["start"]), int(request["end"])
        if start >= end:
            return []
        number = int(request["page"])
        allowance = Allowance.for_file(int(request["max_bytes"]), int(request["max_pages"]))
        read = self._formats.read(
            self._source.content,
            "it.pdf",
            allowance,
            digest=self._source.digest,
            page_range=(number - 1, number),
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
