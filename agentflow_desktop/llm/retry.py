"""When a failed attempt is made again: which errors, after what wait, until when."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import ProviderError

T = TypeVar("T")
Got = TypeVar("Got", covariant=True)

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0


class GaveUpBecause(StrEnum):
    """Why no further attempt was made."""

    NOT_RETRYABLE = "not_retryable"
    ATTEMPTS = "attempts"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    value: T
    attempts: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """``error`` is the last attempt's."""

    error: ProviderError
    attempts: int
    because: GaveUpBecause


@dataclass(frozen=True, slots=True)
class RetryNotice:
    """Another attempt is coming. ``attempt`` is its number, from 2."""

    error: ProviderError
    wait_s: float
    attempt: int


class Attempt(Protocol[Got]):
    """One attempt; ``remaining_s`` is what the deadline leaves it."""

    async def __call__(self, remaining_s: float) -> Got: ...


class RetryPolicy:
    """Repeats what may succeed later, all attempts and waits under one deadline.

    Waits as long as the server asks, else a random time up to a bound that doubles (full
    jitter), so that callers who failed together do not come back together.
    """

    def __init__(
        self,
        *,
        max_attempts: int,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._max_attempts = max_attempts
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    async def run(
        self,
        attempt: Attempt[T],
        on_retry: Callable[[RetryNotice], Awaitable[None]],
        ends_at_s: float,
    ) -> Answered[T] | GaveUp:
        """The first success or why there was none. Only ProviderErrors are outcomes; anything
        else (a spent budget, a cancellation, a bug) passes through.

        ``ends_at_s``: the deadline, on the clock's monotonic seconds.
        """
        number = 1
        while True:
            try:
                value = await attempt(ends_at_s - self._clock.monotonic_s())
            except ProviderError as error:
                failure = error
            else:
                return Answered(value, number)
            if not failure.retryable:
                return GaveUp(failure, number, GaveUpBecause.NOT_RETRYABLE)
            if number >= self._max_attempts:
                return GaveUp(failure, number, GaveUpBecause.ATTEMPTS)
            wait_s = self._wait_s(failure, number)
            if wait_s >= ends_at_s - self._clock.monotonic_s():
                return GaveUp(failure, number, GaveUpBecause.DEADLINE)
            number += 1
            await on_retry(RetryNotice(failure, wait_s, number))
            await self._sleep(wait_s)

    def _wait_s(self, failure: ProviderError, failed: int) -> float:
        if failure.retry_after_s is not None:
            return failure.retry_after_s
        bound: float = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (failed - 1))
        return bound * self._jitter()
