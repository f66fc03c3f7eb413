"""The OpenAI chat wire format: a request as a JSON body, a stream of bytes as reply parts.

Owns no connection. Events are parsed here and not by the SDK, whose typed chunks cost most of
the time of a stream.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    ModelRequest,
    ReplyPart,
    ServedPart,
    TextPart,
    ThoughtPart,
    Usage,
    UsagePart,
)

_FINISHES = {
    "stop": Finish.STOP,
    "eos": Finish.STOP,
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "content_filter": Finish.SAFETY,
    "safety": Finish.SAFETY,
    "recitation": Finish.RECITATION,
    "blocked": Finish.BLOCKED,
}


@dataclass(slots=True)
class Dialect:
    """What a server was seen to understand; changed when it refuses a parameter by name."""

    output_limit: str = "max_tokens"
    sends_temperature: bool = True
    sends_stream_options: bool = True

    def adapt(self, refused: str) -> bool:
        """Do without the parameter that the server refused; False if there is no other way."""
        match refused:
            case "max_tokens":
                self.output_limit = "max_completion_tokens"
            case "max_completion_tokens":
                self.output_limit = "max_tokens"
            case "temperature":
                self.sends_temperature = False
            case "stream_options":
                self.sends_stream_options = False
            case _:
                return False
        return True


def request_body(request: ModelRequest, dialect: Dialect, *, sends_schema: bool) -> dict[str, Any]:
    """The body of a streaming chat completion."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": message_list(request),
        "stream": True,
        dialect.output_limit: request.max_output_tokens,
    }
    if dialect.sends_temperature:
        body["temperature"] = request.temperature
    if dialect.sends_stream_options:
        body["stream_options"] = {"include_usage": True}
    if request.schema is not None and sends_schema:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": request.schema.name,
                "schema": dict(request.schema.schema),
                "strict": True,
            },
        }
    return body


def message_list(request: ModelRequest) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in request.messages]


class MalformedReply(Exception):
    """The server sent something else than this wire format; the text says what it is."""


class ServerFault(Exception):
    """The server reported an error inside the stream."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("error in the stream")
        self.body = body


class ReplyDecoder:
    """Bytes in, reply parts out. Text of events that arrive together is given as one part.

    ``is_stream`` is False for a server that answers at once although a stream was asked for.
    """

    def __init__(self, *, is_stream: bool = True) -> None:
        self._is_stream = is_stream
        self._rest = b""
        self._served = ""
        self._text: list[str] = []
        self._is_finished = False
        self.is_done = False  # the end mark was seen

    @property
    def is_complete(self) -> bool:
        """A finish reason or the end mark was seen."""
        return self._is_finished or self.is_done

    def feed(self, data: bytes) -> Iterator[ReplyPart]:
        """Parts of the events that are complete now.

        Raises MalformedReply for what is no JSON object, ServerFault for an error event.
        """
        self._rest += data
        if not self._is_stream:
            return
        lines = self._rest.split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            yield from self._line(line)
        yield from self._flush()

    def end(self) -> Iterator[ReplyPart]:
        """Parts of what was left when the server closed: a last line, or the whole reply."""
        rest, self._rest = self._rest, b""
        if self._is_stream:
            yield from self._line(rest)
        else:
            yield from self._chunk(read_object(rest))
        yield from self._flush()

    def _line(self, line: bytes) -> Iterator[ReplyPart]:
        if not line.startswith(b"data:"):
            return  # comments (keep-alives), event names and blank lines carry nothing for us
        data = line[5:].strip()
        if data == b"[DONE]":
            self.is_done = True
        elif data:
            yield from self._chunk(read_object(data))

    def _chunk(self, chunk: dict[str, Any]) -> Iterator[ReplyPart]:
        try:
            yield from self._parts(chunk)
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise MalformedReply("not a chat completion") from error

    def _parts(self, chunk: dict[str, Any]) -> Iterator[ReplyPart]:
        if chunk.get("error") or chunk.get("object") == "error":
            raise ServerFault(chunk)
        served = chunk.get("model")
        if served and served != self._served:
            self._served = str(served)
            yield ServedPart(self._served)
        for choice in cast(list[dict[str, Any]], chunk.get("choices") or []):
            delta = cast(dict[str, Any], choice.get("delta") or choice.get("message") or {})
            refusal = delta.get("refusal")
            content = delta.get("content") or refusal
            if content:
                self._text.append(str(content))
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if isinstance(thought, str) and thought:
                yield ThoughtPart(thought)
            finish = choice.get("finish_reason")
            if finish and not self._is_finished:
                self._is_finished = True
                yield from self._flush()
                known = _FINISHES.get(str(finish).lower(), Finish.OTHER)
                yield FinishPart(Finish.SAFETY if refusal else known)
        usage = chunk.get("usage")
        if usage:
            yield from self._flush()
            yield UsagePart(read_usage(cast(dict[str, Any], usage)))

    def _flush(self) -> Iterator[ReplyPart]:
        if self._text:
            yield TextPart("".join(self._text))
            self._text.clear()


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object. Raises MalformedReply for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedReply("not JSON") from error
    if not isinstance(value, dict):
        raise MalformedReply("not a JSON object")
    return cast(dict[str, Any], value)


def read_usage(usage: dict[str, Any]) -> Usage:
    """Usage as the server reports it; thinking is part of its completion tokens."""
    prompt_details = cast(dict[str, Any], usage.get("prompt_tokens_details") or {})
    output_details = cast(dict[str, Any], usage.get("completion_tokens_details") or {})
    return Usage(
        input_tokens=int(usage.get("prompt_tokens") or 0),
        output_tokens=int(usage.get("completion_tokens") or 0),
        cached_input_tokens=int(prompt_details.get("cached_tokens") or 0),
        thinking_tokens=int(output_details.get("reasoning_tokens") or 0),
    )
