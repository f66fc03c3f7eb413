"""What the process that reads pictures says, checked before it is believed."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from agentflow_desktop.adapters.readers.wire import FailedReply

_Share = Annotated[float, Field(ge=0, le=1)]


class RecognisedLine(BaseModel):
    """A stretch of a line and where it stands, as shares of the page's width and height."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=10_000)
    box: tuple[_Share, _Share, _Share, _Share]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "\n" in self.text:
            raise ValueError("a line has no line ends")
        return self


class RecognisedReply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["recognised"]
    lines: tuple[RecognisedLine, ...] = ()


OcrReply = RecognisedReply | FailedReply

_REPLY: TypeAdapter[OcrReply] = TypeAdapter(OcrReply)


def parse_ocr_reply(line: bytes) -> OcrReply:
    """Raises ValueError if the line is no reply."""
    return _REPLY.validate_json(line)
