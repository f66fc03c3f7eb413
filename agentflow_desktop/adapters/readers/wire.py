"""What a worker process says, checked before it is believed: it has handled hostile files."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agentflow_desktop.documents.document import MediaKind


class ReadReply(BaseModel):
    """Text of a file or, where it has pages, of the range of them that was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["read"]
    digest: str
    media: MediaKind
    notes: tuple[str, ...] = ()
    text: str = ""
    source_lines: tuple[int, ...] | None = None
    pages: tuple[str, ...] | None = None
    page_count: int = 0
    empty_pages: tuple[int, ...] = ()


class FailedReply(BaseModel):
    """The sentence says why; ``detail`` is for the log. ``is_passing``: not the file's own fault,
    or one of this machine at this moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["failed"]
    reason: str
    detail: str = ""
    is_passing: bool = False


WorkerReply = ReadReply | FailedReply

_REPLY: TypeAdapter[WorkerReply] = TypeAdapter(WorkerReply)


def parse_reply(line: bytes) -> WorkerReply:
    """Raises ValueError if the line is no reply."""
    return _REPLY.validate_json(line)
