"""What a server's refusals mean: status, headers and body of an error as one of our errors."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from pydantic import SecretStr

from agentflow_desktop.core.errors import (
    KeyMissing,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from agentflow_desktop.llm.provider import ModelProfile

_OVERFLOW = re.compile(
    r"context[ _](length|size|window)|maximum context|exceed_context|prompt is too long",
    re.IGNORECASE,
)
_LASTING_QUOTA = re.compile(
    r"insufficient_quota|per[ _-]?day|daily|free-models-per-day|current quota|billing",
    re.IGNORECASE,
)
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)s$")
_DETAIL_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer as it came. ``status`` is 0 if the error stood inside a stream."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Said:
    """What the body of an error says."""

    message: str
    code: str
    parameter: str
    retry_delay_s: float | None


def refused_parameter(refusal: Refusal) -> str:
    """The request parameter that the server refuses by name; empty if it names none."""
    if refusal.status not in {400, 422}:
        return ""
    said = _read(refusal.body)
    if said.parameter:
        return said.parameter
    found = re.search(
        r"(max_tokens|max_completion_tokens|temperature|stream_options)['\"`]?"
        r" (?:is not supported|does not support|is unsupported)",
        said.message,
    ) or re.search(
        r"(?:unsupported|unknown|unrecognized|extra) (?:parameter|argument|field|value)s?:? *"
        r"['\"`]?(max_tokens|max_completion_tokens|temperature|stream_options)",
        said.message,
        re.IGNORECASE,
    )
    return found.group(1) if found else ""


def key_not_set(profile: ModelProfile) -> KeyMissing:
    """The error for a model whose key was not entered yet."""
    return KeyMissing(
        f"{profile.name} needs the key {profile.key_name}, and it is not set.",
        hint=_where_to_enter(profile),
    )


def translate(
    refusal: Refusal,
    profile: ModelProfile,
    key: SecretStr | None,
    now: datetime,
    *,
    asks_model: bool,
) -> ProviderError:
    """Our error for an error answer. The key is taken out of what the server said.

    ``asks_model``: a model was asked; else the server was asked about itself.
    """
    said = _read(refusal.body)
    detail = _without_key(f"{refusal.status} {said.code} {said.message}", key)
    detail = detail.strip()[:_DETAIL_CHARACTERS]
    name = profile.name
    if refusal.status == 413 or _OVERFLOW.search(f"{said.code} {said.message}"):
        return ProviderRefused(
            f"The question with its documents is too long for {name}.",
            hint="Choose fewer or shorter files, or a model with a larger window.",
            detail=detail,
        )
    if refusal.status in {401, 403}:
        return _key_refused(profile, detail)
    if refusal.status == 404 and not asks_model:
        return ProviderRefused(
            f"What answers at {profile.base_url} does not speak this interface.",
            hint="Check base_url in models.yaml; it mostly ends in /v1.",
            detail=detail,
        )
    if refusal.status == 404:
        return ProviderRefused(
            f"The server of {name} has no model {profile.model!r} at {profile.base_url}.",
            hint="'agentflow models list' shows what the server offers;"
            " put the right name or address into models.yaml.",
            detail=detail,
        )
    if refusal.status == 429:
        return _too_many(refusal, said, name, detail, now)
    if refusal.status in {0, 408} or refusal.status >= 500:
        return ProviderUnavailable(
            f"The server of {name} failed ({refusal.status or 'in mid-reply'}).",
            hint="Try again later; look at the server's own log if it is yours.",
            detail=detail,
            retryable=True,
            retry_after_s=_retry_after(refusal.headers, said, now),
            was_accepted=refusal.status == 0,
        )
    return _refused(refusal, said, name, _without_key(said.message, key), detail)


def _refused(
    refusal: Refusal, said: _Said, name: str, message: str, detail: str
) -> ProviderRefused:
    if 300 <= refusal.status < 400:
        return ProviderRefused(
            f"The server of {name} sends requests on to another address.",
            hint="Put the final address into models.yaml (base_url): documents go nowhere else.",
            detail=detail,
        )
    if refusal.status == 402:
        return ProviderRefused(
            f"The account behind {name} has no credit left.",
            hint="Add credit with the provider, or choose another model.",
            detail=detail,
        )
    return ProviderRefused(
        f"The server of {name} refused the request ({refusal.status}): {_first_sentence(message)}",
        hint=_refused_hint(said),
        detail=detail,
    )


def _key_refused(profile: ModelProfile, detail: str) -> KeyMissing:
    if profile.key_name:
        return KeyMissing(
            f"The server of {profile.name} does not accept the key {profile.key_name}.",
            hint=_where_to_enter(profile),
            detail=detail,
        )
    return KeyMissing(
        f"The server of {profile.name} asks for a key, and the model is configured without one.",
        hint="Name a key in models.yaml (key_name), then enter it with"
        " 'agentflow models set-key NAME'.",
        detail=detail,
    )


def _where_to_enter(profile: ModelProfile) -> str:
    place = f", or set {profile.key_env}" if profile.key_env else ""
    return f"Enter it with 'agentflow models set-key {profile.key_name}'{place}."


def _too_many(
    refusal: Refusal, said: _Said, name: str, detail: str, now: datetime
) -> ProviderUnavailable:
    if _LASTING_QUOTA.search(f"{said.code} {said.message}"):
        return ProviderUnavailable(
            f"The quota of {name} is used up.",
            hint="Wait until the provider renews it, raise it there, or choose another model.",
            detail=detail,
        )
    wait_s = _retry_after(refusal.headers, said, now)
    asks = f" The server asks to wait {wait_s:.0f} s." if wait_s else ""
    return ProviderUnavailable(
        f"{name} gets more requests than its server allows.",
        hint=f"Wait a little, or run fewer tasks at once.{asks}",
        detail=detail,
        retryable=True,
        retry_after_s=wait_s,
    )


def _refused_hint(said: _Said) -> str:
    if "response_format" in f"{said.parameter} {said.message}":
        return "Set sends_schema: false for this model in models.yaml."
    return "Check this model's profile in models.yaml against what its server supports."


def _read(body: bytes) -> _Said:
    """Every server wraps its errors a little differently; text that is no JSON stands as it is."""
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return _Said(body.decode("utf-8", "replace").strip(), "", "", None)
    if isinstance(answer, list) and answer:
        outer = _fields(cast(list[Any], answer)[0])
    else:
        outer = _fields(cast(Any, answer))
    fields = _fields(outer.get("error", outer))
    message: Any = fields.get("message") or fields.get("detail") or ""
    code = " ".join(str(fields[name]) for name in ("code", "type", "status") if fields.get(name))
    return _Said(str(message), code, str(fields.get("param") or ""), _retry_info(fields))


def _fields(value: Any) -> dict[str, Any]:
    """A JSON object as it is; anything else as its message."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {"message": value}


def _retry_info(fields: dict[str, Any]) -> float | None:
    """Seconds of a google.rpc.RetryInfo among the details."""
    details = fields.get("details")
    if not isinstance(details, list):
        return None
    for detail in cast(list[Any], details):
        if isinstance(detail, dict) and "RetryInfo" in str(
            cast(dict[str, Any], detail).get("@type")
        ):
            found = _DURATION.match(str(cast(Any, detail).get("retryDelay", "")))
            if found:
                return float(found.group(1))
    return None


def _retry_after(headers: Mapping[str, str], said: _Said, now: datetime) -> float | None:
    """Seconds to wait by ``retry-after-ms``, ``Retry-After`` (seconds or date) or the body."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    if seconds is not None:
        return seconds
    if text:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return said.retry_delay_s
        if moment.tzinfo is not None:
            return max(0.0, (moment - now).total_seconds())
    return said.retry_delay_s


def _number(text: str) -> float | None:
    """A finite number of seconds that is not negative."""
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return None
    return float(text)


def _first_sentence(text: str) -> str:
    return " ".join(text.split())[:200] or "no reason was given."


def _without_key(text: str, key: SecretStr | None) -> str:
    """The text without the key, which some servers repeat in what they answer."""
    secret = key.get_secret_value() if key else ""
    return text.replace(secret, "[key]") if secret else text
