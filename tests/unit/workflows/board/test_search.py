"""The first level at which something happens is found, wherever it is, by few tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.workflows.board.search import first_level

pytestmark = pytest.mark.anyio


class Happening:
    """Happens from a level on, upwards or downwards; counts how often it was tried."""

    def __init__(self, first: int, step: int) -> None:
        self._first = first
        self._step = step
        self.tried: list[int] = []

    async def __call__(self, level: int) -> bool:
        self.tried.append(level)
        return (level - self._first) * self._step >= 0


async def found(first: int, step: int, last_quiet: int) -> tuple[int | None, list[int]]:
    probe = Happening(first, step)
    extreme, quiet = (5000, 0) if step > 0 else (0, 5000)
    level = await first_level(probe, last_quiet, step, extreme=extreme, quiet=quiet)
    return level, probe.tried


@pytest.mark.parametrize(("first", "step"), [(3601, 1), (2599, -1)])
async def test_a_limit_that_is_where_it_should_be_takes_two_tries(first: int, step: int) -> None:
    assert await found(first, step, first - step) == (first, [first - step, first])


@pytest.mark.parametrize("step", [1, -1])
@given(first=st.integers(1, 4999), last_quiet=st.integers(1, 4999))
async def test_any_other_limit_is_found_exactly(step: int, first: int, last_quiet: int) -> None:
    level, tried = await found(first, step, last_quiet)
    assert level == first
    assert len(tried) <= 30


@given(first=st.integers(1, 49), last_quiet=st.integers(1, 49), shift=st.integers(0, 99))
async def test_with_wider_steps_it_is_found_to_within_one(
    first: int, last_quiet: int, shift: int
) -> None:
    level, _ = await found(first * 100 + shift, 100, last_quiet * 100 - 34)
    assert level is not None
    assert 0 <= level - (first * 100 + shift) < 100


async def test_what_never_happens_is_said_after_the_extreme() -> None:
    level, tried = await found(6000, 1, 3600)
    assert level is None
    assert tried[-1] == 5000


async def test_what_happens_everywhere_is_found_at_the_quiet_level() -> None:
    level, tried = await found(-1000, 1, 3600)
    assert level == 1
    assert min(tried) >= 0
