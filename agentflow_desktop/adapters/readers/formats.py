"""From bytes to text: what a document's content says it is, and the reader of that format.

Each format's library is imported when the first such document comes.
"""

import hashlib
import traceback
from dataclasses import replace
from typing import Any

from agentflow_desktop.adapters.readers.content import HEAD_BYTES, ContentKind, sniff
from agentflow_desktop.adapters.readers.hidden_characters import without_hidden
from agentflow_desktop.adapters.readers.parsed import (
    Allowance,
    Enclosed,
    Parsed,
    SkippedContent,
    Unreadable,
)
from agentflow_desktop.documents.document import MediaKind
from agentflow_desktop.documents.media import media_by_name

MAX_TEXT_CHARACTERS = 100_000_000
_ALL_PAGES = (0, 1_000_000)


class Formats:
    """Reads documents of every format. Keeps the last PDF open for its further pages."""

    def __init__(self) -> None:
        self._pdf: Any = None

    def read(
        self,
        content: bytes,
        name: str,
        allowance: Allowance,
        *,
        digest: str = "",
        page_range: tuple[int, int] = _ALL_PAGES,
    ) -> Parsed:
        """The text of a document. Raises Unreadable for the document's own faults."""
        parsed = self._parsed(content, name, allowance, digest, page_range)
        size = len(parsed.text) + sum(map(len, parsed.pages or ()))
        if size > MAX_TEXT_CHARACTERS:
            raise Unreadable("It holds more text than can be shown.")
        return _visible(parsed)

    def read_enclosed(self, content: bytes, name: str, allowance: Allowance) -> list[Enclosed]:
        """A document within a file, and flat after it the documents within that one."""
        digest = hashlib.sha256(content).hexdigest()
        try:
            allowance.take_document()
            if not content:
                raise SkippedContent("The file is empty.")
            parsed = self.read(content, name, allowance, digest=digest)
        except Unreadable as error:
            is_skipped = isinstance(error, SkippedContent)
            return [Enclosed(name, digest, len(content), None, str(error), is_skipped)]
        except Exception as error:  # noqa: BLE001 - one part's fault must not cost the whole file
            traceback.print_exc()
            reason = f"The reader failed on it ({type(error).__name__})."
            return [Enclosed(name, digest, len(content), None, reason)]
        inside = [replace(found, name=f"{name}/{found.name}") for found in parsed.inside]
        own = replace(parsed, inside=())
        return [Enclosed(name, digest, len(content), own), *inside]

    def _parsed(
        self,
        content: bytes,
        name: str,
        allowance: Allowance,
        digest: str,
        page_range: tuple[int, int],
    ) -> Parsed:
        sniffed = sniff(content[:HEAD_BYTES], name)
        match sniffed.kind:
            case ContentKind.BINARY:
                raise SkippedContent(f"It is {sniffed.label}.")
            case ContentKind.PICTURE:
                if not allowance.reads_pictures:
                    raise SkippedContent(f"It is {sniffed.label}.")
                return _read_picture(content, allowance.max_pages)
            case ContentKind.PDF:
                return self._read_pdf(content, digest, page_range, allowance.max_pages)
            case ContentKind.OFFICE:
                return _read_office(content, allowance)
            case ContentKind.TEXT:
                return self._read_text(content, name, allowance)

    def _read_text(self, content: bytes, name: str, allowance: Allowance) -> Parsed:
        media = media_by_name(name)
        if media is MediaKind.MAIL or (
            media is MediaKind.TEXT and _looks_like_mail(content[:HEAD_BYTES])
        ):
            from agentflow_desktop.adapters.readers.mail_format import read_mail

            return read_mail(content, allowance, self.read_enclosed)
        if media is MediaKind.HTML:
            from agentflow_desktop.adapters.readers.html_format import read_html

            return read_html(content)
        from agentflow_desktop.adapters.readers.text_format import read_text

        if media in (MediaKind.PDF, MediaKind.WORD, MediaKind.WORKBOOK):
            media = MediaKind.TEXT
        return read_text(content, media, name)

    def _read_pdf(
        self, content: bytes, digest: str, page_range: tuple[int, int], max_pages: int
    ) -> Parsed:
        if self._pdf is None:
            from agentflow_desktop.adapters.readers.pdf_format import PdfReader

            self._pdf = PdfReader()
        parsed: Parsed = self._pdf.read(content, digest, *page_range, max_pages)
        return parsed


def _read_office(content: bytes, allowance: Allowance) -> Parsed:
    from agentflow_desktop.adapters.readers.office_archive import judge_office

    if judge_office(content, allowance) is MediaKind.WORD:
        from agentflow_desktop.adapters.readers.word_format import read_word

        return read_word(content)
    from agentflow_desktop.adapters.readers.workbook_format import read_workbook

    return read_workbook(content)


def _read_picture(content: bytes, max_pages: int) -> Parsed:
    from agentflow_desktop.adapters.readers.picture_file import page_count

    count = min(page_count(content), max_pages)
    numbers = tuple(range(1, count + 1))
    return Parsed(
        MediaKind.PICTURE,
        pages=("",) * count,
        page_count=count,
        empty_pages=numbers,
        picture_pages=numbers,
    )


def _looks_like_mail(head: bytes) -> bool:
    from agentflow_desktop.adapters.readers.mail_headers import is_mail

    return is_mail(head)


def _visible(parsed: Parsed) -> Parsed:
    """The same without characters that hide text, with a note of it."""
    text, notes = without_hidden(parsed.text)
    pages: list[str] = []
    for page in parsed.pages or ():
        kept, page_notes = without_hidden(page)
        pages.append(kept)
        notes += page_notes
    if not notes:
        return parsed
    noted = tuple(dict.fromkeys((*parsed.notes, *notes)))
    return replace(
        parsed, text=text, notes=noted, pages=tuple(pages) if parsed.pages is not None else None
    )
