"""Models of Google's Gemini API, by its SDK. One attempt a call: retries and money are the
caller's.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from agentflow_desktop.adapters.google_wire import (
    ContentDecoder,
    config,
    contents,
    counted_contents,
    kept_context,
)
from agentflow_desktop.adapters.model_server import ModelServer, Refused
from agentflow_desktop.core.errors import ProviderRefused
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.messages import ModelRequest, ReplyPart
from agentflow_desktop.llm.provider import (
    ContextCache,
    ModelProfile,
    ProviderHealth,
    ToldWindow,
    is_loopback,
)

if TYPE_CHECKING:
    from agentflow_desktop.adapters.google_connection import GoogleConnection

Answer = TypeVar("Answer")

# Source: https://ai.google.dev/gemini-api/docs/rate-limits
_QUOTA_ZONE = "America/Los_Angeles"


class GoogleGenaiProvider:
    """A ModelProvider for one profile's address and key. The SDK is loaded at the first call."""

    def __init__(
        self, profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
    ) -> None:
        self._profile = profile
        self._key = key
        self._quota_zone: tzinfo = UTC  # until connected; nothing is refused before
        self._server = ModelServer(profile, key, settings, lambda: self._quota_zone)
        self._connection: GoogleConnection | None = None
        self._opening = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        """The reply as it comes.

        Raises KeyMissing, ProviderRefused or ProviderUnavailable; ``was_accepted`` is set once
        the server may have begun to work.
        """
        connection = await self._connected()
        asked = connection.open_stream(
            request.model, contents(request), config(request, self._profile)
        )
        try:
            response = await self._translated(asked)
        except ValueError as error:  # its text may repeat the prompt
            raise self._not_taken(type(error).__name__) from None
        decoder = ContentDecoder(is_stream="json" not in response.headers.get("content-type", ""))
        async with aclosing(self._server.read(response, decoder)) as parts:
            async for part in parts:
                yield part

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Input tokens by ``countTokens``, which is free; None if the profile says not to ask."""
        if not self._profile.counts_tokens:
            return None
        connection = await self._connected()
        counting = connection.count_tokens(request.model, counted_contents(request))
        return await self._answer(counting, "sent a count of tokens that is none")

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        """Have system text and turns kept. See ``ModelProvider``."""
        connection = await self._connected()
        keeping = connection.keep_context(request.model, kept_context(request, ttl_s))
        return await self._answer(keeping, "kept the documents and did not say how")

    async def drop_context(self, name: str) -> None:
        """Delete what ``keep_context`` made."""
        connection = await self._connected()
        await self._answer(connection.drop_context(name), "did not delete what it keeps")

    async def list_models(self) -> tuple[str, ...]:
        """Names of the models that answer questions, in the server's order."""
        connection = await self._connected()
        listing = connection.list_models()
        return await self._answer(listing, "sent a list of models that is none", asks_model=False)

    async def told_window(self) -> ToldWindow | None:
        """The model's ``inputTokenLimit``."""
        connection = await self._connected()
        asking = connection.input_limit(self._profile.model)
        tokens = await self._answer(asking, "described the model in another form")
        return ToldWindow(tokens, "models.get, inputTokenLimit") if tokens else None

    async def health(self) -> ProviderHealth:
        """Asks for the list of models, which costs nothing."""
        return await self._server.health(self.list_models)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _answer(
        self, call: Awaitable[Answer], otherwise: str, *, asks_model: bool = True
    ) -> Answer:
        """The answer of a small call; ``otherwise`` says what came if it can't be read."""
        try:
            return await self._translated(call, asks_model=asks_model)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise self._server.broken(otherwise) from error

    async def _translated(self, call: Awaitable[Answer], *, asks_model: bool = True) -> Answer:
        """What the call gives; its failures as ours."""
        import httpx2

        try:
            return await call
        except Refused as error:
            raise self._server.translated(error.refusal, asks_model=asks_model) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self._server.lost(error) from error

    def _not_taken(self, detail: str) -> ProviderRefused:
        return ProviderRefused(
            f"Google's SDK does not take the request to {self._profile.name}.",
            hint="Check this model's profile in models.yaml, above all its model and thinking.",
            detail=detail,
        )

    async def _connected(self) -> "GoogleConnection":
        self._server.require_key()
        if self._connection is None:
            async with self._opening:
                if self._connection is None:
                    # Loading the SDK and the certificates takes half a second of CPU.
                    self._connection = await asyncio.to_thread(self._connect)
        return self._connection

    def _connect(self) -> "GoogleConnection":
        from agentflow_desktop.adapters.google_connection import GoogleConnection

        self._quota_zone = ZoneInfo(_QUOTA_ZONE)  # reads a file
        base_url = self._profile.base_url
        return GoogleConnection(
            base_url.removesuffix("/").removesuffix("/v1beta"),
            self._key.get_secret_value() if self._key else None,
            lambda is_stream: self._server.timeout(is_stream=is_stream),
            # A proxy of the environment must not take what is meant for this machine.
            trusts_environment=not is_loopback(base_url),
        )
