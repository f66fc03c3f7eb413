"""What a format's reader gives to the worker that called it."""

from dataclasses import dataclass
from typing import Self

from agentflow_desktop.documents.document import MediaKind

_MAX_ENCLOSED = 200
_MAX_DEPTH = 4  # a mail in a mail in a mail in a mail
_UNPACKED_PER_BYTE = 6  # an archive of the largest size may unfold to six times of it


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of a file, or of a range of its pages.

    ``pages`` holds the pages that were asked for; it is None for formats without pages, whose
    ``text`` is everything. ``empty_pages`` are numbers, from 1, of pages without text.
    ``page_names`` are empty or one a page, ``page_lines`` the number of each page's every line
    where lines were dropped. ``inside`` are the documents that the file holds besides its text.
    """

    media: MediaKind
    text: str = ""
    notes: tuple[str, ...] = ()
    source_lines: tuple[int, ...] | None = None
    pages: tuple[str, ...] | None = None
    page_count: int = 0
    empty_pages: tuple[int, ...] = ()
    page_names: tuple[str, ...] = ()
    page_lines: tuple[tuple[int, ...], ...] | None = None
    inside: "tuple[Enclosed, ...]" = ()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document within a file: its text, or the reason why it has none.

    ``name`` is its path within the file, ``/`` between parts; ``is_skipped`` if it was left out
    on purpose (a picture) rather than found unreadable.
    """

    name: str
    digest: str
    byte_count: int
    parsed: Parsed | None
    reason: str = ""
    is_skipped: bool = False


@dataclass(slots=True)
class Allowance:
    """What may still be read: every document within a file draws on the same one.

    ``unpacked_bytes`` bounds what archives may unfold to, ``documents`` how many documents are
    opened within one file, ``depth`` how deep they may lie in each other.
    """

    max_pages: int
    unpacked_bytes: int
    documents: int
    depth: int

    @classmethod
    def for_file(cls, max_bytes: int, max_pages: int) -> Self:
        """What one file may ask of its reader."""
        return cls(max_pages, max_bytes * _UNPACKED_PER_BYTE, _MAX_ENCLOSED, _MAX_DEPTH)

    def take_document(self) -> None:
        """Raises Unreadable if as many documents within this file were opened as may be."""
        if self.documents <= 0:
            raise Unreadable("There are too many documents within this file.")
        self.documents -= 1

    def take_unpacked(self, byte_count: int) -> None:
        """Raises Unreadable if an archive would unfold to more than is left."""
        if byte_count > self.unpacked_bytes:
            raise Unreadable(
                f"It would unfold to {byte_count / 1_000_000:,.0f} MB, which is more than is read."
            )
        self.unpacked_bytes -= byte_count


class Unreadable(Exception):
    """A file's own fault, as a sentence for a person. Stays inside the worker process."""


class SkippedContent(Unreadable):
    """It is no document (a picture, a program) and is left out on purpose."""
