"""Work that is finished although its waiter is cancelled."""

import asyncio

import pytest

from agentflow_desktop.core.cancellation import finish_despite_cancel


async def test_work_is_finished_however_often_the_waiter_is_cancelled():
    steps: list[int] = []

    async def work() -> None:
        for step in range(5):
            await asyncio.sleep(0)
            steps.append(step)

    waiter = asyncio.create_task(finish_despite_cancel(work()))
    await asyncio.sleep(0)
    while not waiter.done():
        waiter.cancel()
        await asyncio.sleep(0)
    assert waiter.cancelled()
    assert steps == [0, 1, 2, 3, 4]


async def test_a_waiter_cancelled_in_the_middle_sees_the_end_first():
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended = False

    async def work() -> None:
        nonlocal ended
        begun.set()
        await go_on.wait()
        ended = True

    waiter = asyncio.create_task(finish_despite_cancel(work()))
    await begun.wait()
    waiter.cancel()
    await asyncio.sleep(0)
    assert not waiter.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert ended


async def test_an_error_of_the_work_is_raised():
    async def work() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await finish_despite_cancel(work())
