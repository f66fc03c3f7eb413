"""A text with white space, Unicode forms and look-alike marks made one, and the way back.

Owns the map from the normal form's positions to the text's. Finding quotes is done elsewhere.
"""

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cache

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032`\u00b4"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_LOOK_ALIKES = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    "\u2026": "...",
    "\u2044": "/",
    "\u2215": "/",
}
# Soft hyphens, zero-width marks and joiners, direction marks, byte order mark: drawn as nothing.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u180e"
_COMBINED = re.compile(r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u0655\u093c\u1100-\u11ff"
                       r"\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]")  # fmt: skip


class HyphenBreak(Enum):
    """What a hyphen at a line's end, between two letters, becomes."""

    JOINED = "joined"  # inter-\nnational: international
    KEPT = "kept"  # well-\nknown: well-known
    SPACED = "spaced"  # well-\nknown: well- known, as a careless copy has it


@dataclass(frozen=True, slots=True)
class NormalForm:
    """The normal text; piece i begins at ``starts[i]`` in it and at ``origins[i]`` in the source,
    where it takes up the characters to ``ends[i]``. A piece that is copied has equal lengths."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    ends: tuple[int, ...]

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """The source's characters that became [start, end) of the normal text; not empty."""
        return self._origin(start), self._origin_end(end - 1)

    def _origin(self, position: int) -> int:
        piece = bisect_right(self.starts, position) - 1
        if self._is_copied(piece):
            return self.origins[piece] + position - self.starts[piece]
        return self.origins[piece]

    def _origin_end(self, position: int) -> int:
        piece = bisect_right(self.starts, position) - 1
        if self._is_copied(piece):
            return self.origins[piece] + position - self.starts[piece] + 1
        return self.ends[piece]

    def _is_copied(self, piece: int) -> bool:
        following = self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)
        return following - self.starts[piece] == self.ends[piece] - self.origins[piece]


def normal_form(text: str, hyphen_break: HyphenBreak) -> NormalForm:
    """The text's normal form. White space at either end is left out."""
    pieces = _Pieces(text)
    at = 0
    for found in _finder(has_combined=_COMBINED.search(text) is not None).finditer(text):
        if found.start() > at:
            pieces.add(text[at : found.start()], at, found.start())
        pieces.add(_folded(found, hyphen_break), found.start(), found.end())
        at = found.end()
    if at < len(text):
        pieces.add(text[at:], at, len(text))
    return pieces.form()


class _Pieces:
    def __init__(self, source: str) -> None:
        self._source = source
        self._texts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[int] = []
        self._ends: list[int] = []
        self._length = 0
        self._ends_in_space = True

    def add(self, text: str, origin: int, end: int) -> None:
        if text == " " and self._ends_in_space:  # around something invisible, or at the start
            return
        if not self._texts and text.startswith(" "):
            text, origin = text[1:], origin + 1
        if not text:
            return
        self._texts.append(text)
        self._starts.append(self._length)
        self._origins.append(origin)
        self._ends.append(end)
        self._length += len(text)
        self._ends_in_space = text.endswith(" ")

    def form(self) -> NormalForm:
        if self._texts and self._texts[-1].endswith(" "):
            last = self._texts[-1][:-1]
            self._texts[-1] = last
            self._ends[-1] -= 1
            if not last:
                del self._texts[-1], self._starts[-1], self._origins[-1], self._ends[-1]
        return NormalForm(
            "".join(self._texts), tuple(self._starts), tuple(self._origins), tuple(self._ends)
        )


def _folded(found: "re.Match[str]", hyphen_break: HyphenBreak) -> str:
    matched = found.group()
    kind = found.lastgroup
    if kind == "break":
        if hyphen_break is HyphenBreak.JOINED:
            return ""
        return "-" if hyphen_break is HyphenBreak.KEPT else "- "
    if kind == "space":
        return " " if matched.strip(_INVISIBLE) else ""
    # Look-alikes first, too: NFKC takes an acute accent or a double prime apart.
    return _plain_marks(unicodedata.normalize("NFKC", _plain_marks(matched)))


def _plain_marks(text: str) -> str:
    return "".join(_LOOK_ALIKES.get(character, character) for character in text)


@cache
def _finder(*, has_combined: bool) -> "re.Pattern[str]":
    """Finds all that is not copied as it is. Built once; most text has no combining marks."""
    changing = "".join(_class_ranges(_changing_characters()))
    letter = r"[^\W\d_]"
    hyphen = "[-\u00ad\u2010\u2011]"
    space = rf"[\s{_INVISIBLE}]"
    parts = [
        rf"(?P<break>(?<={letter}){hyphen}[^\S\n]*\n\s*(?={letter}))",
        rf"(?P<space>[^\S ]{space}*|[{_INVISIBLE}]{space}*| {space}+)",
        rf"(?P<fold>[{changing}])",
    ]
    if has_combined:
        marks = _COMBINED.pattern[1:-1]
        parts.insert(1, rf"(?P<combined>[^\s{marks}]?[{marks}]+)")
    return re.compile("|".join(parts))


def _changing_characters() -> list[int]:
    """Code points that NFKC or the look-alikes change, each by itself."""
    changing = {ord(character) for character in _LOOK_ALIKES}
    # Where Unicode keeps compatibility forms; Hangul syllables and plain ideographs never change.
    blocks = (
        (0xA0, 0x3400),
        (0xA000, 0xAC00),
        (0xF900, 0xFFFF),
        (0x1D400, 0x1D800),
        (0x1EE00, 0x1EF00),
        (0x1F100, 0x1F300),
        (0x1FBF0, 0x1FC00),
        (0x2F800, 0x2FA20),
    )
    for first, end in blocks:
        for code in range(first, end):
            character = chr(code)
            if unicodedata.normalize("NFKC", character) != character and not character.isspace():
                changing.add(code)
    changing -= {ord(character) for character in _INVISIBLE}
    return sorted(code for code in changing if code <= sys.maxunicode)


def _class_ranges(codes: list[int]) -> list[str]:
    ranges: list[str] = []
    first = last = codes[0]
    for code in [*codes[1:], -1]:
        if code == last + 1:
            last = code
            continue
        ranges.append(f"{re.escape(chr(first))}-{re.escape(chr(last))}")
        first = last = code
    return ranges
