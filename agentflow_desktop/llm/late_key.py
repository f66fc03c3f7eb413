"""A provider whose key may be entered, or replaced, while the program is open."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing, contextmanager

from pydantic import SecretStr

from agentflow_desktop.core.errors import KeyMissing
from agentflow_desktop.llm.messages import ModelRequest, ReplyPart
from agentflow_desktop.llm.provider import ContextCache, ModelProvider, ProviderHealth, ToldWindow


class LateKeyProvider:
    """A ModelProvider over the one that ``open_with`` makes for a key.

    ``find_key`` is asked before the first call, and again before a call as long as there is no
    key, after a server did not accept it, and whenever the health is asked for.
    """

    def __init__(
        self,
        find_key: Callable[[], Awaitable[SecretStr | None]],
        open_with: Callable[[SecretStr | None], ModelProvider],
    ) -> None:
        self._find_key = find_key
        self._open_with = open_with
        self._key: SecretStr | None = None
        self._is_trusted = False
        self._opened: list[ModelProvider] = []  # the last one is asked

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        """See ``ModelProvider``."""
        provider = await self._current()
        with self._noting_refusal():
            async with aclosing(provider.stream(request)) as parts:
                async for part in parts:
                    yield part

    async def count_tokens(self, request: ModelRequest) -> int | None:
        provider = await self._current()
        with self._noting_refusal():
            return await provider.count_tokens(request)

    async def list_models(self) -> tuple[str, ...]:
        provider = await self._current()
        with self._noting_refusal():
            return await provider.list_models()

    async def told_window(self) -> ToldWindow | None:
        provider = await self._current()
        with self._noting_refusal():
            return await provider.told_window()

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        provider = await self._current()
        with self._noting_refusal():
            return await provider.keep_context(request, ttl_s)

    async def drop_context(self, name: str) -> None:
        provider = await self._current()
        await provider.drop_context(name)

    async def health(self) -> ProviderHealth:
        self._is_trusted = False
        provider = await self._current()
        return await provider.health()

    async def close(self) -> None:
        for provider in self._opened:
            await provider.close()
        self._opened.clear()

    async def _current(self) -> ModelProvider:
        if self._opened and self._is_trusted:
            return self._opened[-1]
        key = await self._find_key()
        if not self._opened or key != self._key:
            # The former one may still be read by another call: it is closed with the rest.
            self._opened.append(self._open_with(key))
            self._key = key
        self._is_trusted = key is not None
        return self._opened[-1]

    @contextmanager
    def _noting_refusal(self) -> Generator[None]:
        try:
            yield
        except KeyMissing:
            self._is_trusted = False
            raise
