"""When a model is not asked for a while, and when it is asked again: with a clock that stands."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from agentflow_desktop.core.errors import (
    KeyMissing,
    ModelPaused,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaUsedUp,
    RateLimited,
    ReplyUnusable,
)
from agentflow_desktop.llm.circuit import CircuitBreaker
from agentflow_desktop.llm.provider import ModelProfile
from support.call_parts import a_profile
from support.set_clock import SetClock

COOL_DOWN = timedelta(seconds=30)


class Breaker:
    """A breaker that opens after three failures, and models to try it with."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.circuits = CircuitBreaker(opens_after=3, cool_down_s=30.0, clock=self.clock)
        self.model = a_profile("http://127.0.0.1:1/v1")

    def end(self, error: ProviderError | None, model: ModelProfile | None = None) -> None:
        """One attempt that ends so."""
        try:
            with self.circuits.attempt(model or self.model):
                if error is not None:
                    raise error
        except ProviderError as raised:
            if raised is not error:
                raise

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.end(ProviderUnavailable("The server is down.", retryable=True))


def test_a_model_is_paused_after_failures_in_a_row_and_says_why_and_for_how_long():
    breaker = Breaker()
    breaker.fail(3)
    with pytest.raises(ModelPaused) as caught:
        breaker.end(None)
    error = caught.value
    assert error.message == (
        "tested failed 3 times in a row, at last with: The server is down."
        " It is tried again in 30 s."
    )
    assert error.hint
    assert error.until == breaker.clock.now() + COOL_DOWN
    assert (error.retryable, error.was_accepted) == (False, False)


def test_a_success_between_failures_begins_the_count_anew():
    breaker = Breaker()
    breaker.fail(2)
    breaker.end(None)
    breaker.fail(2)
    breaker.end(None)


@pytest.mark.parametrize("answer", [ProviderRefused("too long"), ReplyUnusable("empty")])
def test_an_answer_that_is_an_error_shows_that_the_server_works(answer: ProviderError):
    breaker = Breaker()
    breaker.fail(2)
    breaker.end(answer)
    breaker.fail(2)
    breaker.circuits.check(breaker.model)


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("busy", retryable=True, retry_after_s=2),
        KeyMissing("no key"),
        ProviderUnavailable("late"),
        QuotaUsedUp("spent"),
    ],
)
def test_what_is_no_fault_of_the_server_does_not_count(error: ProviderError):
    breaker = Breaker()
    for _ in range(9):
        breaker.end(error)
    breaker.circuits.check(breaker.model)


def test_after_the_cool_down_one_attempt_is_let_through_and_its_success_ends_the_pause():
    breaker = Breaker()
    breaker.fail(3)
    breaker.clock.advance(COOL_DOWN)
    with (
        breaker.circuits.attempt(breaker.model),
        pytest.raises(ModelPaused, match="at this moment, by another call"),
    ):
        breaker.end(None)
    breaker.end(None)
    breaker.fail(2)
    breaker.circuits.check(breaker.model)


def test_a_trial_that_fails_pauses_the_model_anew():
    breaker = Breaker()
    breaker.fail(3)
    breaker.clock.advance(COOL_DOWN)
    breaker.fail()
    with pytest.raises(ModelPaused, match="4 times in a row") as caught:
        breaker.end(None)
    assert caught.value.until == breaker.clock.now() + COOL_DOWN


def test_a_trial_that_is_cancelled_leaves_the_next_one_its_turn():
    breaker = Breaker()
    breaker.fail(3)
    breaker.clock.advance(COOL_DOWN)
    with pytest.raises(KeyboardInterrupt), breaker.circuits.attempt(breaker.model):
        raise KeyboardInterrupt
    breaker.end(None)


def test_a_late_failure_of_an_older_attempt_does_not_lengthen_the_pause():
    breaker = Breaker()
    breaker.fail(2)
    with ExitStack() as older:
        older.enter_context(pytest.raises(ProviderUnavailable))
        older.enter_context(breaker.circuits.attempt(breaker.model))
        breaker.fail()
        breaker.clock.advance(COOL_DOWN / 2)
        raise ProviderUnavailable("The server is down.", retryable=True)
    breaker.clock.advance(COOL_DOWN / 2)
    breaker.end(None)


@pytest.mark.parametrize("other", [{"model": "other-model"}, {"base_url": "http://127.0.0.1:2/v1"}])
def test_another_model_is_never_blocked(other: dict[str, str]):
    breaker = Breaker()
    breaker.fail(3)
    neighbour = a_profile(**{"base_url": breaker.model.base_url, **other})
    breaker.end(None, neighbour)
    breaker.end(QuotaUsedUp("spent", renewed_at=breaker.clock.now() + timedelta(days=1)), neighbour)
    breaker.clock.advance(COOL_DOWN)
    breaker.end(None)


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(hours=8), "in 8 h 0 min"),
        (timedelta(minutes=61), "in 61 min"),
        (timedelta(seconds=90), "in 90 s"),
        (timedelta(seconds=90, milliseconds=1), "in 2 min"),
    ],
)
def test_a_spent_quota_of_the_day_pauses_the_model_until_it_is_renewed(left: timedelta, says: str):
    breaker = Breaker()
    renewed_at = breaker.clock.now() + left
    breaker.end(QuotaUsedUp("spent", renewed_at=renewed_at))
    with pytest.raises(QuotaUsedUp, match=says) as caught:
        breaker.end(None)
    assert caught.value.renewed_at == renewed_at
    assert caught.value.hint
    breaker.clock.advance(left)
    breaker.end(None)


def test_a_quota_that_nobody_dates_is_asked_again():
    breaker = Breaker()
    breaker.end(QuotaUsedUp("spent"))
    breaker.end(None)
