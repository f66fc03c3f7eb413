"""RapidOCR, which comes with the OCR extra, models included. Only its own process imports this."""

from importlib import import_module
from typing import Any

import numpy as np

from agentflow_desktop.adapters.readers.page_source import DrawnPage
from agentflow_desktop.adapters.readers.parsed import Unreadable
from agentflow_desktop.adapters.readers.recognised_text import FoundText


class RapidOcr:
    """Loads its models with the first page."""

    def __init__(self) -> None:
        self._engine: Any = None

    def recognise(self, page: DrawnPage) -> list[FoundText]:
        """What stands on the page. Raises Unreadable if the extra is not whole."""
        pixels: Any = np.frombuffer(page.pixels, np.uint8)
        pixels = pixels.reshape(page.height_px, page.width_px, 4)[:, :, :3]
        if self._engine is None:
            self._engine = _loaded()
        found: Any = self._engine(np.ascontiguousarray(pixels))
        if found.boxes is None:
            return []
        return [
            FoundText(str(text), _around(corners))
            for corners, text in zip(found.boxes.tolist(), found.txts, strict=True)
        ]


def _loaded() -> Any:
    try:
        rapid: Any = import_module("rapidocr")
    except ImportError as error:
        raise Unreadable("The OCR extra is not installed.") from error
    return rapid.RapidOCR(
        params={
            "Global.log_level": "error",
            # It took upright lines for upside down, and lines that were read together for others.
            "Global.use_cls": False,
            "Rec.rec_batch_num": 1,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _around(corners: list[list[float]]) -> tuple[float, float, float, float]:
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)
