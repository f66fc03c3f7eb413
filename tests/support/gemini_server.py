"""A server on loopback that speaks Gemini's wire format, says what a script tells it, and fails
on demand.

    with GeminiServer([Reply("An answer.")]) as server:
        ...ask server.base_url...

Or by hand: ``PYTHONPATH=tests python -m support.gemini_server --port 8010``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentflow_desktop.llm.messages import Usage
from support.loopback_server import LoopbackServer, Received, Reply, Script, tokens_of
from support.scripted_model import serve_by_hand

_FINISHES = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "recitation": "RECITATION",
}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_ASKING = (":generateContent", ":streamGenerateContent")


def refusal(
    status: int,
    message: str = "scripted refusal",
    *,
    reason: str = "",
    quota_id: str = "",
    retry_delay: str = "",
    in_list: bool = False,
) -> Reply:
    """An error answer in Google's form, with ErrorInfo, QuotaFailure and RetryInfo as given."""
    details: list[dict[str, Any]] = []
    if reason:
        domain = "googleapis.com"
        details.append({"@type": _type("ErrorInfo"), "reason": reason, "domain": domain})
    if quota_id:
        violation = {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
            "quotaId": quota_id,
            "quotaValue": "50",
        }
        details.append({"@type": _type("QuotaFailure"), "violations": [violation]})
    if retry_delay:
        details.append({"@type": _type("RetryInfo"), "retryDelay": retry_delay})
    error = {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}
    body = {"error": {**error, "details": details} if details else error}
    return Reply(status=status, error=[body] if in_list else body)


def _type(name: str) -> str:
    return f"type.googleapis.com/google.rpc.{name}"


class GeminiServer(LoopbackServer):
    """``models/{m}:streamGenerateContent``, ``:generateContent``, ``:countTokens``, ``/models``,
    and ``/cachedContents``.

    A question that names cached contents has them as the beginning of its first turns. ``kept``
    are those that are not deleted; ``least_kept`` is the fewest tokens that it takes.
    """

    root = ""

    def __init__(self, script: Script | Sequence[Reply], **how: Any) -> None:
        super().__init__(script, **how)
        self.kept: dict[str, Mapping[str, Any]] = {}
        self.least_kept = 1_024
        self.input_limit = 1_048_576

    def turns(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        cached = self.kept.get(body.get("cachedContent", ""), {})
        before = "".join(_text(content) for content in cached.get("contents", ()))
        system = cached.get("systemInstruction", body.get("systemInstruction"))
        if system is not None:
            yield "system", _text(system)
        for content in body.get("contents", ()):
            role = "assistant" if content["role"] == "model" else content["role"]
            yield role, before + _text(content)
            before = ""

    def sent_schema(self, body: Mapping[str, Any]) -> str:
        schema = body.get("generationConfig", {}).get("responseJsonSchema")
        return str(schema["title"]).removesuffix("Form").lower() if schema else ""

    def is_question(self, path: str) -> bool:
        return path.startswith("/v1beta/models/") and path.endswith(_ASKING)

    def wants_stream(self, request: Received) -> bool:
        return ":streamGenerateContent" in request.path and "alt=sse" in request.path

    def piece(self, text: str, reply: Reply, request: Received, *, is_thought: bool) -> object:
        part = {"text": text, "thought": True} if is_thought else {"text": text}
        content = {"parts": [part], "role": "model"}
        event = {"candidates": [{"content": content, "index": 0}], **_tail(reply, request)}
        if reply.usage is not None:  # Gemini tells early what the prompt took
            event["usageMetadata"] = {"promptTokenCount": request.tokens}
        return event

    def ending(self, reply: Reply, request: Received) -> Iterator[object]:
        if reply.error_in_stream is not None or reply.finish is None:
            return
        usage = _usage(reply, request)
        tail = _tail(reply, request) | ({"usageMetadata": usage} if usage is not None else {})
        if reply.finish == "blocked":
            yield {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **tail}
            return
        finish = _FINISHES.get(reply.finish, reply.finish)
        yield {"candidates": [{"finishReason": finish, "index": 0}], **tail}

    def whole(self, reply: Reply, request: Received) -> object:
        content = {"parts": [{"text": reply.text}], "role": "model"}
        finish = _FINISHES.get(reply.finish or "", reply.finish)
        candidate = {"content": content, "finishReason": finish, "index": 0}
        usage = _usage(reply, request)
        return {"candidates": [candidate], "usageMetadata": usage, **_tail(reply, request)}

    def refusal_of(self, request: Received) -> Reply | None:
        """An error answer to a question by contents that are gone, or that says twice what they
        say."""
        name = request.body.get("cachedContent")
        if name is None:
            return None
        if name not in self.kept:
            said = "CachedContent not found (or permission denied)"
            return refusal(403, said)
        if {"systemInstruction", "tools", "toolConfig"} & request.body.keys():
            said = "CachedContent can not be used with GenerateContent request setting these."
            return refusal(400, said)
        return None

    def _keep(self, request: Received) -> object:
        tokens = request.tokens
        if tokens < self.least_kept:
            said = f"Cached content is too small. total_token_count={tokens}"
            return refusal(400, f"{said}, min_total_token_count={self.least_kept}")
        name = f"cachedContents/kept-{len(self.other_requests)}"
        self.kept[name] = request.body
        return {
            "name": name,
            "model": request.body["model"],
            "createTime": "2026-11-26T00:00:00.000000Z",
            "updateTime": "2026-11-26T00:00:00.000000Z",
            "expireTime": "2026-11-26T00:10:00.000000Z",
            "displayName": "",
            "usageMetadata": {"totalTokenCount": tokens},
        }

    def answer_itself(self, path: str, request: Received) -> object | None:
        if path == "/v1beta/cachedContents" and request.method == "POST":
            return self._keep(request)
        if path.startswith("/v1beta/cachedContents/") and request.method == "DELETE":
            gone = self.kept.pop(path.removeprefix("/v1beta/"), None)
            return {} if gone is not None else refusal(403, "CachedContent not found")
        if path == "/v1beta/models":
            entries = [
                {"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]}
                for name in self.models
            ]
            embedder = {
                "name": "models/test-embedding",
                "supportedGenerationMethods": ["embedContent"],
            }
            return {"models": [*entries, embedder]}
        if path.removeprefix("/v1beta/models/") in self.models:
            name = path.removeprefix("/v1beta/")
            return {"name": name, "inputTokenLimit": self.input_limit, "outputTokenLimit": 65_536}
        if path.startswith("/v1beta/models/") and path.endswith(":countTokens"):
            return {"totalTokens": request.tokens}
        return None


def _text(content: Mapping[str, Any]) -> str:
    return "".join(part["text"] for part in content["parts"])


def _tail(reply: Reply, request: Received) -> dict[str, Any]:
    """What every event ends with."""
    asked = request.path.split("/models/", 1)[-1].split(":", 1)[0]
    return {"modelVersion": reply.served_model or asked, "responseId": "reply-1"}


def _usage(reply: Reply, request: Received) -> Mapping[str, Any] | None:
    usage = reply.counted(request) if reply.usage == "counted" else reply.usage
    if isinstance(usage, Usage) and "cachedContent" in request.body:
        sent = sum(tokens_of(_text(content)) for content in request.body["contents"])
        usage = replace(usage, cached_input_tokens=max(0, usage.input_tokens - sent))
    if not isinstance(usage, Usage):
        return usage
    counts = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.thinking_tokens,
        "thoughtsTokenCount": usage.thinking_tokens,
        "cachedContentTokenCount": usage.cached_input_tokens,
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }
    return {name: count for name, count in counts.items() if count}


if __name__ == "__main__":
    serve_by_hand(GeminiServer, 8010)
