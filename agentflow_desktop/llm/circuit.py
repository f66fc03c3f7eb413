"""Which models are not asked for a while: those whose server failed too often in a row, and
those whose quota of the day is used up. Kept in memory, for this process alone.

Each model of each address stands for itself: one that fails never blocks another.
"""

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import (
    ModelPaused,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaUsedUp,
    RateLimited,
    ReplyUnusable,
)
from agentflow_desktop.llm.provider import ModelProfile


@dataclass(slots=True)
class _Circuit:
    """One model's state: closed while ``opened_at_s`` is None, else open, or on trial."""

    failures: int = 0
    last_message: str = ""
    opened_at_s: float | None = None
    is_on_trial: bool = False
    renewed_at: datetime | None = None


class CircuitBreaker:
    """Refuses attempts that would fail, so that nobody waits for them.

    After ``opens_after`` failures in a row a model is not asked for ``cool_down_s``; then one
    attempt is let through on trial, and by it the model is asked again or paused anew.
    """

    def __init__(self, *, opens_after: int, cool_down_s: float, clock: Clock) -> None:
        self._opens_after = opens_after
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._circuits: dict[tuple[str, str], _Circuit] = {}

    @contextmanager
    def attempt(self, profile: ModelProfile) -> Generator[None]:
        """Around one attempt, whose outcome is noted.

        Raises ModelPaused or QuotaUsedUp, before anything is done, for a model that is not to
        be asked now.
        """
        self.check(profile)
        circuit = self._circuit(profile)
        is_trial = circuit.opened_at_s is not None
        circuit.is_on_trial |= is_trial
        try:
            yield
        except ProviderError as error:
            self._note(circuit, error)
            raise
        else:
            _close(circuit)
        finally:
            if is_trial:
                circuit.is_on_trial = False

    def check(self, profile: ModelProfile) -> None:
        """Raises ModelPaused or QuotaUsedUp if an attempt would be refused now."""
        circuit = self._circuit(profile)
        if circuit.renewed_at is not None:
            self._check_quota(circuit, circuit.renewed_at, profile)
        if circuit.opened_at_s is not None:
            self._check_pause(circuit, circuit.opened_at_s, profile)

    def _circuit(self, profile: ModelProfile) -> _Circuit:
        return self._circuits.setdefault((profile.base_url, profile.model), _Circuit())

    def _check_quota(self, circuit: _Circuit, renewed_at: datetime, profile: ModelProfile) -> None:
        left = renewed_at - self._clock.now()
        if left <= timedelta(0):
            circuit.renewed_at = None
            return
        raise QuotaUsedUp(
            f"The quota of {profile.name} for this day is used up; it is renewed in"
            f" {_in_words(left.total_seconds())}.",
            hint="Choose another model until then, or raise the quota with the provider and start"
            " AgentFlow again.",
            renewed_at=renewed_at,
        )

    def _check_pause(self, circuit: _Circuit, opened_at_s: float, profile: ModelProfile) -> None:
        left_s = max(0.0, opened_at_s + self._cool_down_s - self._clock.monotonic_s())
        if not left_s and not circuit.is_on_trial:
            return
        when = f"in {_in_words(left_s)}" if left_s else "at this moment, by another call"
        raise ModelPaused(
            f"{profile.name} failed {circuit.failures} times in a row, at last with:"
            f" {circuit.last_message} It is tried again {when}.",
            hint="Check its server, or choose another model.",
            until=self._clock.now() + timedelta(seconds=left_s),
        )

    def _note(self, circuit: _Circuit, error: ProviderError) -> None:
        match error:
            case QuotaUsedUp():
                circuit.renewed_at = error.renewed_at
            case RateLimited():
                pass  # the server is well and says itself when to come back
            case ProviderRefused() | ReplyUnusable():
                _close(circuit)  # it answered
            case ProviderUnavailable(retryable=True):
                self._fail(circuit, error.message)
            case _:
                pass

    def _fail(self, circuit: _Circuit, message: str) -> None:
        circuit.failures += 1
        circuit.last_message = message
        # While it is open, an attempt that began before may fail: no reason to wait longer.
        may_open = circuit.opened_at_s is None or circuit.is_on_trial
        if may_open and circuit.failures >= self._opens_after:
            circuit.opened_at_s = self._clock.monotonic_s()


def _close(circuit: _Circuit) -> None:
    circuit.failures = 0
    circuit.opened_at_s = None


def _in_words(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    if seconds <= 90:
        return f"{math.ceil(seconds)} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
