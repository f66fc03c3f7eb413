"""The server behind a profile, as every adapter of one sees it: its key, how long it is waited
for, and what its failures mean to a person.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from agentflow_desktop.adapters.error_bodies import Refusal
from agentflow_desktop.adapters.event_stream import MalformedReply, ReplyDecoder, ServerFault
from agentflow_desktop.adapters.model_failures import key_not_set, key_unusable, translate
from agentflow_desktop.core.errors import ProviderError, ProviderUnavailable
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.messages import ReplyPart
from agentflow_desktop.llm.provider import ModelProfile, ProviderHealth, is_loopback
from agentflow_desktop.llm.served_models import is_asked_model

if TYPE_CHECKING:
    import httpx2

SMALL_CALL_S = 10.0
_DRAIN_S = 0.5


class Refused(Exception):
    """An error status, before it is known what it means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"status {refusal.status}")
        self.refusal = refusal


class ModelServer:
    """Address, key and patience of one profile. ``quota_zone``: see ``translate``."""

    def __init__(
        self,
        profile: ModelProfile,
        key: SecretStr | None,
        settings: ModelSettings,
        quota_zone: Callable[[], tzinfo] = lambda: UTC,
    ) -> None:
        self.profile = profile
        self.key = key
        self._settings = settings
        self._quota_zone = quota_zone

    def require_key(self) -> None:
        """Raises KeyMissing where a key is needed and none is there that could be sent."""
        if self.profile.key_name and self.key is None:
            raise key_not_set(self.profile)
        if self.key is not None:
            text = self.key.get_secret_value()
            if not (text.isascii() and text.isprintable()):
                raise key_unusable(self.profile)

    def timeout(self, *, is_stream: bool) -> "httpx2.Timeout":
        """How long to wait to be connected, and for the next bytes."""
        import httpx2

        connect_s = self._settings.connect_timeout_s
        silence_s = self._settings.stall_timeout_s if is_stream else SMALL_CALL_S
        return httpx2.Timeout(silence_s, connect=connect_s, pool=connect_s)

    async def read(
        self, response: "httpx2.Response", decoder: ReplyDecoder
    ) -> AsyncGenerator[ReplyPart, None]:
        """The reply's parts, to its end. Closes the response however it ends.

        Raises ProviderUnavailable or what an error inside the stream means.
        """
        import httpx2

        try:
            pieces = response.aiter_bytes()
            async for data in pieces:
                for part in decoder.feed(data):
                    yield part
                if decoder.is_done:
                    await _drain(pieces)
            for part in decoder.end():
                yield part
            if not decoder.is_complete:
                raise self.broken("broke off in mid-reply")
        except MalformedReply as error:
            raise self.broken(f"sent a reply that is {error}") from error
        except ServerFault as error:
            raise self.translated(_fault(error)) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self.lost(error) from error
        finally:
            await response.aclose()

    async def health(self, list_models: Callable[[], Awaitable[tuple[str, ...]]]) -> ProviderHealth:
        """Whether it answers and offers the model. Asks for the list, which costs nothing."""
        began = time.monotonic()
        try:
            names = await list_models()
        except ProviderError as error:
            is_reached = error.was_accepted or not isinstance(error, ProviderUnavailable)
            return ProviderHealth(False, error.message, error.hint, is_reached=is_reached)
        latency_ms = round((time.monotonic() - began) * 1000)
        profile = self.profile
        if names and not any(is_asked_model(profile, name) for name in names):
            return ProviderHealth(
                True,
                f"{profile.name} answers, but does not list the model {profile.model!r}.",
                "'agentflow models list' shows what the server offers.",
                latency_ms,
            )
        return ProviderHealth(True, f"{profile.name} answers.", latency_ms=latency_ms)

    def translated(self, refusal: Refusal, *, asks_model: bool = True) -> ProviderError:
        """Our error for an error answer."""
        return translate(
            refusal,
            self.profile,
            self.key,
            datetime.now(UTC),
            asks_model=asks_model,
            quota_zone=self._quota_zone(),
        )

    def broken(self, what: str) -> ProviderUnavailable:
        """The error for a reply that is none."""
        return ProviderUnavailable(
            f"The server of {self.profile.name} {what}.",
            hint="Try again; look at the server's own log if it is yours.",
            retryable=True,
            was_accepted=True,
        )

    def lost(self, error: BaseException) -> ProviderUnavailable:
        """What a failure of the connection means to a person."""
        import httpx2

        name, detail = self.profile.name, type(error).__name__
        unsent = (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.PoolTimeout,
            httpx2.ProxyError,
            httpx2.UnsupportedProtocol,
        )
        if isinstance(error, unsent):
            return ProviderUnavailable(
                f"The server of {name} cannot be reached at {self.profile.base_url}.",
                hint="Check that it runs, and its address in models.yaml."
                if is_loopback(self.profile.base_url)
                else "Check the network of this machine, and its address in models.yaml.",
                detail=detail,
                retryable=True,
            )
        if isinstance(error, httpx2.TimeoutException):
            what = f"sent nothing for {self._settings.stall_timeout_s:g} s"
        else:
            what = "broke off the connection"
        return ProviderUnavailable(
            f"The server of {name} {what}.",
            hint="Try again; raise models.stall_timeout_s if the server is slow.",
            detail=detail,
            retryable=True,
            was_accepted=True,
        )


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    """Read on to the end of a reply that is complete, so that the connection can be used again;
    a server that keeps it open longer than a moment, or breaks it, loses it."""
    import httpx2

    with contextlib.suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in pieces:
                pass


def _fault(fault: ServerFault) -> Refusal:
    """An error inside a stream as a refusal; a code that is an HTTP status is taken as one."""
    error = fault.body.get("error")
    code = cast(dict[str, Any], error).get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 500 else 0
    return Refusal(status, {}, json.dumps(fault.body).encode())
