"""When an attempt is made again: with a clock, a sleep and a chance that the test sets."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from agentflow_desktop.core.errors import (
    BudgetExceeded,
    KeyMissing,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    ReplyUnusable,
)
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.llm.retry import (
    Answered,
    GaveUp,
    GaveUpBecause,
    RetryNotice,
    RetryPolicy,
)
from support.set_clock import SetClock


class Trial:
    """Attempts that end as listed; the sleep moves the clock."""

    def __init__(
        self,
        ends: Sequence[BaseException | str],
        *,
        max_attempts: int = 4,
        deadline_s: float = 100.0,
        chance: float = 1.0,
        takes_s: float = 0.0,
    ) -> None:
        self.clock = SetClock()
        self.slept: list[float] = []
        self.remaining: list[float] = []
        self.notices: list[RetryNotice] = []
        self._ends = list(ends)
        self._deadline_s = deadline_s
        self._takes = timedelta(seconds=takes_s)
        self._policy = RetryPolicy(
            max_attempts=max_attempts,
            clock=self.clock,
            sleep=self._sleep,
            jitter=lambda: chance,
        )

    async def run(self) -> Answered[str] | GaveUp:
        return await self._policy.run(self._attempt, self._notice, self._deadline_s)

    async def _attempt(self, remaining_s: float) -> str:
        self.remaining.append(remaining_s)
        self.clock.advance(self._takes)
        end = self._ends.pop(0)
        if isinstance(end, BaseException):
            raise end
        return end

    async def _notice(self, notice: RetryNotice) -> None:
        self.notices.append(notice)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))


def busy(retry_after_s: float | None = None) -> ProviderUnavailable:
    return ProviderUnavailable("busy", retryable=True, retry_after_s=retry_after_s)


async def test_a_first_success_is_not_waited_for():
    trial = Trial(["fine"])
    assert await trial.run() == Answered("fine", 1)
    assert trial.slept == []


async def test_waits_double_up_to_a_bound_and_are_told_beforehand():
    trial = Trial([busy()] * 7 + ["fine"], max_attempts=10)
    assert await trial.run() == Answered("fine", 8)
    assert trial.slept == [0.5, 1, 2, 4, 8, 16, 20]
    assert [notice.attempt for notice in trial.notices] == [2, 3, 4, 5, 6, 7, 8]
    assert [notice.wait_s for notice in trial.notices] == trial.slept


async def test_chance_takes_a_share_of_the_whole_wait():
    trial = Trial([busy(), busy(), "fine"], chance=0.25)
    await trial.run()
    assert trial.slept == [0.125, 0.25]


async def test_the_wait_that_the_server_asks_for_is_kept_to():
    trial = Trial([busy(7.0), busy(0.0), "fine"], chance=0.0)
    await trial.run()
    assert trial.slept == [7.0, 0.0]


async def test_attempts_are_counted():
    error = busy()
    trial = Trial([busy(), busy(), error], max_attempts=3)
    assert await trial.run() == GaveUp(error, 3, GaveUpBecause.ATTEMPTS)


async def test_a_wait_that_outlasts_the_deadline_is_not_begun():
    error = busy(60.0)
    trial = Trial([error], deadline_s=60.0)
    assert await trial.run() == GaveUp(error, 1, GaveUpBecause.DEADLINE)
    assert trial.slept == []


async def test_every_attempt_is_told_what_the_deadline_leaves_it():
    trial = Trial([busy(5.0), busy(5.0), "fine"], deadline_s=60.0, takes_s=10.0)
    await trial.run()
    assert trial.remaining == [60.0, 45.0, 30.0]


@pytest.mark.parametrize("kind", [KeyMissing, ProviderRefused, ReplyUnusable, ProviderUnavailable])
async def test_what_will_not_pass_is_not_repeated(kind: type[ProviderError]):
    error = kind("no")
    trial = Trial([error])
    assert await trial.run() == GaveUp(error, 1, GaveUpBecause.NOT_RETRYABLE)


async def test_a_spent_budget_passes_through_at_once():
    spent = BudgetExceeded(
        "spent",
        limit_name="daily_limit",
        limit_usd=ZERO_USD,
        spent_usd=ZERO_USD,
        reserved_usd=ZERO_USD,
        asked_usd=ZERO_USD,
        resets_at=None,
    )
    trial = Trial([spent, "never"])
    with pytest.raises(BudgetExceeded):
        await trial.run()
    assert len(trial.remaining) == 1
