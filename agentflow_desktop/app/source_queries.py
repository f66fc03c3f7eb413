"""The door to the documents behind an answer: their text, and their pages as pictures."""

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.documents.document import (
    Document,
    DocumentReader,
    FileReading,
    Page,
    Selection,
    SurveyedFile,
)
from agentflow_desktop.documents.page_image import PageDrawer, PageImage, PageRequest


class SourceQueries:
    """Reads documents again, so that a quote can be shown in its place.

    A ``name`` is a file's, or that of a document within one (``mail.eml/sheet.xlsx``).
    """

    def __init__(self, reader: DocumentReader, drawer: PageDrawer) -> None:
        self._reader = reader
        self._drawer = drawer
        self._last: tuple[SurveyedFile, Document] | None = None  # its pages are leafed through

    async def source_text(self, selection: Selection, name: str) -> FileReading:
        """One document of a selection. Raises InputRefused if there is none of that name."""
        file = await self._surveyed(selection, name)
        async for reading in self._reader.read((file,)):
            if reading.file.name == name:
                if reading.document is not None:
                    self._last = (file, reading.document)
                return reading
        raise _gone(name)

    async def page_image(
        self,
        selection: Selection,
        name: str,
        page: int,
        quote_span: tuple[int, int] | None,
        width_px: int,
    ) -> PageImage:
        """A page of a PDF, counted from 1, with what of the quote stands on it.

        ``quote_span`` are characters [start, end) of the document's text. Raises InputRefused if
        the selection has no such document or page, or if it can't be drawn.
        """
        file, document = await self._document(selection, name)
        found = next((known for known in document.pages if known.number == page), None)
        if found is None:
            raise InputRefused(
                f"{name} has no page {page}.", hint="Choose a page that the file has."
            )
        quote = _within(found, quote_span) if quote_span is not None else (0, 0)
        asked = PageRequest(file.path, name, document.digest, page, quote, width_px)
        return await self._drawer.draw(asked)

    async def _document(self, selection: Selection, name: str) -> tuple[SurveyedFile, Document]:
        """The document as it is now; the last one is not read again unless its file changed."""
        file = await self._surveyed(selection, name)
        if self._last is not None:
            known, document = self._last
            is_same = (known.path, known.digest) == (file.path, file.digest)
            if is_same and document.name == name:
                return file, document
        reading = await self.source_text(selection, name)
        if reading.document is None:
            raise InputRefused(f"{name} can't be read now. {reading.reason}")
        return file, reading.document

    async def _surveyed(self, selection: Selection, name: str) -> SurveyedFile:
        files = await self._reader.survey(selection)
        exact = [file for file in files if file.name == name]
        chosen = exact or [file for file in files if name.startswith(f"{file.name}/")]
        if not chosen:
            raise _gone(name)
        return chosen[0]


def _within(page: Page, span: tuple[int, int]) -> tuple[int, int]:
    """The part of a span that lies on the page, counted from the page's first character."""
    start = min(max(span[0], page.start), page.end)
    end = min(max(span[1], start), page.end)
    return start - page.start, end - page.start


def _gone(name: str) -> InputRefused:
    return InputRefused(
        f"{name} is not there any more.", hint="Choose the files again and ask anew."
    )
