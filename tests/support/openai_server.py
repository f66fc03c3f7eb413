"""A server on loopback that speaks the OpenAI wire format, says what a script tells it, and
fails on demand.

    with OpenAIServer(by_schema({"answer": reply_json({...})})) as server:
        ...ask server.base_url...
        assert server.requests[0].schema_name == "answer"

Or by hand: ``PYTHONPATH=tests python -m support.openai_server --port 8000``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentflow_desktop.llm.messages import Usage
from support.loopback_server import (
    MODEL,
    LoopbackServer,
    Received,
    Reply,
    Script,
    by_schema,
    failure,
    in_order,
    reply_json,
)
from support.scripted_model import from_sources, serve_by_hand

__all__ = [
    "MODEL",
    "OpenAIServer",
    "Received",
    "Reply",
    "Script",
    "by_schema",
    "failure",
    "from_sources",
    "in_order",
    "reply_json",
]
"""With what scripts are written in, so that a test imports one module."""


class OpenAIServer(LoopbackServer):
    """``/v1/chat/completions``, ``/v1/models``, and vLLM's ``/health`` and ``/tokenize``.

    Also what a server of another make has beside it: ``own_answers`` by path, and
    ``max_model_len`` in the list of models."""

    root = "/v1"
    end_mark = b"data: [DONE]\n\n"

    def __init__(self, script: Script | Sequence[Reply], **how: Any) -> None:
        super().__init__(script, **how)
        self.own_answers: dict[str, object] = {}
        self.max_model_len: int | None = None

    def turns(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for message in body.get("messages", ()):
            yield message["role"], message["content"]

    def sent_schema(self, body: Mapping[str, Any]) -> str:
        sent = body.get("response_format")
        return str(sent["json_schema"]["name"]) if sent else ""

    def is_question(self, path: str) -> bool:
        return path == "/v1/chat/completions"

    def wants_stream(self, request: Received) -> bool:
        return bool(request.body.get("stream"))

    def piece(self, text: str, reply: Reply, request: Received, *, is_thought: bool) -> object:
        delta = {"reasoning_content" if is_thought else "content": text}
        return {**_head(reply, request), "choices": [{"index": 0, "delta": delta}]}

    def ending(self, reply: Reply, request: Received) -> Iterator[object]:
        head = _head(reply, request)
        if reply.finish is not None and reply.error_in_stream is None:
            end = {"index": 0, "delta": {}, "finish_reason": reply.finish}
            yield {**head, "choices": [end]}
        usage = _usage(reply, request)
        if usage is not None and request.body.get("stream_options", {}).get("include_usage"):
            yield {**head, "choices": [], "usage": usage}

    def whole(self, reply: Reply, request: Received) -> object:
        message = {"role": "assistant", "content": reply.text}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        return {**_head(reply, request), "choices": [choice], "usage": _usage(reply, request)}

    def answer_itself(self, path: str, request: Received) -> object | None:
        if path in self.own_answers:
            return self.own_answers[path]
        length = {} if self.max_model_len is None else {"max_model_len": self.max_model_len}
        match path:
            case "/health":
                return {}
            case "/v1/models":
                entries = [{"id": name, "object": "model", **length} for name in self.models]
                return {"object": "list", "data": entries}
            case "/tokenize":
                return {"count": request.tokens, "max_model_len": 8192, "tokens": []}
            case _:
                return None


def _head(reply: Reply, request: Received) -> dict[str, Any]:
    served = reply.served_model or request.body.get("model", MODEL)
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": served}


def _usage(reply: Reply, request: Received) -> Mapping[str, Any] | None:
    usage = reply.counted(request) if reply.usage == "counted" else reply.usage
    if not isinstance(usage, Usage):
        return usage
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.thinking_tokens},
    }


if __name__ == "__main__":
    serve_by_hand(OpenAIServer, 8000)
