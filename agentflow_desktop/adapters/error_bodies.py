"""What the body and the headers of a model server's error say, whoever's form it is in.

OpenAI's, vLLM's, Ollama's, OpenRouter's and Google's (``google.rpc`` details) are read; a text
that is no JSON stands as it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

_DURATION = re.compile(r"^(\d{1,9}(?:\.\d+)?)s$")
_PER_DAY = re.compile(r"per[ _-]?day|daily", re.IGNORECASE)
_LASTING = re.compile(r"insufficient_quota|current quota|billing", re.IGNORECASE)
_BAD_KEY = re.compile(r"API_KEY_(INVALID|EXPIRED|SERVICE_BLOCKED)|API key (not valid|expired)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer as it came. ``status`` is 0 if the error stood inside a stream."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What the body of an error says. ``quota_ids`` and ``reasons`` are Google's."""

    message: str
    code: str = ""
    parameter: str = ""
    retry_delay_s: float | None = None
    quota_ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def is_of_the_day(self) -> bool:
        """A quota of a whole day is used up.

        Google says "current quota" of any quota: where it names quotas, their names decide.
        """
        if self.quota_ids:
            return any(_PER_DAY.search(quota) for quota in self.quota_ids)
        return bool(_PER_DAY.search(f"{self.code} {self.message}"))

    @property
    def is_lasting(self) -> bool:
        """A quota is used up that waiting a little doesn't renew, and nobody says until when."""
        if self.quota_ids or self.retry_delay_s is not None:
            return False
        return bool(_LASTING.search(f"{self.code} {self.message}"))

    @property
    def is_of_the_key(self) -> bool:
        """The key is not accepted, whatever the status says: Google answers 400 to a bad one."""
        return bool(_BAD_KEY.search(f"{' '.join(self.reasons)} {self.message}"))


def read_error(body: bytes) -> Said:
    """The words of an error's body."""
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return Said(body.decode("utf-8", "replace").strip())
    if isinstance(answer, list) and answer:
        outer = _fields(cast(list[Any], answer)[0])
    else:
        outer = _fields(cast(Any, answer))
    fields = _fields(outer.get("error", outer))
    message: Any = fields.get("message") or fields.get("detail") or ""
    code = " ".join(str(fields[name]) for name in ("code", "type", "status") if fields.get(name))
    return Said(
        str(message),
        code,
        str(fields.get("param") or ""),
        _retry_info(fields),
        tuple(
            str(violation.get("quotaId") or violation.get("quotaMetric") or "")
            for detail in _details(fields, "QuotaFailure")
            for violation in _objects(detail.get("violations"))
        ),
        tuple(str(detail.get("reason") or "") for detail in _details(fields, "ErrorInfo")),
    )


def retry_after(headers: Mapping[str, str], said: Said, now: datetime) -> float | None:
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


def _fields(value: Any) -> dict[str, Any]:
    """A JSON object as it is; anything else as its message."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {"message": value}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    for item in cast(list[Any], value) if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield cast(dict[str, Any], item)


def _details(fields: dict[str, Any], type_name: str) -> Iterator[dict[str, Any]]:
    """The details of one ``google.rpc`` type."""
    for detail in _objects(fields.get("details")):
        if str(detail.get("@type")).endswith(f".{type_name}"):
            yield detail


def _retry_info(fields: dict[str, Any]) -> float | None:
    """Seconds of a google.rpc.RetryInfo."""
    for detail in _details(fields, "RetryInfo"):
        found = _DURATION.match(str(detail.get("retryDelay", "")))
        if found:
            return float(found.group(1))
    return None


def _number(text: str) -> float | None:
    """A finite number of seconds that is not negative."""
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return None
    return float(text)
