"""A quote and where code found it. What a claim must carry before it is shown as quoted."""

from dataclasses import dataclass
from enum import StrEnum


class QuoteState(StrEnum):
    """How a quote stands in its source."""

    EXACT = "exact"
    SPACES = "spaces"  # found after white space and Unicode forms were normalised
    CLOSE = "close"  # all but a few letters of it stand in text that OCR read from a picture
    AMBIGUOUS = "ambiguous"  # stands in more than one place
    NOT_FOUND = "not_found"

    @property
    def is_found(self) -> bool:
        return self in (QuoteState.EXACT, QuoteState.SPACES, QuoteState.CLOSE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote with its place in a file, as code found it.

    ``file`` is the path as the person gave it, ``digest`` the SHA-256 of the file's bytes.
    ``page`` counts from 1 where the file has pages; ``line`` counts from 1 within the page, or
    within the file where there are none. ``section`` names the page where it has a name: the
    sheet of a workbook, whose ``line`` is then the number of the row. ``start`` and ``end`` are
    character offsets into the document's text. All four are None if the quote is not found; if it
    is ambiguous they name the first place. ``is_from_ocr``: the text there was read from a picture.
    """

    file: str
    digest: str
    quote: str
    state: QuoteState
    page: int | None = None
    line: int | None = None
    end_line: int | None = None
    start: int | None = None
    end: int | None = None
    section: str = ""
    is_from_ocr: bool = False

    def place(self) -> str:
        """``file:line``, ``file:p2:14`` or ``file:Sheet!4``, the form that every export uses."""
        if self.line is None:
            return self.file
        if self.section:
            return f"{self.file}:{self.section}!{self.line}"
        page = f"p{self.page}:" if self.page is not None else ""
        return f"{self.file}:{page}{self.line}"
