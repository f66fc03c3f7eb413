"""A page as a picture, and where a quote stands on it. Owns the types; an adapter draws."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True)
class PixelBox:
    """Pixels [left, right) by [top, bottom), counted from the top left corner of the picture."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page of a document as it is shown: turned, and cut to its crop box.

    ``pixels`` are rows from the top without gaps, four bytes a pixel: blue, green, red, and one
    that means nothing. ``quote_boxes`` cover the quote, one for each stretch of a line; none if
    it does not stand on this page. ``is_from_ocr``: the text of the page was read from its
    picture.
    """

    page: int
    page_count: int
    width_px: int
    height_px: int
    pixels: bytes
    quote_boxes: tuple[PixelBox, ...]
    is_from_ocr: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page to draw: ``page`` counts from 1, of the document of this digest, which is the
    file at ``path`` or lies within it. ``quote`` are characters [start, end) of the page's text.

    ``width_px`` is the width to draw it in; at most MAX_PIXELS are drawn in all.
    """

    path: Path
    name: str
    digest: str
    page: int
    quote: tuple[int, int]
    width_px: int


class PageDrawer(Protocol):
    """Draws pages outside of this process."""

    async def draw(self, request: PageRequest) -> PageImage:
        """Raises InputRefused if the document is not there any more or can't be drawn."""
        ...
