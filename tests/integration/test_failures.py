"""Every failure of a model's server, over HTTP, on both wire formats, with the ledger's sums.

One table: what happens, what becomes of the call, whether it is tried again, what it costs, and
what the person reads. ``pytest -s -n0 tests/integration/test_failures.py`` prints it.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow_desktop.core.errors import AgentFlowError, BudgetExceeded, ProviderUnavailable
from agentflow_desktop.core.settings import ModelSettings
from support.call_bench import Bench, open_bench
from support.call_parts import SETTINGS
from support.failure_table import CASES, GOOD, LONG, WIRES, Case, Wire
from support.log_watch import LogWatch
from support.loopback_server import Reply


@pytest.fixture(scope="module")
def table() -> Iterator[list[tuple[str, ...]]]:
    """The rows that the tests fill in; printed at the end, which ``-s`` shows."""
    rows: list[tuple[str, ...]] = []
    yield rows
    head = ("failure", "wire", "outcome", "retried", "charged", "what the person reads")
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head) - 1)]
    for row in [head, *rows]:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        print(" | ".join([*cells, row[-1]]))  # noqa: T201


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_failure_ends_as_the_table_says(
    case: Case, wire: Wire, tmp_path: Path, table: list[tuple[str, ...]], logs: LogWatch
):
    profile = {"provider": wire.provider, "key": "a-key", "key_name": "tested-key", **case.profile}
    if case.is_down:
        with wire.server_type([]) as gone:
            profile["base_url"] = gone.base_url
    async with open_bench(
        tmp_path,
        *case.replies(wire),
        settings=ModelSettings(**{**SETTINGS.model_dump(), **case.settings}),
        profile=profile,
        server_type=wire.server_type,
        **case.limits,
    ) as bench:
        outcome, error = await end_of(bench, case)
        charged = await charges(bench)
        told = [*bench.notes.notices, error.message if error else ""]
        if any(record.is_other_model for record in bench.notes.attempts):
            told.append("[badge: another model answered]")
        read = " ".join(filter(None, told))
        retried = "yes" if bench.waits else "no"
        row = (case.name, wire.name, outcome, retried, ", ".join(charged) or "-", read or "-")
        table.append(row)
        assert outcome == case.outcome
        assert charged == case.charged
        assert len(bench.server.requests) == expected_requests(case)
        if case.says:
            assert re.search(case.says, read), read
        else:
            assert read == ""
        if error is not None:
            assert isinstance(error, BudgetExceeded) or error.hint
            assert case.hint in error.hint
            assert "a-key" not in f"{error} {error.hint} {error.detail}"
    if case.logs:
        logs.expect(case.logs)


async def end_of(bench: Bench, case: Case) -> tuple[str, AgentFlowError | None]:
    """How the last of the case's calls ended."""
    ended: AgentFlowError | None = None
    for _ in range(case.calls):
        bench.notes.notices.clear()
        bench.waits.clear()
        try:
            await bench.call(case.request)
        except AgentFlowError as error:
            ended = error
        else:
            ended = None
    return (type(ended).__name__ if ended else "answer"), ended


async def charges(bench: Bench) -> tuple[str, ...]:
    """What each attempt was charged, oldest first."""
    kinds: list[str] = []
    rows = await bench.attempts()
    for (state, held, charged, _), record in zip(rows, bench.notes.attempts, strict=True):
        usage = record.usage
        counted = usage.input_tokens * 1000 + usage.output_tokens * 2000
        if state == "unknown":
            assert charged == held
            kinds.append("the whole hold")
        elif charged == 0:
            kinds.append("nothing")
        elif record.is_estimated:
            assert charged == counted <= held
            kinds.append("an estimate")
        elif record.is_other_model:
            assert charged == usage.input_tokens * 300 + usage.output_tokens * 2500
            kinds.append("its own price")
        else:
            assert charged == counted
            kinds.append("as counted")
    return tuple(kinds)


def expected_requests(case: Case) -> int:
    if case.asked is not None:
        return case.asked
    return 0 if case.is_down or case.profile.get("key", "") is None else len(case.charged)


PATIENT = SETTINGS.model_copy(update={"stall_timeout_s": 30.0})


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_a_cancelled_call_is_settled_and_its_connection_closed(
    wire: Wire, tmp_path: Path, table: list[tuple[str, ...]]
):
    async with open_bench(
        tmp_path,
        Reply(LONG, stall_after=5),
        settings=PATIENT,
        profile={"provider": wire.provider},
        server_type=wire.server_type,
    ) as bench:
        task = asyncio.ensure_future(bench.call())
        await bench.notes.has_text.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bench.outcomes() == ["cancelled"]
        assert await charges(bench) == ("an estimate",)
        table.append(("cancelled in mid-reply", wire.name, "cancelled", "no", "an estimate", "-"))
        assert await asyncio.to_thread(bench.server.is_left.wait, 5)


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_cancelling_at_any_await_leaves_no_open_hold(wire: Wire, tmp_path: Path):
    """Cancels after 0, 1, 2, ... turns of the loop, once more with each turn that follows."""
    async with open_bench(
        tmp_path,
        script=lambda _: GOOD,
        profile={"provider": wire.provider},
        server_type=wire.server_type,
    ) as bench:
        await bench.call()  # the SDK is loaded
        for turns in range(0, 400, 9):
            task = asyncio.ensure_future(bench.call())
            for _ in range(turns):
                await asyncio.sleep(0)
            while not task.done():
                task.cancel()
                await asyncio.sleep(0)
            assert task.cancelled() or task.exception() is None
            assert "held" not in [state for state, *_ in await bench.attempts()]


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_counting_is_under_the_same_deadline_as_the_reply(wire: Wire, tmp_path: Path):
    async with open_bench(
        tmp_path,
        settings=SETTINGS.model_copy(update={"request_deadline_s": 0.3}),
        profile={"provider": wire.provider, "counts_tokens": True},
        server_type=wire.server_type,
    ) as bench:
        for path in ("/tokenize", "/v1beta/models/test-model:countTokens"):
            bench.server.other_replies[path] = Reply(stall_after=0)
        with pytest.raises(ProviderUnavailable, match=r"within 0\.3 s"):
            await bench.call()
        assert await bench.attempts() == []
        assert bench.server.requests == []
