"""The child process that reads pages which are pictures: JSON lines in, JSON lines out.

It draws the page itself, so that a hostile file meets only this process. The network is closed to
it: the models are files of the OCR extra, and nothing is fetched if one should be missing.
"""

import sys
from collections.abc import Callable
from typing import Any

from agentflow_desktop.adapters.readers.page_source import DrawnPage, PageSource
from agentflow_desktop.adapters.readers.recognised_text import FoundText
from agentflow_desktop.adapters.readers.sandbox import answered, reply_line, serve_requests

OCR_PIXELS = 2_800_000  # A4 in 2,000 rows, the most that RapidOCR takes without shrinking it
_WIDEST_PX = 1_000_000


Recognise = Callable[[DrawnPage], list[FoundText]]


def serve() -> int:
    """Answer requests until stdin ends, by RapidOCR."""
    from agentflow_desktop.adapters.readers.rapid_ocr import RapidOcr

    return serve_with(RapidOcr().recognise)


def serve_with(recognise: Recognise) -> int:
    """Answer requests until stdin ends."""
    source = PageSource()
    sys.addaudithook(_refuse_network)

    def answer(request: dict[str, Any]) -> bytes:
        return answered(lambda: _read(source, recognise, request), source.forget)

    return serve_requests(answer)


def _read(source: PageSource, recognise: Recognise, request: dict[str, Any]) -> bytes:
    page = source.drawn(request | {"width_px": _WIDEST_PX, "max_pixels": OCR_PIXELS})
    lines = [
        {
            "text": " ".join(found.text.split()),
            "box": [
                _share(side, size)
                for side, size in zip(found.box, (page.width_px, page.height_px) * 2, strict=True)
            ],
        }
        for found in recognise(page)
        if found.text.strip()
    ]
    return reply_line({"state": "recognised", "lines": lines})


def _share(side_px: float, size_px: int) -> float:
    return min(max(side_px / size_px, 0.0), 1.0)


def _refuse_network(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError("the OCR process has no network")
