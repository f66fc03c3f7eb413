"""The context length that a local server tells of itself, in the answers of vLLM, llama.cpp,
Ollama and what speaks like them. What a model was trained for is not taken for what its server
was started with.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.served_models import is_asked_model

_LISTED = ("max_model_len", "context_length", "context_window")
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


def listed_window(answer: dict[str, Any], profile: ModelProfile) -> int | None:
    """Out of ``/v1/models``: vLLM's ``max_model_len``, and what others call it."""
    for entry in _entries(answer.get("data")):
        if is_asked_model(profile, str(entry.get("id") or "")):
            return next((n for name in _LISTED if (n := _tokens(entry.get(name)))), None)
    return None


def props_window(answer: dict[str, Any]) -> int | None:
    """Out of llama.cpp's ``/props``: what one request may hold."""
    settings = answer.get("default_generation_settings")
    if not isinstance(settings, dict):
        return None
    return _tokens(cast(dict[str, Any], settings).get("n_ctx"))


def loaded_window(answer: dict[str, Any], profile: ModelProfile) -> int | None:
    """Out of Ollama's ``/api/ps``: what the model was loaded with, as long as it is."""
    for entry in _entries(answer.get("models")):
        names = {str(entry.get("name") or ""), str(entry.get("model") or "")} - {""}
        if any(is_asked_model(profile, name) for name in names):
            return _tokens(entry.get("context_length"))
    return None


def shown_window(answer: dict[str, Any]) -> int | None:
    """Out of Ollama's ``/api/show``: the ``num_ctx`` of the model's file."""
    found = _NUM_CTX.search(str(answer.get("parameters") or ""))
    return int(found.group(1)) if found else None


def _entries(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for entry in cast(list[object], value):
            if isinstance(entry, dict):
                yield cast(dict[str, Any], entry)


def _tokens(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
