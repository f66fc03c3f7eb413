"""The child process that reads pages which are pictures: JSON lines in, JSON lines out.

It draws the page itself, so that a hostile file meets only this process. The network is closed to
it: the models are files of the OCR extra, and nothing is fetched if one should be missing.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from agentflow_desktop.adapters.readers.page_source import DrawnPage, PageSource
from agentflow_desktop.adapters.readers.parsed import Unreadable
from agentflow_desktop.adapters.readers.sandbox import answered, reply_line, serve_requests

OCR_PIXELS = 4_000_000  # a page of A4 at 200 dots per inch
_WIDEST_PX = 1_000_000


@dataclass(frozen=True, slots=True)
class FoundText:
    """A stretch of a line: left, top, right and bottom in pixels."""

    text: str
    box: tuple[float, float, float, float]


Recognise = Callable[[DrawnPage], list[FoundText]]


def serve() -> int:
    """Answer requests until stdin ends, by RapidOCR."""
    return serve_with(_rapid_ocr())


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


def _rapid_ocr() -> Recognise:
    engine: Any = None

    def recognise(page: DrawnPage) -> list[FoundText]:
        nonlocal engine
        if engine is None:
            engine = _engine()
        import numpy as np

        pixels = np.frombuffer(page.pixels, np.uint8).reshape(page.height_px, page.width_px, 4)
        found: Any = engine(np.ascontiguousarray(pixels[:, :, :3]))
        if found.boxes is None:
            return []
        return [
            FoundText(str(text), _around(corners))
            for corners, text in zip(found.boxes.tolist(), found.txts, strict=True)
        ]

    return recognise


def _engine() -> Any:
    try:
        rapid: Any = import_module("rapidocr")
    except ImportError as error:
        raise Unreadable("The OCR extra is not installed.") from error
    return rapid.RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _around(corners: list[list[float]]) -> tuple[float, float, float, float]:
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _refuse_network(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError("the OCR process has no network")
