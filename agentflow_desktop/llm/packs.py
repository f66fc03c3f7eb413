"""Documents split into packs that a model's window takes, the same way every time.

Every character stands in exactly one pack. A file is split only if it does not fit a pack by
itself, and then between passages. Pieces keep their document's source id, so that a quote out of
a piece is looked up in the whole document.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentflow_desktop.documents.document import Document
from agentflow_desktop.documents.passages import split_passages
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.source_blocks import SourceText, fence_tokens, number_sources

_PART_TOKENS = 40  # what says which part of a split file a piece is, at its name and up front
_MAX_PATH_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class PackPiece:
    """Characters [start, end) of a document. ``part`` counts the pieces of a split one from 1."""

    source_id: str
    name: str
    start: int
    end: int
    raw_tokens: int
    part: int = 1
    parts: int = 1

    @property
    def prompt_tokens(self) -> int:
        """The estimate with all that stands around the piece in a prompt."""
        part = _PART_TOKENS if self.parts > 1 else 0
        return self.raw_tokens + fence_tokens(self.name) + part


@dataclass(frozen=True, slots=True)
class Pack:
    """What one call of the heavy model reads. ``number`` counts from 1 to ``total``; both halves
    of a pack have its number."""

    number: int
    total: int
    pieces: tuple[PackPiece, ...]
    is_half: bool = False

    @property
    def title(self) -> str:
        """``pack 2 of 7``."""
        half = "half of " if self.is_half else ""
        return f"{half}pack {self.number} of {self.total}"

    @property
    def raw_tokens(self) -> int:
        """The estimate with the fences around the pieces."""
        return sum(piece.prompt_tokens for piece in self.pieces)

    @property
    def label(self) -> str:
        """``pack 2 of 7 (31 files, src/a.py to src/z.py)``; of long paths only the end."""
        first, last = (
            _piece_name(piece, _short_path(piece.name))
            for piece in (self.pieces[0], self.pieces[-1])
        )
        if len(self.pieces) == 1:
            inside = first
        else:
            inside = f"{len(self.pieces):,} files, {first} to {last}"
        return f"{self.title} ({inside})"

    def texts(self, documents: Sequence[Document]) -> tuple[SourceText, ...]:
        """The pieces as a model sees them; a part of a file says so in its name."""
        named = {source.source_id: source for source in number_sources(documents)}
        return tuple(
            SourceText(
                piece.source_id,
                _piece_name(piece, named[piece.source_id].name),
                named[piece.source_id].text[piece.start : piece.end],
            )
            for piece in self.pieces
        )


def _short_path(name: str) -> str:
    if len(name) <= _MAX_PATH_CHARACTERS:
        return name
    return f"…{name[-_MAX_PATH_CHARACTERS:]}"


def _piece_name(piece: PackPiece, name: str = "") -> str:
    name = name or piece.name
    return f"{name} [part {piece.part} of {piece.parts}]" if piece.parts > 1 else name


def pack_documents(
    documents: Sequence[Document], max_raw_tokens: int, only: frozenset[str] | None = None
) -> tuple[Pack, ...]:
    """The documents in their order, each pack as full as the next file lets it be.

    ``only`` are source ids to pack; None: all. A pack passes ``max_raw_tokens`` only if a single
    character does. Takes time with the size: for a thread.
    """
    groups: list[list[PackPiece]] = []
    room = 0
    for at, document in enumerate(documents, start=1):
        if only is not None and f"S{at}" not in only:
            continue
        for piece in _pieces(f"S{at}", document, max_raw_tokens - fence_tokens(document.name)):
            needed = piece.prompt_tokens
            if not groups or needed > room:
                groups.append([])
                room = max_raw_tokens
            groups[-1].append(piece)
            room -= needed
    return tuple(
        Pack(number, len(groups), tuple(pieces)) for number, pieces in enumerate(groups, start=1)
    )


def halve_pack(pack: Pack, documents: Sequence[Document]) -> tuple[Pack, ...]:
    """Both halves of a pack that turned out too long, by tokens; the file in the middle is cut
    at a line's end. A half is not halved again: it is given back as it is."""
    total = sum(piece.raw_tokens for piece in pack.pieces)
    if pack.is_half or total == 0:
        return (pack,)
    before = 0
    for at, piece in enumerate(pack.pieces):
        if (before + piece.raw_tokens) * 2 >= total:
            share = (total / 2 - before) / piece.raw_tokens
            first, second = _cut_piece(piece, documents, share)
            groups = ((*pack.pieces[:at], *first), (*second, *pack.pieces[at + 1 :]))
            return tuple(
                Pack(pack.number, pack.total, pieces, is_half=True) for pieces in groups if pieces
            )
        before += piece.raw_tokens
    raise AssertionError("the middle is in one of the pieces")


def _cut_piece(
    piece: PackPiece, documents: Sequence[Document], share: float
) -> tuple[tuple[PackPiece, ...], tuple[PackPiece, ...]]:
    """What of a piece goes into the first half, and what into the second."""
    text = documents[int(piece.source_id[1:]) - 1].text
    middle = piece.start + int((piece.end - piece.start) * share)
    line_end = text.find("\n", middle, piece.end)
    cut = line_end + 1 if line_end != -1 else middle
    if cut in (piece.start, piece.end):
        return ((piece,), ()) if cut == piece.end else ((), (piece,))
    first, second = (
        PackPiece(
            piece.source_id,
            piece.name,
            start,
            end,
            raw_tokens(text[start:end]),
            part,
            piece.parts * 2,
        )
        for start, end, part in (
            (piece.start, cut, piece.part * 2 - 1),
            (cut, piece.end, piece.part * 2),
        )
    )
    return (first,), (second,)


def _pieces(source_id: str, document: Document, max_raw_tokens: int) -> list[PackPiece]:
    tokens = document.raw_tokens
    if tokens <= max_raw_tokens:
        return [PackPiece(source_id, document.name, 0, len(document.text), tokens)]
    cuts = list(_cuts(document, max_raw_tokens - _PART_TOKENS))
    return [
        PackPiece(
            source_id,
            document.name,
            start,
            end,
            raw_tokens(document.text[start:end]),
            part,
            len(cuts),
        )
        for part, (start, end) in enumerate(cuts, start=1)
    ]


def _cuts(document: Document, max_raw_tokens: int) -> Iterator[tuple[int, int]]:
    """Ranges that together are the whole text, cut where a passage begins."""
    start = at = 0
    used = 0
    for end in _ends(document, max_raw_tokens):
        tokens = raw_tokens(document.text[at:end])
        if used and used + tokens > max_raw_tokens:
            yield start, at
            start, used = at, 0
        used += tokens
        at = end
    if start < len(document.text):
        yield start, len(document.text)


def _ends(document: Document, max_raw_tokens: int) -> Iterator[int]:
    """Where a cut may be: before each passage, and inside one that is too long by itself."""
    text = document.text
    at = 0
    starts = [passage.start for passage in split_passages(text, document.media)]
    for end in [*starts, len(text)]:
        while raw_tokens(text[at:end]) > max_raw_tokens:
            at = _inner_end(text, at, end, max_raw_tokens)
            yield at
        if end > at:
            yield end
            at = end


def _inner_end(text: str, start: int, end: int, max_raw_tokens: int) -> int:
    """The farthest end whose text fits, after a line's end or else a space's if one is near."""
    low, high = start + 1, end
    while low < high:
        middle = (low + high + 1) // 2
        if raw_tokens(text[start:middle]) <= max_raw_tokens:
            low = middle
        else:
            high = middle - 1
    nearest = start + (low - start) // 2
    for mark in ("\n", " "):
        found = text.rfind(mark, nearest, low)
        if found != -1:
            return found + 1
    return low
