"""What an OCR engine found on a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundText:
    """A stretch of a line: left, top, right and bottom in pixels."""

    text: str
    box: tuple[float, float, float, float]
