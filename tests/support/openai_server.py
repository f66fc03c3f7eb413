"""A server on loopback that speaks the OpenAI wire format, says what a script tells it, and
fails on demand. Runs on a thread with its own loop; stdlib only.

    with OpenAIServer(by_schema({"answer": reply_json({...})})) as server:
        ...ask server.base_url...
        assert server.requests[0].schema_name == "answer"

Or by hand: ``python tests/support/openai_server.py --port 8000``.
"""

import argparse
import asyncio
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal, Self

from agentflow_desktop.llm.source_blocks import PromptBlocks, parse_blocks

MODEL = "test-model"


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came, headers in lower case with their values unchanged."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def schema_name(self) -> str:
        """Name of the reply schema, sent as one or described in the system text."""
        sent = self.body.get("response_format")
        if sent:
            return str(sent["json_schema"]["name"])
        described = re.findall(r'"title": "(\w+)Form", "type": "object"', self.system)
        return str(described[-1]).lower() if described else ""

    @property
    def system(self) -> str:
        return "\n".join(self._contents("system"))

    @property
    def user(self) -> str:
        """The last user turn."""
        return self._contents("user")[-1]

    @property
    def blocks(self) -> PromptBlocks:
        """Sources and sections of the first user turn."""
        return parse_blocks(self._contents("user")[0])

    def _contents(self, role: str) -> list[str]:
        return [m["content"] for m in self.body.get("messages", ()) if m["role"] == role]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers, and how it fails. Counts of pieces are of streamed text pieces.

    ``usage`` is reported as it is, ``"counted"`` reports a count of words, None reports none.
    ``stall_after`` keeps the connection open in silence after so many pieces, ``cut_after``
    breaks it off; ``raw`` is sent as the body instead of everything else.
    """

    text: str = ""
    thoughts: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    error: object = None
    finish: str | None = "stop"
    usage: Mapping[str, Any] | Literal["counted"] | None = "counted"
    served_model: str = ""
    piece_characters: int = 24
    delay_s: float = 0.0
    stall_after: int | None = None
    cut_after: int | None = None
    sends_done: bool = True
    stays_open: bool = False  # never ends the body
    raw: bytes | None = None
    error_in_stream: object = None


Script = Callable[[Received], Reply]


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


class OpenAIServer:
    """The server; a context manager. ``requests`` has what came to the chat address.

    ``tokens_of`` counts for ``/tokenize`` and for reported usage.
    """

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
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="openai-server", daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._held: set[asyncio.Task[Any] | None] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

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
        # Once its client is gone, a task that stalls is held by nobody else and would be collected.
        self._held.add(asyncio.current_task())
        try:
            while (request := await _read_request(reader)) is not None:
                await self._answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _Cut):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            self._held.discard(asyncio.current_task())

    async def _answer(self, request: Received, writer: asyncio.StreamWriter) -> None:
        path = request.path.split("?", 1)[0]
        if path == "/v1/chat/completions":
            self.requests.append(request)
            await _send_reply(self.script(request), request, writer)
            return
        self.other_requests.append(request)
        if path in self.other_replies:
            await _send_reply(self.other_replies[path], request, writer)
        elif self.health_status != 200:
            await _send_json(writer, self.health_status, {"error": {"message": "not ready"}})
        elif path == "/health":
            await _send_json(writer, 200, {})
        elif path == "/v1/models":
            entries = [{"id": name, "object": "model"} for name in self.models]
            await _send_json(writer, 200, {"object": "list", "data": entries})
        elif path == "/tokenize":
            words = sum(_tokens(m["content"]) for m in request.body["messages"])
            await _send_json(writer, 200, {"count": words, "max_model_len": 8192, "tokens": []})
        else:
            await _send_json(writer, 404, {"error": {"message": f"nothing at {path}"}})


class _Cut(Exception):
    """The script wants the connection broken off."""


def _tokens(text: str) -> int:
    return len(text.split())


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    size = int(headers.get("content-length", "0"))
    body = await reader.readexactly(size) if size else b"{}"
    return Received(method, path, headers, json.loads(body))


async def _send_json(
    writer: asyncio.StreamWriter,
    status: int,
    value: object,
    headers: Mapping[str, str] | None = None,
) -> None:
    await _send_whole(writer, status, json.dumps(value).encode(), headers or {})


async def _send_whole(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]
) -> None:
    fields = {"content-type": "application/json", **headers, "content-length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode() + body)
    await writer.drain()


async def _send_reply(reply: Reply, request: Received, writer: asyncio.StreamWriter) -> None:
    if reply.status != 200:
        body = reply.error if isinstance(reply.error, bytes) else json.dumps(reply.error).encode()
        await _send_whole(writer, reply.status, body, reply.headers)
    elif reply.raw is not None:
        headers = {"content-type": "text/event-stream", **reply.headers}
        await _send_whole(writer, 200, reply.raw, headers)
    elif request.body.get("stream"):
        await _send_stream(reply, request, writer)
    elif reply.cut_after is not None:
        raise _Cut
    else:
        message = {"role": "assistant", "content": reply.text}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        value = {**_head(reply, request), "choices": [choice], "usage": _usage(reply, request)}
        await _send_json(writer, 200, value)


async def _send_stream(reply: Reply, request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    head = _head(reply, request)
    size = reply.piece_characters
    pieces = [reply.text[at : at + size] for at in range(0, len(reply.text), size)]
    if reply.thoughts:
        delta = {"reasoning_content": reply.thoughts}
        _write_event(writer, {**head, "choices": [{"index": 0, "delta": delta}]})
    for index, piece in enumerate(pieces):
        await _fail_if_due(reply, index, writer)
        _write_event(writer, {**head, "choices": [{"index": 0, "delta": {"content": piece}}]})
        await writer.drain()  # raises once the client is gone
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
    await _fail_if_due(reply, len(pieces), writer)
    if reply.error_in_stream is not None:
        _write_event(writer, {"error": reply.error_in_stream})
    elif reply.finish is not None:
        end = {"index": 0, "delta": {}, "finish_reason": reply.finish}
        _write_event(writer, {**head, "choices": [end]})
    usage = _usage(reply, request)
    if usage is not None and request.body.get("stream_options", {}).get("include_usage"):
        _write_event(writer, {**head, "choices": [], "usage": usage})
    if reply.sends_done:
        _write_chunk(writer, b"data: [DONE]\n\n")
    if reply.stays_open:
        await writer.drain()
        await asyncio.Event().wait()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _fail_if_due(reply: Reply, sent: int, writer: asyncio.StreamWriter) -> None:
    if reply.stall_after == sent:
        await writer.drain()
        await asyncio.Event().wait()
    if reply.cut_after == sent:
        await writer.drain()
        raise _Cut


def _head(reply: Reply, request: Received) -> dict[str, Any]:
    served = reply.served_model or request.body.get("model", MODEL)
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": served}


def _usage(reply: Reply, request: Received) -> Mapping[str, Any] | None:
    if reply.usage != "counted":
        return reply.usage
    sent = sum(_tokens(m["content"]) for m in request.body["messages"])
    came = _tokens(reply.text)
    return {"prompt_tokens": sent, "completion_tokens": came, "total_tokens": sent + came}


def _write_event(writer: asyncio.StreamWriter, value: object) -> None:
    _write_chunk(writer, b"data: " + json.dumps(value).encode() + b"\n\n")


def _write_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def from_sources(request: Received) -> Reply:
    """Answers any question of ours from the sources in the prompt: true passages, and in the
    draft one quote that stands nowhere, which the review then objects to."""
    blocks = request.blocks
    match request.schema_name:
        case "answer":
            made_up = {
                "quotes": [{"source": "S1", "text": "these words stand in no source at all"}],
                "text": "This claim of the test server rests on a made-up quote.",
            }
            return reply_json({"claims": [*_claims(blocks), made_up], "title": _title(blocks)})
        case "review":
            return reply_json(_review(blocks))
        case "refined":
            review = json.loads(blocks.sections.get("review", "[]"))
            responses = [
                {"issue": issue["id"], "stance": "refine", "reason": "the quote was made up"}
                for issue in review
                if "id" in issue
            ]
            claims = _claims(blocks) or [{"quotes": [], "text": "The sources say nothing of it."}]
            return reply_json({"responses": responses, "claims": claims, "title": _title(blocks)})
        case _:
            return Reply("This is the test server; it answers questions about sources.")


def _title(blocks: PromptBlocks) -> str:
    return f"Test server, no model: {blocks.sections.get('task', 'no task')[:60]}"


def _claims(blocks: PromptBlocks) -> list[dict[str, Any]]:
    """The lines that share most words with the task, in the order of the sources."""
    task = set(re.findall(r"\w{4,}", blocks.sections.get("task", "").lower()))
    lines = [
        (source.source_id, line.strip())
        for source in blocks.sources
        for line in source.text.splitlines()
        if len(line.split()) >= 4
    ]
    scores = [len(task & set(re.findall(r"\w{4,}", line.lower()))) for _, line in lines]
    best = sorted(range(len(lines)), key=lambda at: -scores[at])[:3]
    return [
        {
            "quotes": [{"source": lines[at][0], "text": lines[at][1]}],
            "text": f"A passage that shares {scores[at]} words with the task: {lines[at][1]}",
        }
        for at in sorted(best)
    ]


def _review(blocks: PromptBlocks) -> dict[str, Any]:
    answer = json.loads(blocks.sections.get("answer", "[]"))
    issues = [
        {
            "severity": "high",
            "claim": claim["id"],
            "quote": None,
            "why": "No source has the words that this claim rests on.",
        }
        for claim in answer
        if claim.get("quotes_not_found")
    ]
    return {"issues": issues, "alternative": "", "verdict": "revise" if issues else "approve"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--model", default=MODEL, help="name of the model that it offers")
    parser.add_argument("--delay-ms", type=float, default=20.0, help="wait between pieces of text")
    parser.add_argument(
        "--script",
        choices=["answer", "busy", "broken", "malformed", "unusable"],
        default="answer",
        help="what it does: answers, says 429, breaks off, sends no JSON, answers in no form",
    )
    options = parser.parse_args()
    delay_s = options.delay_ms / 1000
    scripts: dict[str, Script] = {
        "answer": lambda request: replace(from_sources(request), delay_s=delay_s),
        "busy": lambda _: failure(429, "slow down", retry_after="2"),
        "broken": lambda request: replace(from_sources(request), cut_after=3, delay_s=delay_s),
        "malformed": lambda _: Reply(raw=b"data: {this is no JSON\n\n"),
        "unusable": lambda _: Reply("I would rather talk about the weather.", delay_s=delay_s),
    }
    with OpenAIServer(scripts[options.script], models=[options.model], port=options.port) as server:
        print(f"listening at {server.base_url}, model {options.model}; Ctrl-C ends", flush=True)  # noqa: T201
        try:
            server.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
