"""An OCR process that knows one thing: a black bar says which bar of the page it is.

Run as a script it speaks the program's own protocol within its own limits.
"""

import sys
from pathlib import Path

import numpy as np

from agentflow_desktop.adapters.readers.ocr_worker import serve_with
from agentflow_desktop.adapters.readers.page_source import DrawnPage
from agentflow_desktop.adapters.readers.recognised_text import FoundText

SMALL_OCR = (sys.executable, "-P", str(Path(__file__)))


def read_bars(page: DrawnPage) -> list[FoundText]:
    """One line for each run of rows with ink in them."""
    pixels = np.frombuffer(page.pixels, np.uint8).reshape(page.height_px, page.width_px, 4)
    dark = pixels[:, :, 1] < 128
    rows = np.flatnonzero(np.diff(np.concatenate(([0], dark.any(axis=1).astype(np.int8), [0]))))
    found: list[FoundText] = []
    for top, bottom in rows.reshape(-1, 2).tolist():
        columns = np.flatnonzero(dark[top:bottom].any(axis=0))
        box = (float(columns[0]), float(top), float(columns[-1] + 1), float(bottom))
        found.append(FoundText(f"This is the printed line number {len(found) + 1} here.", box))
    return found


if __name__ == "__main__":
    sys.exit(serve_with(read_bars))
