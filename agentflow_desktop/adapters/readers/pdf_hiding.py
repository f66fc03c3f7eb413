"""Which text of a PDF page nobody can see: invisible, white on white, tiny, or off the page.

Judges the objects of a page in the order of painting. The invisible text over a scanned picture
is not hidden: it says what the picture shows. Text that a later object covers is not found.
"""

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2_raw  # pyright: ignore[reportMissingTypeStubs]

pdfium: Any = pypdfium2_raw  # generated bindings without types


def _bound(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of PDFium that takes and gives addresses as plain integers: a page has hundreds
    of objects, and a pointer object for each would cost more than the answers."""
    prototype: Any = ctypes.PYFUNCTYPE(result, *arguments)
    return prototype(ctypes.cast(function, ctypes.c_void_p).value)


_INT, _POINTER = ctypes.c_int, ctypes.c_void_p
_count_objects = _bound(pdfium.FPDFPage_CountObjects, _INT, _POINTER)
_get_object = _bound(pdfium.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_kind_of = _bound(pdfium.FPDFPageObj_GetType, _INT, _POINTER)
_get_bounds = _bound(pdfium.FPDFPageObj_GetBounds, _INT, *[_POINTER] * 5)
_get_matrix = _bound(pdfium.FPDFPageObj_GetMatrix, _INT, _POINTER, _POINTER)
_get_fill_color = _bound(pdfium.FPDFPageObj_GetFillColor, _INT, *[_POINTER] * 5)
_get_font_size = _bound(pdfium.FPDFTextObj_GetFontSize, _INT, _POINTER, _POINTER)
_render_mode_of = _bound(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _POINTER)
_count_inner = _bound(pdfium.FPDFFormObj_CountObjects, _INT, _POINTER)
_get_inner = _bound(pdfium.FPDFFormObj_GetObject, _POINTER, _POINTER, ctypes.c_ulong)
_get_draw_mode = _bound(pdfium.FPDFPath_GetDrawMode, _INT, _POINTER, _POINTER, _POINTER)

_Box = tuple[float, float, float, float]
_Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_TINY_PT = 1.5
_WHITE_FROM = 247
_CLEAR_BELOW = 16
_MAX_DEPTH = 6
_MAX_OBJECTS = 50_000
_MAX_GROUNDS = 2_000
_NEVER_DRAWN = (
    pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
    pdfium.FPDF_TEXTRENDERMODE_CLIP,
)
_STROKED = (pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP)


def hidden_objects(page: Any) -> frozenset[int]:
    """The addresses of the text objects of a page that can't be seen."""
    search = _Search(_page_box(page), _Measure())
    where = address_of(page)
    for index in range(min(_count_objects(where), _MAX_OBJECTS)):
        item: int = _get_object(where, index)
        if _kind_of(item) != pdfium.FPDF_PAGEOBJ_TEXT:
            search.look_at(item, _IDENTITY, 0)
        elif search.is_hidden(item, _IDENTITY):
            search.hidden.add(item)
    return frozenset(search.hidden)


def address_of(item: int) -> int:
    """What tells one object of a page from another; 0 for none."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0


class _Measure:
    """Asks PDFium through the same few buffers again and again."""

    def __init__(self) -> None:
        self._sides = (ctypes.c_float * 4)()
        self._side_places = _places(self._sides)
        self._channels = (ctypes.c_uint * 4)()
        self._channel_places = _places(self._channels)
        self._size = ctypes.c_float()
        self._size_place = ctypes.addressof(self._size)
        self._terms = (ctypes.c_float * 6)()
        self._terms_place = ctypes.addressof(self._terms)

    def box(self, item: int, outer: _Matrix) -> _Box | None:
        """Left, bottom, right and top in the page's own coordinates."""
        if not _get_bounds(item, *self._side_places):
            return None
        left, bottom, right, top = self._sides[:]
        if outer is _IDENTITY:
            return (left, bottom, right, top)
        a, b, c, d, e, f = outer
        corners = [(x, y) for x in (left, right) for y in (bottom, top)]
        xs = [a * x + c * y + e for x, y in corners]
        ys = [b * x + d * y + f for x, y in corners]
        return (min(xs), min(ys), max(xs), max(ys))

    def is_pale(self, item: int) -> bool:
        """Whether its fill is white or clear."""
        if not _get_fill_color(item, *self._channel_places):
            return False
        red, green, blue, alpha = self._channels[:]
        is_white = red >= _WHITE_FROM and green >= _WHITE_FROM and blue >= _WHITE_FROM
        return is_white or alpha < _CLEAR_BELOW

    def size_pt(self, item: int, matrix: _Matrix) -> float:
        """The size of its letters as drawn; large where it can't be told."""
        if not _get_font_size(item, self._size_place):
            return 1e9
        c, d = matrix[2], matrix[3]
        return abs(self._size.value) * (c * c + d * d) ** 0.5

    def matrix(self, item: int, outer: _Matrix) -> _Matrix:
        """What maps the object's own coordinates to the page's."""
        if not _get_matrix(item, self._terms_place):
            return outer
        a, b, c, d, e, f = self._terms[:]
        own = (a, b, c, d, e, f)
        return own if outer is _IDENTITY else _times(own, outer)


def _places(numbers: Any) -> list[int]:
    """The addresses of the members of an array of four-byte numbers."""
    start = ctypes.addressof(numbers)
    return [start + 4 * at for at in range(len(numbers))]


@dataclass(slots=True)
class _Search:
    page: _Box
    measure: _Measure
    hidden: set[int] = field(default_factory=set[int])
    grounds: list[_Box] = field(default_factory=list[_Box])  # what is dark or a picture, so far
    pictures: list[_Box] = field(default_factory=list[_Box])
    seen: int = 0

    def look_at(self, item: int, outer: _Matrix, depth: int) -> None:
        self.seen += 1
        if not item or self.seen > _MAX_OBJECTS:
            return
        kind: int = _kind_of(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if self.is_hidden(item, outer):
                self.hidden.add(item)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            if depth < _MAX_DEPTH:
                inner = self.measure.matrix(item, outer)
                for index in range(_count_inner(item)):
                    self.look_at(_get_inner(item, index) or 0, inner, depth + 1)
        elif len(self.grounds) < _MAX_GROUNDS:
            self._note_ground(item, kind, outer)

    def _note_ground(self, item: int, kind: int, outer: _Matrix) -> None:
        box = self.measure.box(item, outer)
        if box is None:
            return
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self.pictures.append(box)
            self.grounds.append(box)
        elif kind == pdfium.FPDF_PAGEOBJ_SHADING or (
            kind == pdfium.FPDF_PAGEOBJ_PATH and _is_filled(item) and not self.measure.is_pale(item)
        ):
            self.grounds.append(box)

    def is_hidden(self, item: int, outer: _Matrix) -> bool:
        """Whether a text object can't be seen, given what was painted before it."""
        matrix = self.measure.matrix(item, outer)
        if not self._is_on_page(matrix) and self._is_off_page(item, outer):
            return True
        mode: int = _render_mode_of(item)
        if mode in _NEVER_DRAWN:
            return not self._is_over(item, outer, self.pictures)
        if self.measure.size_pt(item, matrix) < _TINY_PT:
            return True
        if mode in _STROKED:
            return False
        return self.measure.is_pale(item) and not self._is_over(item, outer, self.grounds)

    def _is_on_page(self, matrix: _Matrix) -> bool:
        """Whether the point where its first letter begins is on the page: then so is its box."""
        left, bottom, right, top = self.page
        return left < matrix[4] < right and bottom < matrix[5] < top

    def _is_off_page(self, item: int, outer: _Matrix) -> bool:
        box = self.measure.box(item, outer)
        if box is None:
            return False
        return (
            box[2] <= self.page[0]
            or box[0] >= self.page[2]
            or box[3] <= self.page[1]
            or box[1] >= self.page[3]
        )

    def _is_over(self, item: int, outer: _Matrix, grounds: list[_Box]) -> bool:
        """Whether its middle lies on one of the grounds, or can't be told."""
        box = self.measure.box(item, outer)
        if box is None:
            return True
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(g[0] <= x <= g[2] and g[1] <= y <= g[3] for g in grounds)


def _page_box(page: Any) -> _Box:
    found = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(found)):
        return (-1e9, -1e9, 1e9, 1e9)
    return (found.left, found.bottom, found.right, found.top)


def _times(first: _Matrix, second: _Matrix) -> _Matrix:
    """The matrix that maps by the first, then by the second."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _is_filled(item: int) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not _get_draw_mode(item, ctypes.addressof(mode), ctypes.addressof(stroke)):
        return False
    return mode.value != pdfium.FPDF_FILLMODE_NONE
