"""A file that became text with positions. Owns the types; reading is done by an adapter."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agentflow_desktop.core.paths import KeptPath
from agentflow_desktop.documents.normal_form import HyphenBreak, NormalForm, normal_form
from agentflow_desktop.documents.tokens import raw_tokens

INSTALL_OCR = "pip install 'agentflow-desktop[ocr]'"
"""Stands in the reason of a file with pages that are pictures, where nothing can read them."""


class MediaKind(StrEnum):
    """What a file was read as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    CODE = "code"
    TABLE = "table"
    DATA = "data"  # JSON, YAML
    HTML = "html"
    PDF = "pdf"
    WORD = "word"
    WORKBOOK = "workbook"
    MAIL = "mail"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Page:
    """Characters [start, end) of the document's text. ``number`` counts from 1; ``name`` is what
    the file calls it (the sheet of a workbook), empty for pages that have only numbers."""

    number: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class PictureLine:
    """Characters [start, end) of a page's text, which OCR read from the page's picture, and where
    they stand on it: left, top, right and bottom as shares of its width and height, 0 to 1."""

    start: int
    end: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A place: characters [start, end) of the text, with page and lines counted from 1.

    Lines count within the page where the document has pages, else within the file. In a sheet
    of a workbook they are the numbers of its rows.
    """

    page: int | None
    line: int
    end_line: int
    start: int
    end: int
    page_name: str = ""


class Document:
    """The text of one file and where each character of it stands.

    ``name`` is the path shown to people (relative to the chosen folder, ``/`` between parts),
    ``digest`` the SHA-256 of the file's bytes in hex. ``text`` has ``\\n`` line ends only.
    ``pages`` is empty for files without pages. ``source_lines[i]`` is the file's line number of
    text line i, or its sheet's row, where extraction dropped lines (HTML, workbooks); None where
    they are the same.

    A document that lies within a file (a mail's attachment) is named ``mail.eml/sheet.xlsx`` and
    has the digest of its own bytes.

    ``from_pictures`` holds, by their numbers, the pages whose text was read by OCR, which may be
    mistaken in a letter.

    ``notes`` are sentences about the reading that a person should see.
    """

    __slots__ = (
        "_forms", "_line_starts", "_raw_tokens", "digest", "from_pictures", "media", "name",
        "notes", "pages", "source_lines", "text",
    )  # fmt: skip

    def __init__(
        self,
        *,
        name: str,
        digest: str,
        media: MediaKind,
        text: str,
        pages: tuple[Page, ...] = (),
        source_lines: tuple[int, ...] | None = None,
        notes: tuple[str, ...] = (),
        from_pictures: Mapping[int, tuple[PictureLine, ...]] | None = None,
    ) -> None:
        self.name = name
        self.digest = digest
        self.media = media
        self.text = text
        self.pages = pages
        self.source_lines = source_lines
        self.notes = notes
        self.from_pictures = from_pictures or {}
        self._line_starts: list[int] | None = None
        self._raw_tokens: int | None = None
        self._forms: dict[HyphenBreak, NormalForm] = {}

    @property
    def raw_tokens(self) -> int:
        """The uncalibrated estimate of the text's tokens, made once."""
        if self._raw_tokens is None:
            self._raw_tokens = raw_tokens(self.text)
        return self._raw_tokens

    def normal_form(self, hyphen_break: HyphenBreak) -> NormalForm:
        """The text's normal form, made once."""
        form = self._forms.get(hyphen_break)
        if form is None:
            form = self._forms[hyphen_break] = normal_form(self.text, hyphen_break)
        return form

    def span(self, start: int, end: int) -> Span:
        """The place of characters [start, end). Raises ValueError outside the text."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no such span in {self.name}: {start} to {end}")
        last = max(start, end - 1)
        page = self._page_at(start)
        first_line = self._line_at(start)
        last_line = self._line_at(last)
        if self.source_lines is not None:
            first, end_line = self.source_lines[first_line], self.source_lines[last_line]
            if page is None:
                return Span(None, first, end_line, start, end)
            return Span(page.number, first, end_line, start, end, page.name)
        if page is not None:
            page_first = self._line_at(page.start)
            first, end_line = first_line - page_first + 1, last_line - page_first + 1
            return Span(page.number, first, end_line, start, end, page.name)
        return Span(None, first_line + 1, last_line + 1, start, end)

    def _page_at(self, position: int) -> Page | None:
        if not self.pages:
            return None
        index = bisect_right(self.pages, position, key=lambda page: page.start) - 1
        return self.pages[max(index, 0)]

    def _line_at(self, position: int) -> int:
        if self._line_starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at != -1:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        return bisect_right(self._line_starts, position) - 1


class FileState(StrEnum):
    """What became of a file."""

    READ = "read"
    SKIPPED = "skipped"  # hidden, ignored, binary, link loop: on purpose
    FAILED = "failed"  # encrypted, damaged, unreadable, too large, timed out


@dataclass(frozen=True, slots=True)
class Selection:
    """What the person chose. Files are read even if a folder's ignore file names them."""

    files: tuple[KeptPath, ...] = ()
    directories: tuple[KeptPath, ...] = ()

    def absolute(self) -> "Selection":
        """The same files, wherever the program is started the next time."""
        return Selection(
            tuple(path.absolute() for path in self.files),
            tuple(path.absolute() for path in self.directories),
        )


@dataclass(frozen=True, slots=True)
class SurveyedFile:
    """A file of a selection before it is read.

    ``digest`` is empty and ``reason`` a sentence unless ``state`` is READ, which here means
    "can be read". ``raw_tokens`` is the uncalibrated estimate where this content was read before.
    """

    path: Path
    name: str
    state: FileState
    byte_count: int
    digest: str = ""
    reason: str = ""
    raw_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class FileReading:
    """The outcome for one file, or for one document within it: a document, or the reason why
    there is none.

    ``raw_tokens`` is the uncalibrated estimate of the document's text, made where it was read.
    ``file.raw_tokens`` adds up all documents of the file. Of a document within a file, ``file``
    has the path of that file and the name, digest and size of the part.
    ``is_passing``: the reason may be gone at the next try (it took too long, was changed).
    """

    file: SurveyedFile
    state: FileState
    document: Document | None
    reason: str = ""
    raw_tokens: int | None = None
    is_passing: bool = False


class DocumentReader(Protocol):
    """Turns a selection into documents, in worker processes."""

    version: str  # changes whenever the same bytes could give another text

    async def survey(self, selection: Selection) -> tuple[SurveyedFile, ...]:
        """Every file below the selection in a stable order, digested, none parsed.

        Raises InputRefused if a chosen path does not exist or there are too many files.
        """
        ...

    def read(
        self,
        files: tuple[SurveyedFile, ...],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> AsyncIterator[FileReading]:
        """One reading per file, in the order given, each followed by one for every document
        within that file. Never raises for a file's own fault."""
        ...
