"""What a model server's refusals mean, for every wire format: status, headers and body of an
error as one of our errors.
"""

import re
from datetime import datetime, timedelta, tzinfo

from pydantic import SecretStr

from agentflow_desktop.adapters.error_bodies import Refusal, Said, read_error, retry_after
from agentflow_desktop.core.errors import (
    KeyMissing,
    PromptTooLong,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaUsedUp,
    RateLimited,
)
from agentflow_desktop.llm.provider import ModelProfile

_OVERFLOW = re.compile(
    r"context[ _](length|size|window)|maximum context|exceed_context|prompt is too long"
    r"|input token count",
    re.IGNORECASE,
)
_DETAIL_CHARACTERS = 600
_SHORT_WAIT_S = 120  # a quota of the day that rolls is renewed piece by piece


def refused_parameter(refusal: Refusal) -> str:
    """The request parameter that the server refuses by name; empty if it names none."""
    if refusal.status not in {400, 422}:
        return ""
    said = read_error(refusal.body)
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


def key_unusable(profile: ModelProfile) -> KeyMissing:
    """The error for a key that no header can carry."""
    return KeyMissing(
        f"The key {profile.key_name} holds characters that no key has.",
        hint=f"It was perhaps cut or copied with other text. {_where_to_enter(profile)}",
    )


def translate(
    refusal: Refusal,
    profile: ModelProfile,
    key: SecretStr | None,
    now: datetime,
    *,
    asks_model: bool,
    quota_zone: tzinfo,
) -> ProviderError:
    """Our error for an error answer. The key is taken out of what the server said.

    ``asks_model``: a model was asked; else the server was asked about itself. ``quota_zone``:
    where the provider's quotas of a day are renewed at midnight.
    """
    said = read_error(refusal.body)
    detail = _without_key(f"{refusal.status} {said.code} {said.message}", key)
    detail = detail.strip()[:_DETAIL_CHARACTERS]
    name = profile.name
    if refusal.status == 413 or _OVERFLOW.search(f"{said.code} {said.message}"):
        return PromptTooLong(
            f"The question with its documents is too long for {name}.",
            hint="Choose fewer or shorter files, or a model with a larger window.",
            detail=detail,
        )
    if refusal.status in {401, 403} or (refusal.status == 400 and said.is_of_the_key):
        return _key_refused(profile, detail)
    if refusal.status == 404:
        return _not_found(profile, detail, asks_model=asks_model)
    if refusal.status == 429:
        return _too_many(refusal, said, name, detail, now=now, quota_zone=quota_zone)
    if refusal.status in {0, 408} or refusal.status >= 500:
        wait_s = retry_after(refusal.headers, said, now)
        return ProviderUnavailable(
            f"The server of {name} failed ({refusal.status or 'in mid-reply'}).",
            hint=f"Try again later; look at the server's own log if it is yours.{_asks(wait_s)}",
            detail=detail,
            retryable=True,
            retry_after_s=wait_s,
            was_accepted=refusal.status == 0,
        )
    return _refused(refusal, said, name, _without_key(said.message, key), detail)


def _not_found(profile: ModelProfile, detail: str, *, asks_model: bool) -> ProviderRefused:
    if not asks_model:
        return ProviderRefused(
            f"What answers at {profile.base_url} does not speak this interface.",
            hint="Check base_url in models.yaml; of most servers it ends in /v1.",
            detail=detail,
        )
    return ProviderRefused(
        f"The server of {profile.name} has no model {profile.model!r} at {profile.base_url}.",
        hint="'agentflow models list' shows what the server offers;"
        " put the right name or address into models.yaml.",
        detail=detail,
    )


def _refused(refusal: Refusal, said: Said, name: str, message: str, detail: str) -> ProviderRefused:
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
    refusal: Refusal, said: Said, name: str, detail: str, *, now: datetime, quota_zone: tzinfo
) -> ProviderUnavailable:
    header_s = retry_after(refusal.headers, Said(""), now)
    # Google names a delay beside a quota of the day, after which it is just as spent.
    if said.is_of_the_day and (header_s is None or header_s > _SHORT_WAIT_S):
        renewed_at = _next_midnight(now, quota_zone)
        return QuotaUsedUp(
            f"The quota of {name} for this day is used up.",
            hint="Wait until the provider renews it, raise it there, or choose another model.",
            detail=detail,
            renewed_at=renewed_at if header_s is None else now + timedelta(seconds=header_s),
        )
    if said.is_lasting and not said.is_of_the_day:
        return QuotaUsedUp(
            f"The quota of {name} is used up.",
            hint="Wait until the provider renews it, raise it there, or choose another model.",
            detail=detail,
        )
    wait_s = retry_after(refusal.headers, said, now)
    return RateLimited(
        f"{name} gets more requests than its server allows.",
        hint=f"Wait a little, or run fewer tasks at once.{_asks(wait_s)}",
        detail=detail,
        retryable=True,
        retry_after_s=wait_s,
    )


def _asks(wait_s: float | None) -> str:
    return f" The server asks to wait {wait_s:.0f} s." if wait_s else ""


def _next_midnight(now: datetime, zone: tzinfo) -> datetime:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).astimezone(now.tzinfo)


def _refused_hint(said: Said) -> str:
    if "response_format" in f"{said.parameter} {said.message}":
        return "Set sends_schema: false for this model in models.yaml."
    return "Check this model's profile in models.yaml against what its server supports."


def _first_sentence(text: str) -> str:
    return " ".join(text.split())[:200] or "no reason was given."


def _without_key(text: str, key: SecretStr | None) -> str:
    """The text without the key, which some servers repeat in what they answer."""
    secret = key.get_secret_value() if key else ""
    return text.replace(secret, "[key]") if secret else text
