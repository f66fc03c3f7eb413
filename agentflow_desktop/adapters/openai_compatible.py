"""Models behind an OpenAI-compatible address: vLLM, Ollama, llama.cpp, LM Studio, OpenRouter,
OpenAI. One attempt a call: retries and money are the caller's.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from agentflow_desktop.adapters.error_bodies import Refusal
from agentflow_desktop.adapters.event_stream import MalformedReply, read_object
from agentflow_desktop.adapters.model_failures import refused_parameter
from agentflow_desktop.adapters.model_server import ModelServer, Refused
from agentflow_desktop.adapters.openai_wire import (
    ChatDecoder,
    Dialect,
    message_list,
    request_body,
)
from agentflow_desktop.adapters.served_window import (
    listed_window,
    loaded_window,
    props_window,
    shown_window,
)
from agentflow_desktop.core.errors import KeyMissing, ProviderRefused
from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.messages import ModelRequest, ReplyPart
from agentflow_desktop.llm.provider import (
    Billing,
    ContextCache,
    ModelProfile,
    ProviderHealth,
    ToldWindow,
    is_loopback,
)

if TYPE_CHECKING:
    import httpx2
    import openai


class OpenAICompatibleProvider:
    """A ModelProvider for one profile's address and key. The SDK is loaded at the first call."""

    def __init__(
        self, profile: ModelProfile, key: SecretStr | None, settings: ModelSettings
    ) -> None:
        self._profile = profile
        self._key = key
        self._server = ModelServer(profile, key, settings)
        # OpenAI's newer models know only the new name of the limit, most other servers the old.
        self._is_openai = urlsplit(profile.base_url).hostname == "api.openai.com"
        self._dialect = Dialect(
            "max_completion_tokens" if self._is_openai else "max_tokens",
            sends_temperature=profile.sends_temperature,
        )
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        """The reply as it comes.

        Raises KeyMissing, ProviderRefused or ProviderUnavailable; ``was_accepted`` is set once
        the server may have begun to work.
        """
        response = await self._open(request)
        decoder = ChatDecoder(is_stream="json" not in response.headers.get("content-type", ""))
        async with aclosing(self._server.read(response, decoder)) as parts:
            async for part in parts:
                yield part

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
            raise self._server.broken("sent a list of models that is none") from error

    async def told_window(self) -> ToldWindow | None:
        """The context length out of the list of models; of a server of one's own also by what
        llama.cpp and Ollama have beside it."""
        profile = self._profile
        told = await self._told("/models", None, lambda a: listed_window(a, profile))
        if told is not None or profile.billing is not Billing.FREE:
            return told
        root = profile.base_url.rstrip("/").removesuffix("/v1")
        return (
            await self._told(f"{root}/props", None, props_window)
            or await self._told(f"{root}/api/ps", None, lambda a: loaded_window(a, profile))
            or await self._told(f"{root}/api/show", {"model": profile.model}, shown_window)
        )

    async def _told(
        self,
        path: str,
        body: dict[str, Any] | None,
        read: Callable[[dict[str, Any]], int | None],
    ) -> ToldWindow | None:
        try:
            tokens = read(await self._small_call(path, body))
        except (ProviderRefused, KeyMissing):  # it has no such path
            return None
        return ToldWindow(tokens, urlsplit(path).path) if tokens else None

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        """Keeps nothing."""

    async def drop_context(self, name: str) -> None:
        """Nothing is kept."""

    async def health(self) -> ProviderHealth:
        """Asks for the list of models, which costs nothing."""
        return await self._server.health(self.list_models)

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
                return await self._send("/chat/completions", body, is_stream=True)
            except Refused as error:
                name = refused_parameter(error.refusal)
                if name in refused or name not in body or not self._dialect.adapt(name):
                    raise self._server.translated(error.refusal) from None
                refused.add(name)

    async def _small_call(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """The JSON object that the server answers; a GET if there is no body."""
        try:
            response = await self._send(path, body, is_stream=False)
        except Refused as error:
            raise self._server.translated(error.refusal, asks_model=False) from None
        import httpx2

        try:
            return read_object(await response.aread())
        except MalformedReply as error:
            raise self._server.broken(f"sent an answer that is {error}") from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise self._server.lost(error) from error
        finally:
            await response.aclose()

    async def _send(
        self, path: str, body: dict[str, Any] | None, *, is_stream: bool
    ) -> "httpx2.Response":
        """The response with its body unread. Raises Refused for an error status."""
        client = await self._connected()
        import httpx2
        import openai

        call: Any = client.get if body is None else client.post
        extra = {} if body is None else {"body": body}
        options: dict[str, Any] = {"timeout": self._server.timeout(is_stream=is_stream)}
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
            raise Refused(Refusal(answer.status_code, answer.headers, answer.content)) from None
        except openai.APIConnectionError as error:
            raise self._server.lost(error.__cause__ or error) from error
        except httpx2.HTTPError as error:  # while the body of an error was read
            raise self._server.lost(error) from error

    async def _connected(self) -> "openai.AsyncOpenAI":
        self._server.require_key()
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
