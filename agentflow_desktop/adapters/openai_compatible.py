"""Models behind an OpenAI-compatible address: vLLM, Ollama, llama.cpp, LM Studio, OpenRouter,
OpenAI. One attempt a call: retries and money are the caller's.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from agentflow_desktop.adapters.openai_failures import (
    Refusal,
    key_not_set,
    refused_parameter,
    translate,
)
from agentflow_desktop.adapters.openai_wire import (
    Dialect,
    MalformedReply,
    ReplyDecoder,
    ServerFault,
    message_list,
    read_object,
    request_body,
)
from agentflow_desktop.core.errors import (
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.messages import ModelRequest, ReplyPart
from agentflow_desktop.llm.provider import ModelProfile, ProviderHealth, is_loopback
from agentflow_desktop.llm.served_models import is_asked_model

if TYPE_CHECKING:
    import httpx2
    import openai

_DRAIN_S = 0.5
_SMALL_CALL_S = 10.0


class OpenAICompatibleProvider:
    """A ModelProvider for one profile's address and key. The SDK is loaded at the first call."""

    def __init__(
        self, profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
    ) -> None:
        self._profile = profile
        self._key = key
        self._settings = settings
        # OpenAI's newer models know only the new name of the limit, most other servers the old.
        self._is_openai = urlsplit(profile.base_url).hostname == "api.openai.com"
        self._dialect = Dialect("max_completion_tokens" if self._is_openai else "max_tokens")
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        """The reply as it comes.

        Raises KeyMissing, ProviderRefused or ProviderUnavailable; ``was_accepted`` is set once
        the server may have begun to work.
        """
        response = await self._open(request)
        import httpx2

        try:
            decoder = ReplyDecoder(is_stream="json" not in response.headers.get("content-type", ""))
            pieces = response.aiter_bytes()
            async for data in pieces:
                for part in decoder.feed(data):
                    yield part
                if decoder.is_done:
                    await _drain(pieces)
            for part in decoder.end():
                yield part
            if not decoder.is_complete:
                raise self._broken("broke off in mid-reply")
        except MalformedReply as error:
            raise self._broken(f"sent a reply that is {error}") from error
        except ServerFault as error:
            raise self._translated(_fault(error)) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self._lost(error) from error
        finally:
            await response.aclose()

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Input tokens by vLLM's ``/tokenize``; None where there is no counter."""
        if not self._profile.counts_tokens:
            return None
        root = self._profile.base_url.rstrip("/").removesuffix("/v1")
        body = {"model": request.model, "messages": message_list(request)}
        try:
            answer = await self._small_call(f"{root}/tokenize", body)
        except ProviderRefused:
            return None
        count = answer.get("count")
        return count if isinstance(count, int) else None

    async def list_models(self) -> tuple[str, ...]:
        """Names that the server offers, in its order."""
        answer = await self._small_call("/models", None)
        try:
            return tuple(str(entry["id"]) for entry in answer.get("data") or ())
        except (KeyError, TypeError) as error:
            raise self._broken("sent a list of models that is none") from error

    async def health(self) -> ProviderHealth:
        """Asks for the list of models, which costs nothing."""
        began = time.monotonic()
        try:
            names = await self.list_models()
        except ProviderError as error:
            return ProviderHealth(False, error.message, error.hint)
        latency_ms = round((time.monotonic() - began) * 1000)
        profile = self._profile
        if names and not any(is_asked_model(profile, name) for name in names):
            return ProviderHealth(
                True,
                f"{profile.name} answers, but does not list the model {profile.model!r}.",
                "'agentflow models list' shows what the server offers.",
                latency_ms,
            )
        return ProviderHealth(True, f"{profile.name} answers.", latency_ms=latency_ms)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _open(self, request: ModelRequest) -> "httpx2.Response":
        """The accepted request's response, unread.

        A parameter that the server refuses by name is left out and the request made again: such
        a refusal costs nothing.
        """
        refused: set[str] = set()
        while True:
            body = request_body(request, self._dialect, sends_schema=self._profile.sends_schema)
            try:
                return await self._send("/chat/completions", body, self._settings.stall_timeout_s)
            except _Refused as error:
                name = refused_parameter(error.refusal)
                if name in refused or name not in body or not self._dialect.adapt(name):
                    raise self._translated(error.refusal) from None
                refused.add(name)

    async def _small_call(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """The JSON object that the server answers; a GET if there is no body."""
        try:
            response = await self._send(path, body, _SMALL_CALL_S)
        except _Refused as error:
            raise self._translated(error.refusal, asks_model=False) from None
        import httpx2

        try:
            return read_object(await response.aread())
        except MalformedReply as error:
            raise self._broken(f"sent an answer that is {error}") from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self._lost(error) from error
        finally:
            await response.aclose()

    async def _send(
        self, path: str, body: dict[str, Any] | None, silence_s: float
    ) -> "httpx2.Response":
        """The response with its body unread. Raises _Refused for an error status."""
        client = await self._connected()
        import httpx2
        import openai

        connect_s = self._settings.connect_timeout_s
        timeout = httpx2.Timeout(silence_s, connect=connect_s, pool=connect_s)
        call: Any = client.get if body is None else client.post
        extra = {} if body is None else {"body": body}
        options: dict[str, Any] = {"timeout": timeout}
        if self._key is None:  # the SDK wants this said with each request
            options["headers"] = {"Authorization": openai.Omit()}
        try:
            # Asked for as a plain response, the SDK hands out the connection's own, unparsed.
            return await call(
                path,
                cast_to=httpx2.Response,
                options=options,
                stream=True,
                stream_cls=openai.AsyncStream[Any],
                **extra,
            )
        except openai.APIStatusError as error:
            answer = error.response
            raise _Refused(Refusal(answer.status_code, answer.headers, answer.content)) from None
        except openai.APIConnectionError as error:
            raise self._lost(error.__cause__ or error) from error
        except httpx2.HTTPError as error:  # while the body of an error was read
            raise self._lost(error) from error

    async def _connected(self) -> "openai.AsyncOpenAI":
        if self._profile.key_name and self._key is None:
            raise key_not_set(self._profile)
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    # Loading the SDK and the certificates takes half a second of CPU.
                    self._client = await asyncio.to_thread(self._connect)
        return self._client

    def _connect(self) -> "openai.AsyncOpenAI":
        import openai

        base_url = self._profile.base_url
        headers: dict[str, Any] = {}
        if not self._is_openai:  # who the person is with OpenAI is nobody else's business
            headers["OpenAI-Organization"] = openai.Omit()
            headers["OpenAI-Project"] = openai.Omit()
        return openai.AsyncOpenAI(
            api_key=self._key.get_secret_value() if self._key else "none",
            base_url=base_url,
            max_retries=0,
            default_headers=headers,
            # A proxy of the environment must not take what is meant for this machine, and
            # documents go to the address that the person entered, not on to another.
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not is_loopback(base_url), follow_redirects=False
            ),
        )

    def _translated(self, refusal: Refusal, *, asks_model: bool = True) -> ProviderError:
        return translate(
            refusal, self._profile, self._key, datetime.now(UTC), asks_model=asks_model
        )

    def _broken(self, what: str) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"The server of {self._profile.name} {what}.",
            hint="Try again; look at the server's own log if it is yours.",
            retryable=True,
            was_accepted=True,
        )

    def _lost(self, error: BaseException) -> ProviderUnavailable:
        """What a failure of the connection means to a person."""
        import httpx2

        name, detail = self._profile.name, type(error).__name__
        unsent = (
            httpx2.ConnectError,
            httpx2.ConnectTimeout,
            httpx2.PoolTimeout,
            httpx2.ProxyError,
            httpx2.UnsupportedProtocol,
        )
        if isinstance(error, unsent):
            return ProviderUnavailable(
                f"The server of {name} cannot be reached at {self._profile.base_url}.",
                hint="Check that it runs, and its address in models.yaml.",
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


class _Refused(Exception):
    """An error status, before it is known what it means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"status {refusal.status}")
        self.refusal = refusal


def _fault(fault: ServerFault) -> Refusal:
    """An error inside a stream as a refusal; a code that is an HTTP status is taken as one."""
    error = fault.body.get("error")
    code = cast(dict[str, Any], error).get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 500 else 0
    return Refusal(status, {}, json.dumps(fault.body).encode())
