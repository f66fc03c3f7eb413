"""What a format's reader gives: text with positions, or the reason why there is none."""

from dataclasses import dataclass

from agentflow_desktop.documents.document import MediaKind


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of a file, or of a range of its pages.

    ``pages`` holds the pages from ``first_page`` (from 0) on for formats that have them, else
    None and ``text`` is everything. ``empty_pages`` are numbers, from 1, of pages without text.
    """

    media: MediaKind
    text: str = ""
    notes: tuple[str, ...] = ()
    source_lines: tuple[int, ...] | None = None
    pages: tuple[str, ...] | None = None
    first_page: int = 0
    page_count: int = 0
    empty_pages: tuple[int, ...] = ()


class Unreadable(Exception):
    """A file's own fault, as a sentence for a person. Stays inside the worker process."""
