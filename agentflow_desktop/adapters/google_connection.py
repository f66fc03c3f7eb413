"""Google's SDK over a connection of ours. Importing this module loads the SDK: half a second of
CPU, so it is done in a thread, at the first call.

The SDK writes the requests; the replies to questions are read by us: it would parse each event
three times over and into typed objects. Nor does it retry here, follow the environment or a
redirect, or tell the server to give up after a moment of silence.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import httpx2
from google import genai
from google.genai import types

from agentflow_desktop.adapters.error_bodies import Refusal
from agentflow_desktop.adapters.google_wire import read_context
from agentflow_desktop.adapters.model_server import Refused
from agentflow_desktop.llm.provider import ContextCache

_API_VERSION = "v1beta"  # has what v1 has not: thinking, schemas, system text
_KEPT = "/cachedContents"
_accepted: ContextVar[list[httpx2.Response]] = ContextVar("accepted")


class GoogleConnection:
    """The SDK's client and the connection under it. ``timeout`` gives how long to wait."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        timeout: Callable[[bool], httpx2.Timeout],
        *,
        trusts_environment: bool,
    ) -> None:
        # It warns when the environment holds two keys, whose values are not used here.
        logging.getLogger("google_genai._api_client").setLevel(logging.ERROR)
        self._http = _Connection(timeout, sends_key=key is not None, trust_env=trusts_environment)
        self._client = genai.Client(
            vertexai=False,
            api_key=key or "none",
            http_options=types.HttpOptions(
                base_url=base_url,
                api_version=_API_VERSION,
                httpx_async_client=self._http,
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )
        self._models: Any = self._client.aio.models  # the SDK's own types are partly unknown
        self._caches: Any = self._client.aio.caches

    async def open_stream(
        self, model: str, contents: list[dict[str, Any]], config: dict[str, Any]
    ) -> httpx2.Response:
        """The accepted request's response, unread. Raises Refused or httpx2's errors."""
        taken: list[httpx2.Response] = []
        token = _accepted.set(taken)
        try:
            stream = await self._models.generate_content_stream(
                model=model, contents=contents, config=types.GenerateContentConfig(**config)
            )
            async for _ in stream:
                pass
            return taken.pop()
        finally:
            _accepted.reset(token)
            for response in taken:  # the caller was cancelled between two steps
                await response.aclose()

    async def count_tokens(self, model: str, contents: list[dict[str, Any]]) -> int | None:
        counted = await self._models.count_tokens(model=model, contents=contents)
        return counted.total_tokens

    async def input_limit(self, model: str) -> int | None:
        described = await self._models.get(model=model)
        return described.input_token_limit

    async def keep_context(self, model: str, config: dict[str, Any]) -> ContextCache:
        """Raises ValueError for an answer that names none."""
        made = await self._caches.create(
            model=model, config=types.CreateCachedContentConfig(**config)
        )
        return read_context(made)

    async def drop_context(self, name: str) -> None:
        await self._caches.delete(name=name)

    async def list_models(self) -> tuple[str, ...]:
        """Models that answer questions, by the name that they are asked under."""
        pager = await self._models.list(config={"page_size": 1000, "query_base": True})
        names = [
            str(model.name).removeprefix("models/")
            async for model in pager
            if "generateContent" in (model.supported_actions or ())
        ]
        return tuple(names)

    async def close(self) -> None:
        await self._http.aclose()
        await self._client.aio.aclose()
        self._client.close()


class _Connection(httpx2.AsyncClient):
    """Keeps accepted streams for ``open_stream`` and shows the SDK an empty one."""

    def __init__(
        self, timeout: Callable[[bool], httpx2.Timeout], *, sends_key: bool, trust_env: bool
    ) -> None:
        super().__init__(trust_env=trust_env, follow_redirects=False)
        self._timeout_for = timeout
        self._sends_key = sends_key

    async def send(
        self, request: httpx2.Request, *, stream: bool = False, **how: Any
    ) -> httpx2.Response:
        """Raises Refused for an error status, so that its body and headers arrive whole."""
        is_long = stream or request.url.path.endswith(_KEPT)  # all documents are read first
        request.extensions["timeout"] = self._timeout_for(is_long).as_dict()
        if not self._sends_key:
            del request.headers["x-goog-api-key"]
        response = await super().send(request, stream=stream, **how)
        if response.status_code != 200:
            try:
                body = await response.aread()
            finally:
                await response.aclose()
            raise Refused(Refusal(response.status_code, response.headers, body))
        if not stream:
            return response
        _accepted.get().append(response)
        return httpx2.Response(200, headers={"content-length": "0"}, content=b"", request=request)
