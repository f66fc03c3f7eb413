"""What a model server streams, before it means anything: server-sent events, the JSON objects in
them, and the two ways in which they are none. What an object means is a wire format's.

Events are parsed here and not by the SDKs, whose typed chunks cost most of the time of a stream.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, cast

from agentflow_desktop.llm.messages import ReplyPart, TextPart


class MalformedReply(Exception):
    """The server sent something else than its wire format; the text says what it is."""


class ServerFault(Exception):
    """The server reported an error inside the stream."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("error in the stream")
        self.body = body


class EventLines:
    """Bytes in, the data of complete events out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The data of each event that is complete now, without white space around it."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            yield from _data(line)

    def end(self) -> Iterator[bytes]:
        """The data of a last line that no line end follows."""
        rest, self._rest = self._rest, b""
        yield from _data(rest)


def _data(line: bytes) -> Iterator[bytes]:
    """Comments (keep-alives), event names and blank lines carry nothing for us."""
    if line.startswith(b"data:") and (data := line[5:].strip()):
        yield data


class ReplyDecoder(ABC):
    """Bytes in, reply parts out. Text of events that arrive together is given as one part.

    ``is_stream`` is False for a server that answers at once although a stream was asked for.
    """

    meant: ClassVar[str]  # what an object should be, for the one who reads that it is not

    def __init__(self, *, is_stream: bool = True) -> None:
        self._lines = EventLines() if is_stream else None
        self._whole: list[bytes] = []
        self._text: list[str] = []

    @property
    @abstractmethod
    def is_complete(self) -> bool:
        """The reply came to its end."""

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Nothing more comes, though the connection is open."""

    @abstractmethod
    def _parts(self, chunk: dict[str, Any]) -> Iterator[ReplyPart]:
        """What an object says; text goes to ``_add_text``."""

    def feed(self, data: bytes) -> Iterator[ReplyPart]:
        """Parts of the events that are complete now.

        Raises MalformedReply for what is no JSON object, ServerFault for an error event.
        """
        if self._lines is None:
            self._whole.append(data)
            return
        for event in self._lines.feed(data):
            yield from self._event(event)
        yield from self._flush()

    def end(self) -> Iterator[ReplyPart]:
        """Parts of what was left when the server closed: a last line, or the whole reply."""
        if self._lines is None:
            for chunk in _read_objects(b"".join(self._whole)):
                yield from self._chunk(chunk)
        else:
            for event in self._lines.end():
                yield from self._event(event)
        yield from self._flush()

    def _event(self, data: bytes) -> Iterator[ReplyPart]:
        yield from self._chunk(read_object(data))

    def _chunk(self, chunk: dict[str, Any]) -> Iterator[ReplyPart]:
        try:
            yield from self._parts(chunk)
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise MalformedReply(f"not a {self.meant}") from error

    def _add_text(self, text: str) -> None:
        self._text.append(text)

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


def _read_objects(data: bytes) -> Iterable[dict[str, Any]]:
    """One object, or the objects of an array."""
    if not data.lstrip().startswith(b"["):
        return (read_object(data),)
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedReply("not JSON") from error
    if not all(isinstance(value, dict) for value in values):
        raise MalformedReply("not an array of JSON objects")
    return cast(list[dict[str, Any]], values)
