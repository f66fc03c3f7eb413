"""Gemini's wire format: a request as the SDK's plain dictionaries, a stream of bytes as reply
parts. Owns no connection and needs no SDK.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from agentflow_desktop.adapters.event_stream import ReplyDecoder, ServerFault
from agentflow_desktop.llm.messages import (
    Finish,
    FinishPart,
    ModelRequest,
    ReplyPart,
    ServedPart,
    ThoughtPart,
    Usage,
    UsagePart,
)
from agentflow_desktop.llm.provider import ContextCache, ModelProfile

_FINISHES = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "SAFETY": Finish.SAFETY,
    "BLOCKLIST": Finish.SAFETY,
    "PROHIBITED_CONTENT": Finish.SAFETY,
    "SPII": Finish.SAFETY,
    "MODEL_ARMOR": Finish.SAFETY,
    "RECITATION": Finish.RECITATION,
}

# What a response schema may use; anything else is refused or ignored.
# Source: https://ai.google.dev/api/generate-content#v1beta.GenerationConfig
_SCHEMA_WORDS = frozenset(
    "$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems"
    " minimum maximum anyOf oneOf properties additionalProperties required propertyOrdering".split()
)


def contents(request: ModelRequest) -> list[dict[str, Any]]:
    """The turns, without the system text, and without what the context cache holds."""
    texts = [message.content for message in request.messages if message.role != "system"]
    if request.context_cache:
        texts[0] = texts[0][request.shared_characters :]
    return _turns(request, texts)


def _turns(request: ModelRequest, texts: list[str]) -> list[dict[str, Any]]:
    roles = [message.role for message in request.messages if message.role != "system"]
    return [
        _turn("model" if role == "assistant" else "user", text)
        for role, text in zip(roles, texts, strict=True)
    ]


def kept_context(request: ModelRequest, ttl_s: int) -> dict[str, Any]:
    """The SDK's CreateCachedContentConfig. It bears no name: what is kept is nobody else's."""
    return {
        "contents": contents(request),
        "system_instruction": _system_text(request),
        "ttl": f"{ttl_s}s",
    }


def read_context(kept: Any) -> ContextCache:
    """The SDK's CachedContent. Raises ValueError if it names none or counts nothing."""
    tokens = kept.usage_metadata.total_token_count if kept.usage_metadata else None
    if not kept.name or not tokens:
        raise ValueError("no name or no count")
    return ContextCache(str(kept.name), int(tokens))


def counted_contents(request: ModelRequest) -> list[dict[str, Any]]:
    """All that is charged as input, as turns: the counter takes neither system text nor schema,
    and counting them as text errs to the dearer side."""
    added = [_system_text(request)]
    if request.schema is not None:
        added.append(json.dumps(_accepted(request.schema.schema), ensure_ascii=False))
    texts = [message.content for message in request.messages if message.role != "system"]
    return [*(_turn("user", text) for text in added if text), *_turns(request, texts)]


def config(request: ModelRequest, profile: ModelProfile) -> dict[str, Any]:
    """The SDK's GenerateContentConfig: system text, limits, schema, thinking."""
    fields: dict[str, Any] = {
        "max_output_tokens": request.max_output_tokens,
        # We give it no functions; left on, the SDK logs a line with each call.
        "automatic_function_calling": {"disable": True},
    }
    system = _system_text(request)
    if request.context_cache:
        fields["cached_content"] = request.context_cache
    elif system:
        fields["system_instruction"] = system
    if profile.sends_temperature:
        fields["temperature"] = request.temperature
    if request.schema is not None and profile.sends_schema:
        fields["response_mime_type"] = "application/json"
        fields["response_json_schema"] = _accepted(request.schema.schema)
    if profile.thinking_level is not None:
        fields["thinking_config"] = {"thinking_level": profile.thinking_level.upper()}
    elif profile.thinking_budget is not None:
        fields["thinking_config"] = {"thinking_budget": profile.thinking_budget}
    return fields


def _system_text(request: ModelRequest) -> str:
    return "\n\n".join(_sendable(m.content) for m in request.messages if m.role == "system")


def _turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": _sendable(text)}]}


def _sendable(text: str) -> str:
    """The text, with a question mark for what UTF-8 can't carry (half of a surrogate pair)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _accepted(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in the words that Gemini takes, its fields in the order in which they stand."""
    if "$ref" in schema:  # beside it nothing else may stand
        return {"$ref": schema["$ref"]}
    kept: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "const":
            kept["enum"] = [value]
        elif word in {"properties", "$defs"}:
            kept[word] = {name: _accepted(inner) for name, inner in value.items()}
        elif word in _SCHEMA_WORDS:
            kept[word] = _accepted_value(value)
    if "properties" in kept:
        kept["propertyOrdering"] = list(kept["properties"])
    return kept


def _accepted_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _accepted(cast(Mapping[str, Any], value))
    if isinstance(value, list):
        return [_accepted_value(item) for item in cast(list[Any], value)]
    return value


class ContentDecoder(ReplyDecoder):
    """Reads GenerateContentResponses, streamed or whole."""

    meant = "Gemini reply"

    def __init__(self, *, is_stream: bool = True) -> None:
        super().__init__(is_stream=is_stream)
        self._served = ""
        self._is_finished = False

    @property
    def is_complete(self) -> bool:
        """A finish reason was seen, or that the question was blocked."""
        return self._is_finished

    @property
    def is_done(self) -> bool:
        """No mark ends the stream: what comes after the finish reason can still tell usage."""
        return False

    def _parts(self, chunk: dict[str, Any]) -> Iterator[ReplyPart]:
        if chunk.get("error"):
            raise ServerFault(chunk)
        served = str(chunk.get("modelVersion") or "").removeprefix("models/")
        if served and served != self._served:
            self._served = served
            yield ServedPart(served)
        for candidate in cast(list[dict[str, Any]], chunk.get("candidates") or []):
            yield from self._candidate(candidate)
        feedback = cast(dict[str, Any], chunk.get("promptFeedback") or {})
        if feedback.get("blockReason"):
            yield from self._finish(Finish.BLOCKED)
        usage = chunk.get("usageMetadata")
        if usage:
            yield from self._flush()
            counted = read_usage(cast(dict[str, Any], usage))
            yield UsagePart(counted, is_final=self._is_finished)

    def _candidate(self, candidate: dict[str, Any]) -> Iterator[ReplyPart]:
        content = cast(dict[str, Any], candidate.get("content") or {})
        for part in cast(list[dict[str, Any]], content.get("parts") or []):
            text = part.get("text")
            if text and part.get("thought"):
                yield ThoughtPart(str(text))
            elif text:
                self._add_text(str(text))
        reason = candidate.get("finishReason")
        if reason:
            yield from self._finish(_FINISHES.get(str(reason), Finish.OTHER))

    def _finish(self, finish: Finish) -> Iterator[ReplyPart]:
        if not self._is_finished:
            self._is_finished = True
            yield from self._flush()
            yield FinishPart(finish)


def read_usage(usage: dict[str, Any]) -> Usage:
    """Usage as Gemini reports it: thinking stands apart there and is charged as output."""
    thinking = _count(usage, "thoughtsTokenCount")
    return Usage(
        input_tokens=_count(usage, "promptTokenCount") + _count(usage, "toolUsePromptTokenCount"),
        output_tokens=_count(usage, "candidatesTokenCount") + thinking,
        cached_input_tokens=_count(usage, "cachedContentTokenCount"),
        thinking_tokens=thinking,
    )


def _count(usage: dict[str, Any], name: str) -> int:
    return int(usage.get(name) or 0)
