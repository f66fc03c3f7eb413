"""From a worker's replies to documents: page ranges joined, names and places given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentflow_desktop.adapters.readers.file_names import shown_name
from agentflow_desktop.adapters.readers.recognised_page import RecognisedPage
from agentflow_desktop.adapters.readers.wire import ContentReply, EnclosedReply, ReadReply
from agentflow_desktop.documents.document import INSTALL_OCR, Document, FileState, Page
from agentflow_desktop.documents.tokens import raw_tokens

_PAGE_BREAK = "\n\n"

Recognised = Mapping[tuple[str, int], RecognisedPage]
"""Pages that OCR read, by the digest of their document and their number."""


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """A document within a file with its token estimate, or why there is none."""

    name: str
    digest: str
    byte_count: int
    state: FileState
    document: Document | None
    reason: str = ""
    raw_tokens: int = 0


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A file's document with its token estimate, or why there is none, and what lies within.

    ``is_passing`` as in ``FileReading``. ``pictures`` are pages whose text OCR could read: digest
    of the document and number. ``replies`` are kept where there are any, to assemble anew.
    """

    document: Document | None
    reason: str = ""
    raw_tokens: int = 0
    inside: tuple[PartOutcome, ...] = ()
    is_passing: bool = False
    pictures: tuple[tuple[str, int], ...] = ()
    replies: tuple[ReadReply, ...] = ()

    @property
    def total_tokens(self) -> int:
        return self.raw_tokens + sum(part.raw_tokens for part in self.inside)


def assemble(
    name: str, replies: Sequence[ReadReply], recognised: Recognised | None = None
) -> JobOutcome:
    """The outcome of a file from the replies to its page ranges, in order, and from what OCR read
    of it; None: there is no OCR, or not yet."""
    first = replies[0]
    if any(reply.digest != first.digest for reply in replies):
        return JobOutcome(None, "It was changed while it was being read.", is_passing=True)
    made = _document(name, first.digest, [reply.content for reply in replies], recognised)
    pictures = _pictures(replies)
    kept = tuple(replies) if pictures else ()
    is_passing = any(page.is_passing for page in (recognised or {}).values())
    if isinstance(made, str):
        return JobOutcome(None, made, is_passing=is_passing, pictures=pictures, replies=kept)
    inside = tuple(_part(name, reply, recognised) for reply in first.inside)
    return JobOutcome(made, "", raw_tokens(made.text), inside, is_passing, pictures, kept)


def _pictures(replies: Sequence[ReadReply]) -> tuple[tuple[str, int], ...]:
    own = [(reply.digest, number) for reply in replies for number in reply.content.picture_pages]
    within = [
        (part.digest, number)
        for part in replies[0].inside
        if part.content is not None
        for number in part.content.picture_pages
    ]
    return (*own, *within)


def _part(file_name: str, reply: EnclosedReply, recognised: Recognised | None) -> PartOutcome:
    name = f"{file_name}/{shown_name(reply.name)}"
    reason, document = reply.reason, None
    if reply.content is not None:
        made = _document(name, reply.digest, [reply.content], recognised)
        document, reason = (None, made) if isinstance(made, str) else (made, "")
    if document is not None:
        state = FileState.READ
    else:
        state = FileState.SKIPPED if reply.is_skipped else FileState.FAILED
    tokens = raw_tokens(document.text) if document is not None else 0
    return PartOutcome(name, reply.digest, reply.byte_count, state, document, reason, tokens)


def _document(
    name: str, digest: str, contents: Sequence[ContentReply], recognised: Recognised | None
) -> Document | str:
    """The document, or the sentence that says why there is none."""
    first = contents[0]
    if first.pages is not None:
        return _paged_document(name, digest, contents, recognised)
    return Document(
        name=name,
        digest=digest,
        media=first.media,
        text=first.text,
        source_lines=first.source_lines,
        notes=first.notes,
    )


def _paged_document(
    name: str, digest: str, contents: Sequence[ContentReply], recognised: Recognised | None
) -> Document | str:
    texts = [text for content in contents for text in content.pages or ()]
    names = [shown_name(name) for content in contents for name in content.page_names]
    empty = [number for content in contents for number in content.empty_pages]
    if len(texts) != contents[0].page_count:
        return "Some of its pages could not be read."
    pictures = [number for content in contents for number in content.picture_pages]
    read: dict[int, RecognisedPage] = {}
    if recognised is not None:
        found = {number: recognised.get((digest, number)) for number in pictures}
        read = {number: page for number, page in found.items() if page is not None}
    seen = {number: page for number, page in read.items() if page.text}
    for number, page in seen.items():
        texts[number - 1] = page.text
    empty = [number for number in empty if number not in seen]
    if len(empty) == len(texts):
        return _nothing_to_read(pictures, read, has_ocr=recognised is not None)
    pages: list[Page] = []
    at = 0
    for number, text in enumerate(texts, start=1):
        page_name = names[number - 1] if names else ""
        pages.append(Page(number, at, at + len(text), page_name))
        at += len(text) + len(_PAGE_BREAK)
    notes = dict.fromkeys(note for content in contents for note in content.notes)
    return Document(
        name=name,
        digest=digest,
        media=contents[0].media,
        text=_PAGE_BREAK.join(texts),
        pages=tuple(pages),
        source_lines=_source_lines(contents),
        notes=(
            *_empty_page_notes([number for number in empty if number not in pictures]),
            *_picture_notes(pictures, read, has_ocr=recognised is not None),
            *notes,
        ),
        from_pictures={number: page.lines for number, page in seen.items()},
    )


def _source_lines(contents: Sequence[ContentReply]) -> tuple[int, ...] | None:
    """The line numbers of all pages, with one more for the blank line between two of them."""
    numbers: list[int] = []
    for content in contents:
        if content.page_lines is None:
            return None
        for lines in content.page_lines:
            if numbers:
                numbers.append(numbers[-1])
            numbers += lines
    return tuple(numbers)


def _nothing_to_read(
    pictures: list[int], read: Mapping[int, RecognisedPage], *, has_ocr: bool
) -> str:
    if not pictures:
        return "Its pages are empty."
    return " ".join(_picture_notes(pictures, read, has_ocr=has_ocr))


def _picture_notes(
    pictures: list[int], read: Mapping[int, RecognisedPage], *, has_ocr: bool
) -> tuple[str, ...]:
    """What became of the pages that are pictures."""
    if not pictures:
        return ()
    if not has_ocr:
        words = (
            "1 page is a picture" if len(pictures) == 1 else f"{len(pictures)} pages are pictures"
        )
        return (f"{words}; install the OCR extra to read them: {INSTALL_OCR}",)
    told: dict[str, list[int]] = {}
    for number in pictures:
        page = read.get(number, RecognisedPage())
        if page.text:
            words = "read from pictures, where letters may be mistaken"
        elif page.problem:
            words = f"pictures that could not be read: {page.problem}"
        else:
            words = "pictures without text"
        told.setdefault(words, []).append(number)
    return tuple(f"Pages {page_ranges(numbers)}: {words}." for words, numbers in told.items())


def _empty_page_notes(numbers: list[int]) -> tuple[str, ...]:
    if not numbers:
        return ()
    if len(numbers) == 1:
        return (f"Page {numbers[0]} has no text layer.",)
    return (f"Pages {page_ranges(numbers)} have no text layer.",)


def page_ranges(numbers: Sequence[int]) -> str:
    """``3, 5-7`` for 3, 5, 6, 7."""
    parts: list[str] = []
    first = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        parts.append(f"{first}" if first == last else f"{first}-{last}")
        first = last = number
    return ", ".join(parts)
