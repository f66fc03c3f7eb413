"""What is said to a model and what comes back, the same for every provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ReplySchema:
    """The JSON Schema that a reply must satisfy."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to one model. ``max_output_tokens`` includes thinking and is always sent.

    The first ``shared_characters`` of the first user turn are documents that other calls of the
    run begin with, too. ``context_cache`` names what the provider keeps of them, system text
    included: then they are not sent.
    """

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float = 0.0
    schema: ReplySchema | None = None
    shared_characters: int = 0
    context_cache: str = ""

    def byte_count(self) -> int:
        """UTF-8 bytes of all messages and the schema: no tokenizer gives more tokens than that."""
        size = sum(len(m.content.encode("utf-8", "surrogatepass")) for m in self.messages)
        return size + (len(str(self.schema.schema)) if self.schema else 0)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as a provider reported them.

    ``input_tokens`` includes ``cached_input_tokens``; ``output_tokens`` includes
    ``thinking_tokens``.
    """

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    thinking_tokens: int = 0


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    SAFETY = "safety"
    RECITATION = "recitation"
    BLOCKED = "blocked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ThoughtPart:
    """Thinking that the server shows. It is charged as output and is no part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class UsagePart:
    """``is_final`` is False for a count in mid-reply, which is a floor of the final one."""

    usage: Usage
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class FinishPart:
    finish: Finish


@dataclass(frozen=True, slots=True)
class ServedPart:
    """The model that the server says is answering."""

    served_model: str


ReplyPart = TextPart | ThoughtPart | UsagePart | FinishPart | ServedPart


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole reply. ``usage`` is None if the provider reported none."""

    text: str
    finish: Finish
    served_model: str
    usage: Usage | None
