"""What the process that draws pages says, checked before it is believed."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from agentflow_desktop.adapters.readers.wire import FailedReply
from agentflow_desktop.documents.page_image import MAX_PIXELS

BYTES_A_PIXEL = 4


class DrawnReply(BaseModel):
    """The head of a picture, whose pixels follow the line as ``byte_count`` plain bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["drawn"]
    page_count: int = Field(ge=1)
    width_px: int = Field(ge=1)
    height_px: int = Field(ge=1)
    boxes: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def byte_count(self) -> int:
        return self.width_px * self.height_px * BYTES_A_PIXEL

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        """The picture is no larger than was asked for, and every box is on it."""
        if self.width_px * self.height_px > MAX_PIXELS:
            raise ValueError("the picture is too large")
        for left, top, right, bottom in self.boxes:
            if not (0 <= left < right <= self.width_px and 0 <= top < bottom <= self.height_px):
                raise ValueError("a box is not on the picture")
        return self


PageReply = DrawnReply | FailedReply

_REPLY: TypeAdapter[PageReply] = TypeAdapter(PageReply)


def parse_page_reply(line: bytes) -> PageReply:
    """Raises ValueError if the line is no reply."""
    return _REPLY.validate_json(line)
