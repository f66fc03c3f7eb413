"""What a worker process says, checked before it is believed: it has handled hostile files."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from agentflow_desktop.documents.document import MediaKind


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContentReply(_Message):
    """Text of a document or, where it has pages, of the range of them that was asked for."""

    media: MediaKind
    notes: tuple[str, ...] = ()
    text: str = ""
    source_lines: tuple[int, ...] | None = None
    pages: tuple[str, ...] | None = None
    page_count: int = 0
    empty_pages: tuple[int, ...] = ()
    picture_pages: tuple[int, ...] = ()
    page_names: tuple[str, ...] = ()
    page_lines: tuple[tuple[int, ...], ...] | None = None

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        """Every line has its number and every page its name, or none has."""
        pages = self.pages or ()
        if self.source_lines is not None and len(self.source_lines) != _line_count(self.text):
            raise ValueError("source_lines do not fit the text")
        if self.page_names and len(self.page_names) != len(pages):
            raise ValueError("page_names do not fit the pages")
        if self.page_lines is not None and [len(lines) for lines in self.page_lines] != [
            _line_count(page) for page in pages
        ]:
            raise ValueError("page_lines do not fit the pages")
        return self


class EnclosedReply(_Message):
    """A document within the file; ``content`` is None and ``reason`` a sentence if it has none."""

    name: str
    digest: str
    byte_count: int
    content: ContentReply | None
    reason: str = ""
    is_skipped: bool = False


class ReadReply(_Message):
    """A file's own content and the documents within it."""

    state: Literal["read"]
    digest: str
    content: ContentReply
    inside: tuple[EnclosedReply, ...] = ()


class FailedReply(_Message):
    """The sentence says why; ``detail`` is for the log. ``is_passing``: not the file's own fault,
    or one of this machine at this moment."""

    state: Literal["failed"]
    reason: str
    detail: str = ""
    is_passing: bool = False


WorkerReply = ReadReply | FailedReply

_REPLY: TypeAdapter[WorkerReply] = TypeAdapter(WorkerReply)


def parse_reply(line: bytes) -> WorkerReply:
    """Raises ValueError if the line is no reply."""
    return _REPLY.validate_json(line)


def _line_count(text: str) -> int:
    return text.count("\n") + 1
