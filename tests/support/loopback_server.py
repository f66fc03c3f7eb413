"""The HTTP that the model servers of the tests share: a server on loopback that says what a
script tells it, and fails on demand. Runs on a thread with its own loop; stdlib only.

A wire format is a subclass: see ``openai_server`` and ``gemini_server``.
"""

import asyncio
import json
import re
import threading
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar, Literal, Self

from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.source_blocks import PromptBlocks, parse_blocks

MODEL = "test-model"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came, headers in lower case with their values unchanged.

    ``turns`` are its messages as (role, text); ``sent_schema`` names the schema that it carries.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    turns: tuple[tuple[str, str], ...] = ()
    sent_schema: str = ""

    @property
    def schema_name(self) -> str:
        """Name of the reply schema, sent as one or described after the data."""
        if self.sent_schema:
            return self.sent_schema
        described = re.findall(r'"title": "(\w+)Form", "type": "object"', self.user)
        return str(described[-1]).lower() if described else ""

    @property
    def system(self) -> str:
        return "\n".join(self._texts("system"))

    @property
    def user(self) -> str:
        """The last user turn."""
        return self._texts("user")[-1]

    @property
    def blocks(self) -> PromptBlocks:
        """Sources and sections of the first user turn."""
        return parse_blocks(self._texts("user")[0])

    @property
    def tokens(self) -> int:
        return sum(tokens_of(text) for _, text in self.turns)

    def _texts(self, role: str) -> list[str]:
        return [text for spoken_by, text in self.turns if spoken_by == role]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers, and how it fails. Counts of pieces are of streamed text pieces.

    ``finish`` is stop, length, content_filter, recitation or blocked, which each wire format
    says in its own words; any other text is sent as it stands. ``usage`` is reported as it is (a
    mapping in the format's own words), ``"counted"`` reports a count of words, None none.
    ``stall_after`` keeps the connection open in silence after so many pieces, ``cut_after``
    breaks it off; ``raw`` is sent as the body instead of everything else.
    """

    text: str = ""
    thoughts: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    error: object = None
    finish: str | None = "stop"
    usage: Mapping[str, Any] | Usage | Literal["counted"] | None = "counted"
    served_model: str = ""
    piece_characters: int = 24
    delay_s: float = 0.0
    stall_after: int | None = None
    cut_after: int | None = None
    sends_done: bool = True
    stays_open: bool = False  # never ends the body
    raw: bytes | None = None
    error_in_stream: object = None

    def pieces(self) -> list[str]:
        size = self.piece_characters
        return [self.text[at : at + size] for at in range(0, len(self.text), size)]

    def counted(self, request: Received) -> Usage:
        """Usage by a count of words."""
        thinking = tokens_of(self.thoughts)
        output = tokens_of(self.text) + thinking
        return Usage(request.tokens, output, thinking_tokens=thinking)


Script = Callable[[Received], Reply]


def tokens_of(text: str) -> int:
    return len(text.split())


def failure(status: int, message: str = "scripted failure", **headers: str) -> Reply:
    """An error answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, error={"error": {"message": message}})


def reply_json(value: object, **how: Any) -> Reply:
    """A reply whose text is this value in JSON."""
    return Reply(json.dumps(value), **how)


def in_order(replies: Iterable[Reply]) -> Script:
    """Each reply once; then status 500 naming the mistake."""
    left = iter(list(replies))
    return lambda _: next(left, failure(500, "the script has no more replies"))


def by_schema(replies: Mapping[str, Reply | Sequence[Reply]]) -> Script:
    """A reply for each schema name; a sequence gives one after the other, its last for good."""
    asked: defaultdict[str, count[int]] = defaultdict(count)

    def answer(request: Received) -> Reply:
        found = replies.get(request.schema_name)
        if found is None:
            return failure(500, f"the script has nothing for {request.schema_name!r}")
        if isinstance(found, Reply):
            return found
        return found[min(next(asked[request.schema_name]), len(found) - 1)]

    return answer


class LoopbackServer(ABC):
    """The server; a context manager. ``requests`` has what models were asked.

    A subclass says what its wire format looks like; ``root`` is the path of its addresses.
    """

    root: ClassVar[str]
    end_mark: ClassVar[bytes] = b""

    def __init__(
        self, script: Script | Sequence[Reply], *, models: Sequence[str] = (MODEL,), port: int = 0
    ) -> None:
        self.script: Script = script if callable(script) else in_order(script)
        self.models = tuple(models)
        self.requests: list[Received] = []
        self.other_requests: list[Received] = []
        self.health_status = 200
        self.other_replies: dict[str, Reply] = {}  # by path, instead of what it would answer
        self.connections = 0
        self.is_left = threading.Event()  # set while no connection is open
        self._open = 0
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="model-server", daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self.root}"

    @abstractmethod
    def turns(self, body: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Role and text of each message."""

    @abstractmethod
    def sent_schema(self, body: Mapping[str, Any]) -> str:
        """Name of the schema that the reply must satisfy, empty if none is sent."""

    @abstractmethod
    def is_question(self, path: str) -> bool:
        """Whether a model is asked at this path."""

    @abstractmethod
    def wants_stream(self, request: Received) -> bool: ...

    @abstractmethod
    def piece(self, text: str, reply: Reply, request: Received, *, is_thought: bool) -> object:
        """One event of a stream, with a piece of text."""

    @abstractmethod
    def ending(self, reply: Reply, request: Received) -> Iterable[object]:
        """The events after the last piece: finish reason and usage."""

    @abstractmethod
    def whole(self, reply: Reply, request: Received) -> object:
        """The answer where no stream was asked for."""

    @abstractmethod
    def answer_itself(self, path: str, request: Received) -> object | None:
        """What it answers about itself; None where it has nothing."""

    def refusal_of(self, request: Received) -> Reply | None:
        """An error answer to a question that the wire format does not allow."""
        return None

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def _end(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        try:
            server = await asyncio.start_server(self._connection, "127.0.0.1", self._port)
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        self.is_left.clear()
        try:
            while (request := await self._read_request(reader)) is not None:
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _Cut):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            self._open -= 1
            if not self._open:
                self.is_left.set()

    async def _read_request(self, reader: asyncio.StreamReader) -> Received | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _ = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        size = int(headers.get("content-length", "0"))
        body = json.loads(await reader.readexactly(size) if size else b"{}")
        turns = tuple(self.turns(body))
        return Received(method, path, headers, body, turns, self.sent_schema(body))

    async def _answer(
        self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = request.path.split("?", 1)[0]
        if self.is_question(path):
            self.requests.append(request)
            reply = self.refusal_of(request) or self.script(request)
            await self._send_reply(reply, request, reader, writer)
            return
        self.other_requests.append(request)
        if path in self.other_replies:
            await self._send_reply(self.other_replies[path], request, reader, writer)
        elif self.health_status != 200:
            await _send_json(writer, self.health_status, {"error": {"message": "not ready"}})
        elif isinstance(value := self.answer_itself(path, request), Reply):
            await self._send_reply(value, request, reader, writer)
        elif value is not None:
            await _send_json(writer, 200, value)
        else:
            await _send_json(writer, 404, {"error": {"message": f"nothing at {path}"}})

    async def _send_reply(
        self,
        reply: Reply,
        request: Received,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if reply.status != 200:
            is_text = isinstance(reply.error, bytes)
            body = reply.error if is_text else json.dumps(reply.error).encode()
            await _send_whole(writer, reply.status, body, reply.headers)
        elif reply.raw is not None:
            headers = {"content-type": "text/event-stream", **reply.headers}
            await _send_whole(writer, 200, reply.raw, headers)
        elif self.wants_stream(request):
            await self._send_stream(reply, request, reader, writer)
        elif reply.stall_after is not None:
            await _be_silent(reader, writer)
        elif reply.cut_after is not None:
            raise _Cut
        else:
            await _send_json(writer, 200, self.whole(reply, request))

    async def _send_stream(
        self,
        reply: Reply,
        request: Received,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        pieces = reply.pieces()
        if reply.thoughts:
            _write_event(writer, self.piece(reply.thoughts, reply, request, is_thought=True))
        for index, piece in enumerate(pieces):
            await _fail_if_due(reply, index, reader, writer)
            _write_event(writer, self.piece(piece, reply, request, is_thought=False))
            await writer.drain()  # raises once the client is gone
            if reply.delay_s:
                await asyncio.sleep(reply.delay_s)
        await _fail_if_due(reply, len(pieces), reader, writer)
        if reply.error_in_stream is not None:
            _write_event(writer, {"error": reply.error_in_stream})
        for event in self.ending(reply, request):
            _write_event(writer, event)
        if reply.sends_done and self.end_mark:
            _write_chunk(writer, self.end_mark)
        if reply.stays_open:
            await _be_silent(reader, writer)
        writer.write(b"0\r\n\r\n")
        await writer.drain()


class _Cut(Exception):
    """The connection is to be broken off, or was by the client."""


async def _send_json(writer: asyncio.StreamWriter, status: int, value: object) -> None:
    await _send_whole(writer, status, json.dumps(value).encode(), {})


async def _send_whole(
    writer: asyncio.StreamWriter, status: int, body: object, headers: Mapping[str, str]
) -> None:
    assert isinstance(body, bytes)
    fields = {"content-type": "application/json", **headers, "content-length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode() + body)
    await writer.drain()


async def _fail_if_due(
    reply: Reply, sent: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if reply.stall_after == sent:
        await _be_silent(reader, writer)
    if reply.cut_after == sent:
        await writer.drain()
        raise _Cut


async def _be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing more until the client goes away."""
    await writer.drain()
    await reader.read()
    raise _Cut


def _write_event(writer: asyncio.StreamWriter, value: object) -> None:
    _write_chunk(writer, b"data: " + json.dumps(value).encode() + b"\n\n")


def _write_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
