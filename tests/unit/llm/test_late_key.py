"""A key that comes, or is replaced, while a provider is open."""

from collections.abc import AsyncGenerator

import pytest
from pydantic import SecretStr

from agentflow_desktop.core.errors import KeyMissing
from agentflow_desktop.llm.late_key import LateKeyProvider
from agentflow_desktop.llm.messages import ModelRequest, ReplyPart
from agentflow_desktop.llm.provider import ContextCache, ProviderHealth, ToldWindow


class Provider:
    """Takes one key, as a server does."""

    def __init__(self, key: SecretStr | None, good: str) -> None:
        self.key, self.good, self.is_closed = key, good, False

    async def list_models(self) -> tuple[str, ...]:
        if self.key is None or self.key.get_secret_value() != self.good:
            raise KeyMissing("The key is not set, or not accepted.")
        return ("m",)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ReplyPart, None]:
        await self.list_models()
        yield "part"  # type: ignore[misc]

    async def count_tokens(self, request: ModelRequest) -> int | None:
        await self.list_models()
        return 1

    async def told_window(self) -> ToldWindow | None:
        return None

    async def keep_context(self, request: ModelRequest, ttl_s: int) -> ContextCache | None:
        return None

    async def drop_context(self, name: str) -> None:
        pass

    async def health(self) -> ProviderHealth:
        try:
            await self.list_models()
        except KeyMissing as error:
            return ProviderHealth(False, error.message)
        return ProviderHealth(True, "m answers.")

    async def close(self) -> None:
        self.is_closed = True


class Desk:
    """A key store with one key, and every provider that was opened with it."""

    def __init__(self) -> None:
        self.key: str | None = None
        self.looked = 0
        self.opened: list[Provider] = []
        self.late = LateKeyProvider(self._find, self._open)

    async def _find(self) -> SecretStr | None:
        self.looked += 1
        return None if self.key is None else SecretStr(self.key)

    def _open(self, key: SecretStr | None) -> Provider:
        self.opened.append(Provider(key, "good"))
        return self.opened[-1]


async def test_a_key_that_is_entered_later_is_found_by_the_next_call() -> None:
    desk = Desk()
    with pytest.raises(KeyMissing):
        await desk.late.list_models()
    desk.key = "good"
    assert await desk.late.list_models() == ("m",)
    looked = desk.looked
    assert await desk.late.list_models() == ("m",)
    assert desk.looked == looked, "a key that works is not looked for again"


async def test_a_key_that_was_refused_is_looked_for_again_in_a_stream_too() -> None:
    desk = Desk()
    desk.key = "bad"
    request: ModelRequest = None  # type: ignore[assignment]
    with pytest.raises(KeyMissing):
        _ = [part async for part in desk.late.stream(request)]
    desk.key = "good"
    assert [part async for part in desk.late.stream(request)] == ["part"]


async def test_a_test_always_uses_the_key_that_is_there_now() -> None:
    desk = Desk()
    desk.key = "good"
    assert (await desk.late.health()).is_usable
    desk.key = "bad"
    assert not (await desk.late.health()).is_usable


async def test_every_provider_that_was_opened_is_closed() -> None:
    desk = Desk()
    with pytest.raises(KeyMissing):
        await desk.late.count_tokens(None)  # type: ignore[arg-type]
    desk.key = "good"
    await desk.late.list_models()
    await desk.late.close()
    assert [provider.is_closed for provider in desk.opened] == [True, True]
