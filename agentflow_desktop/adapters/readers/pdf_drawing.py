"""A page of a PDF as pixels, and where some characters of its text stand on them."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

pdfium: Any = pypdfium2_raw  # generated bindings without types

_WHITE = 0xFFFFFFFF
_BYTES_A_PIXEL = 4

Box = tuple[int, int, int, int]  # left, top, right and bottom in pixels


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one character stands. ``is_upright``: its line runs up or down the picture."""

    box: Box
    is_upright: bool


def picture_size(width: float, height: float, width_px: int, max_pixels: int) -> tuple[int, int]:
    """The width and height in pixels of something of this shape: as wide as asked for, but never
    more than ``max_pixels`` in all."""
    ratio = max(height, 1e-3) / max(width, 1e-3)
    widest = int((max_pixels / ratio) ** 0.5)
    wide = max(1, min(width_px, widest))
    return wide, max(1, min(round(wide * ratio), max_pixels // wide))


def page_size(page: Any, width_px: int, max_pixels: int) -> tuple[int, int]:
    """The size in pixels of a page as it is shown: turned, and cut to its crop box."""
    width: float = pdfium.FPDF_GetPageWidthF(page)
    height: float = pdfium.FPDF_GetPageHeightF(page)
    return picture_size(width, height, width_px, max_pixels)


def page_pixels(page: Any, width_px: int, height_px: int) -> bytes:
    """The page on white, four bytes a pixel: blue, green, red, and one that means nothing."""
    stride = width_px * _BYTES_A_PIXEL
    buffer = ctypes.create_string_buffer(stride * height_px)
    bitmap: Any = pdfium.FPDFBitmap_CreateEx(
        width_px, height_px, pdfium.FPDFBitmap_BGRx, buffer, stride
    )
    if not bitmap:
        raise MemoryError
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width_px, height_px, _WHITE)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width_px, height_px, 0, pdfium.FPDF_ANNOT)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return buffer.raw


def character_boxes(
    page: Any, text_page: Any, indices: Sequence[int], width_px: int, height_px: int
) -> list[Box]:
    """The rectangles that cover these characters, one for each stretch of a line."""
    boxes: list[Box] = []
    last: _Place | None = None
    for index in indices:
        place = _place(page, text_page, index, (width_px, height_px))
        if place is None:
            continue
        if last is not None and _is_next(last, place):
            boxes[-1] = _around(boxes[-1], place.box)
        else:
            boxes.append(place.box)
        last = place
    return boxes


def _place(page: Any, text_page: Any, index: int, size: tuple[int, int]) -> _Place | None:
    """Where a character stands; None for white space and for what is off the picture."""
    if chr(pdfium.FPDFText_GetUnicode(text_page, index) or 32).isspace():
        return None
    matrix = pdfium.FS_MATRIX()
    is_turned = is_level = False
    if pdfium.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix)):
        is_turned = abs(matrix.b) > abs(matrix.a)
        is_level = abs(matrix.b) <= 0.01 * abs(matrix.a)
    sides = _sides(text_page, index, is_level=is_level)
    if sides is None:
        return None
    left, bottom, right, top = sides
    x1, y1 = _to_picture(page, size, left, top)
    x2, y2 = _to_picture(page, size, right, bottom)
    box = (
        max(min(x1, x2), 0),
        max(min(y1, y2), 0),
        min(max(x1, x2), size[0]),
        min(max(y1, y2), size[1]),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return None
    is_page_turned = pdfium.FPDFPage_GetRotation(page) % 2 == 1
    return _Place(box, is_turned != is_page_turned)


def _sides(text_page: Any, index: int, *, is_level: bool) -> tuple[float, ...] | None:
    """Left, bottom, right and top in the page's own coordinates.

    Of level text as high as the line, of other text as high as the letter: PDFium knows no more.
    """
    found: tuple[float, ...] | None = None
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        found = (left.value, bottom.value, right.value, top.value)
    loose = pdfium.FS_RECTF()
    if is_level and pdfium.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(loose)):
        line = (loose.left, loose.bottom, loose.right, loose.top)
        if found is None:
            return line
        return (*map(min, found[:2], line[:2]), *map(max, found[2:], line[2:]))
    return found


def _to_picture(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value


def _is_next(last: _Place, place: _Place) -> bool:
    """Whether a character goes on in the line of the one before it."""
    if last.is_upright != place.is_upright:
        return False
    along, across = (1, 0) if place.is_upright else (0, 1)
    one, other = last.box, place.box
    thickness = min(one[across + 2] - one[across], other[across + 2] - other[across])
    shared = min(one[across + 2], other[across + 2]) - max(one[across], other[across])
    gap = max(one[along], other[along]) - min(one[along + 2], other[along + 2])
    thick = max(one[across + 2] - one[across], other[across + 2] - other[across])
    return shared * 2 >= thickness and gap <= 2 * thick


def _around(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )
