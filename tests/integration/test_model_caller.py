"""Calls through the whole path: a real ledger file, real prices, real HTTP on loopback."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from agentflow_desktop.adapters.price_book import OfflinePriceBook
from agentflow_desktop.adapters.sqlite.ledger import SqliteLedger
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import (
    BudgetExceeded,
    ConfigurationError,
    KeyMissing,
    ProviderError,
    ProviderUnavailable,
    ReplyUnusable,
)
from agentflow_desktop.documents.tokens import Calibration
from agentflow_desktop.llm.budget import Hold, Settlement, Spending, SpendingWarning
from agentflow_desktop.llm.caller import ModelCaller, StructuredReply
from agentflow_desktop.llm.calls import AttemptRecord
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import Billing
from agentflow_desktop.llm.replies import ReviewForm
from agentflow_desktop.llm.structured import reply_schema
from support.call_bench import Bench, held_nusd, open_bench
from support.call_parts import PURPOSE, SETTINGS, Notes, a_request, some_prompts
from support.log_watch import LogWatch
from support.openai_server import Reply, failure, from_sources, reply_json

USAGE = {"prompt_tokens": 100, "completion_tokens": 50}
COST = Decimal("0.0002")  # 100 tokens at $1 and 50 at $2 per million
GOOD_REVIEW = {"issues": [], "alternative": "", "verdict": "approve"}


MakeBench = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench(tmp_path: Path) -> MakeBench:
    """Makes benches; after the test no ledger may have an open hold or wrong sums."""
    return partial(open_bench, tmp_path)


async def test_a_call_is_held_streamed_and_settled_at_what_the_server_counted(bench: MakeBench):
    async with bench(Reply("The whole answer.", usage=USAGE)) as b:
        reply = await b.call()
        assert reply.text == b.notes.text == "The whole answer."
        assert reply.usage == Usage(100, 50)
        [record] = b.notes.attempts
        assert (record.cost_usd, record.is_estimated, record.is_other_model) == (COST, False, False)
        assert await b.attempts() == [("settled", held_nusd(a_request()), 200_000, "ok")]


async def test_usage_above_the_hold_is_charged_as_it_is(bench: MakeBench, logs: LogWatch):
    usage = {"prompt_tokens": 900_000, "completion_tokens": 100_000}
    async with bench(Reply("dear", usage=usage)) as b:
        await b.call()
        assert b.notes.attempts[0].cost_usd == Decimal("1.1")
    logs.expect("attempt_cost_more_than_held")


async def test_a_reply_without_usage_is_settled_at_an_estimate_that_says_so(bench: MakeBench):
    async with bench(Reply("An answer of some words.", usage=None)) as b:
        await b.call()
        [record] = b.notes.attempts
        assert record.is_estimated
        assert record.usage.input_tokens > 0
        assert record.usage.output_tokens > 0
        assert record.cost_usd > 0


@pytest.mark.parametrize("first", [failure(429, retry_after="7"), failure(500), failure(503)])
async def test_a_failure_that_passes_is_tried_again_and_costs_nothing(
    bench: MakeBench, first: Reply
):
    async with bench(first, Reply("second try", usage=USAGE)) as b:
        assert (await b.call()).text == "second try"
        assert await b.outcomes() == ["refused", "ok"]
        assert [record.cost_usd for record in b.notes.attempts] == [Decimal(0), COST]
        assert "attempt 2 of 3" in b.notes.notices[0]
        assert b.waits == ([7.0] if first.status == 429 else b.waits)
        assert len(b.waits) == 1


async def test_after_the_last_attempt_the_error_is_raised(bench: MakeBench):
    async with bench(failure(500), failure(500), failure(500), Reply("too late")) as b:
        with pytest.raises(ProviderUnavailable):
            await b.call()
        assert len(b.server.requests) == 3


@pytest.mark.parametrize(
    "broken",
    [
        Reply("word " * 40, cut_after=3),
        Reply("word " * 40, stall_after=3),
        Reply(raw=b"data: {no json\n\n"),
        Reply("word " * 40, finish=None, usage=None, sends_done=False),
    ],
)
async def test_a_broken_stream_is_charged_as_an_estimate_and_made_again(
    bench: MakeBench, broken: Reply
):
    async with bench(broken, Reply("whole", usage=USAGE)) as b:
        assert (await b.call()).text == "whole"
        assert b.notes.text == "whole"
        assert len(b.notes.restarts) == 1
        assert await b.outcomes() == ["broken", "ok"]
        first, second = b.notes.attempts
        assert first.is_estimated
        assert first.cost_usd > 0
        assert second.cost_usd == COST


@pytest.mark.parametrize("status", [401, 404, 400])
async def test_a_refusal_is_not_repeated_and_costs_nothing(bench: MakeBench, status: int):
    async with bench(failure(status, "no")) as b:
        with pytest.raises(ProviderError):
            await b.call()
        assert len(b.server.requests) == 1
        assert [r.cost_usd for r in b.notes.attempts] == [Decimal(0)]
        assert await b.outcomes() == ["refused"]


async def test_a_missing_key_spends_nothing(bench: MakeBench):
    async with bench(profile={"key_name": "tested-key"}) as b:
        with pytest.raises(KeyMissing):
            await b.call()
        assert [r.cost_usd for r in b.notes.attempts] == [Decimal(0)]


async def test_a_spent_budget_is_refused_before_the_server_hears_of_it(bench: MakeBench):
    async with bench(Reply("never"), daily_limit=Decimal("0.0000001")) as b:
        with pytest.raises(BudgetExceeded):
            await b.call()
        assert not b.server.requests
        assert await b.attempts() == []


async def test_a_near_limit_is_told(bench: MakeBench):
    async with bench(Reply("a", usage=USAGE), daily_limit=Decimal("0.0004")) as b:
        await b.call()
        assert b.notes.notices


async def test_a_metered_model_without_a_price_is_not_asked(bench: MakeBench):
    async with bench(Reply("never"), profile={"prices": ()}) as b:
        with pytest.raises(ConfigurationError, match="No price is known") as caught:
            await b.call()
        assert "models.yaml" in caught.value.hint
        assert not b.server.requests
        assert await b.attempts() == []


async def test_a_free_model_costs_nothing_whatever_it_reports(bench: MakeBench):
    async with bench(Reply("a", usage=USAGE), profile={"billing": Billing.FREE}) as b:
        await b.call()
        assert await b.attempts() == [("settled", 0, 0, "ok")]


async def test_another_served_model_without_a_price_is_charged_its_whole_hold(bench: MakeBench):
    async with bench(Reply("a", usage=USAGE, served_model="something-else")) as b:
        await b.call()
        [record] = b.notes.attempts
        assert record.is_other_model
        assert record.served_model == "something-else"
        held = held_nusd(a_request())
        assert await b.attempts() == [("unknown", held, held, "ok")]
        assert record.cost_usd == Decimal(held).scaleb(-9)


async def test_another_served_model_is_charged_at_its_own_price(bench: MakeBench):
    reply = Reply("a", usage=USAGE, served_model="gpt-4o-mini")
    async with bench(reply, profile={"price_provider": "openai"}) as b:
        await b.call()
        assert b.notes.attempts[0].cost_usd == Decimal("0.000045")  # $0.15 and $0.60 per million


async def test_a_dated_snapshot_is_the_asked_model(bench: MakeBench):
    async with bench(Reply("a", usage=USAGE, served_model="test-model-2026-08-07")) as b:
        await b.call()
        assert not b.notes.attempts[0].is_other_model
        assert b.notes.attempts[0].cost_usd == COST


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply("", finish="length", usage=USAGE), "used all of its 100 output tokens"),
        (Reply("", finish="content_filter", usage=USAGE), "for reasons of safety"),
        (Reply("", finish="recitation", usage=USAGE), "too close to a published text"),
        (Reply("", finish="blocked", usage=USAGE), "did not accept the question"),
        (Reply("", usage=USAGE), "empty reply"),
    ],
)
async def test_a_reply_that_is_no_answer_is_paid_for_and_says_why(
    bench: MakeBench, reply: Reply, says: str
):
    async with bench(reply) as b:
        with pytest.raises(ReplyUnusable, match=says):
            await b.call()
        assert [r.cost_usd for r in b.notes.attempts] == [COST]
        assert await b.outcomes() == ["unusable"]


async def test_a_reply_cut_at_its_limit_is_given_as_far_as_it_came(bench: MakeBench):
    async with bench(Reply("half an ans", finish="length", usage=USAGE)) as b:
        assert (await b.call()).text == "half an ans"


async def test_a_cancelled_stream_is_settled_at_an_estimate(bench: MakeBench):
    async with bench(
        Reply("word " * 40, stall_after=5),
        settings=SETTINGS.model_copy(update={"stall_timeout_s": 30.0}),
    ) as b:
        task = asyncio.ensure_future(b.call())
        await b.notes.has_text.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        [record] = b.notes.attempts
        assert record.is_estimated
        assert record.usage.output_tokens > 0
        assert await b.outcomes() == ["cancelled"]


class Interrupting(Notes):
    """A ledger and an observer around real ones, that cancel the call at one named moment."""

    def __init__(self, ledger: SqliteLedger, moment: str) -> None:
        super().__init__()
        self._ledger = ledger
        self._moment = moment

    async def reserve(self, hold: Hold, deadline_s: float | None = None) -> SpendingWarning | None:
        self._reach("before reserve")
        warning = await self._ledger.reserve(hold, deadline_s)
        self._reach("after reserve")
        return warning

    async def settle(self, attempt_id: str, settlement: Settlement) -> Decimal:
        self._reach("before settle", in_shield=True)
        await asyncio.sleep(0)
        charged = await self._ledger.settle(attempt_id, settlement)
        self._reach("after settle", in_shield=True)
        await asyncio.sleep(0)
        return charged

    async def spending(self) -> Spending:
        return await self._ledger.spending()

    async def run_cost(self, run_id: str) -> Decimal:
        return await self._ledger.run_cost(run_id)

    async def on_text(self, text: str) -> None:
        await super().on_text(text)
        self._reach("at text")
        await asyncio.sleep(0)

    async def on_attempt(self, record: AttemptRecord) -> None:
        self._reach("at attempt", in_shield=True)
        await asyncio.sleep(0)
        await super().on_attempt(record)

    def _reach(self, moment: str, *, in_shield: bool = False) -> None:
        """What is shielded runs in a task of its own, so the call itself is named."""
        if moment == self._moment:
            task = next(t for t in asyncio.all_tasks() if t.get_name() == "the call")
            assert in_shield is (task is not asyncio.current_task())
            task.cancel()


@pytest.mark.parametrize(
    ("moment", "outcomes"),
    [
        ("before reserve", ["not_sent"]),
        ("after reserve", ["cancelled"]),
        ("at text", ["cancelled"]),
        ("before settle", ["ok"]),
        ("after settle", ["ok"]),
        ("at attempt", ["ok"]),
    ],
)
async def test_a_call_cancelled_at_any_moment_is_closed_in_the_ledger(
    bench: MakeBench, moment: str, outcomes: list[str]
):
    async with bench(Reply("some words", usage=USAGE)) as b:
        around = Interrupting(b.ledger, moment)
        caller = ModelCaller(
            ledger=around,
            prices=OfflinePriceBook(),
            settings=SETTINGS,
            prompts=some_prompts(),
            calibration=Calibration(),
            clock=SystemClock(),
        )
        work = caller.call(b.seat, a_request(), PURPOSE, around)
        task = asyncio.create_task(work, name="the call")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await b.outcomes() in (outcomes, [])
        if outcomes != ["not_sent"]:
            assert await b.outcomes() == outcomes
            assert len(around.attempts) == 1


async def test_cancelling_again_and_again_leaves_no_open_hold(bench: MakeBench):
    """Cancels after 0, 1, 2, ... turns of the loop, once more with each turn that follows."""
    async with bench(script=lambda _: Reply("some words", usage=USAGE)) as b:
        await b.call()  # the SDK is loaded
        for turns in range(0, 400, 9):
            task = asyncio.ensure_future(b.call())
            for _ in range(turns):
                await asyncio.sleep(0)
            while not task.done():
                task.cancel()
                await asyncio.sleep(0)
            assert task.cancelled() or task.exception() is None
            assert "held" not in [state for state, *_ in await b.attempts()]


async def test_streamed_thinking_counts_in_an_estimate(bench: MakeBench):
    async with bench(Reply("short", thoughts="word " * 40, usage=None)) as b:
        await b.call()
        usage = b.notes.attempts[0].usage
        assert usage.thinking_tokens > 20
        assert usage.output_tokens > usage.thinking_tokens


async def test_an_estimate_never_costs_more_than_the_hold(bench: MakeBench):
    async with bench(Reply("word " * 900, usage=None)) as b:
        await b.call()
        assert b.notes.attempts[0].usage.output_tokens == a_request().max_output_tokens
        [(_, held, charged, _)] = await b.attempts()
        assert charged <= held


async def test_the_deadline_ends_a_call_whose_server_is_slow_but_alive(bench: MakeBench):
    settings = SETTINGS.model_copy(update={"request_deadline_s": 0.3, "stall_timeout_s": 30.0})
    async with bench(Reply("word " * 400, delay_s=0.01), settings=settings) as b:
        with pytest.raises(ProviderUnavailable, match=r"within 0\.3 s"):
            await b.call()
        assert await b.outcomes() == ["late"]
        assert b.notes.attempts[0].is_estimated


async def test_an_observer_that_fails_does_not_leave_a_hold(bench: MakeBench):
    class Failing(Notes):
        async def on_text(self, text: str) -> None:
            raise RuntimeError("the window is gone")

    async with bench(Reply("text", usage=USAGE)) as b:
        with pytest.raises(RuntimeError, match="the window is gone"):
            await b.caller.call(b.seat, a_request(), PURPOSE, Failing())
        assert await b.outcomes() == ["failed"]


async def test_usage_teaches_the_estimate(bench: MakeBench):
    request = a_request("word " * 3000)
    async with bench(Reply("a", usage={"prompt_tokens": 6000, "completion_tokens": 1})) as b:
        before = await b.caller.count_input(b.seat, request)
        await b.call(request)
        after = await b.caller.count_input(b.seat, request)
        assert not before.is_exact
        assert after.tokens > before.tokens


async def test_a_server_that_dropped_part_of_the_prompt_is_told_of_and_teaches_nothing(
    bench: MakeBench,
):
    request = a_request("word " * 9000)
    async with bench(Reply("a", usage={"prompt_tokens": 2048, "completion_tokens": 1})) as b:
        before = await b.caller.count_input(b.seat, request)
        await b.call(request)
        assert "read only 2048 tokens" in b.notes.notices[0]
        assert await b.caller.count_input(b.seat, request) == before


async def test_input_is_counted_exactly_where_the_server_can(bench: MakeBench):
    async with bench(profile={"counts_tokens": True}) as b:
        count = await b.caller.count_input(b.seat, a_request("one two three"))
        assert (count.tokens, count.is_exact) == (5, True)


async def test_a_counter_that_fails_gives_way_to_the_estimate(bench: MakeBench, logs: LogWatch):
    async with bench(profile={"counts_tokens": True}) as b:
        b.server.health_status = 503
        assert not (await b.caller.count_input(b.seat, a_request())).is_exact
    logs.expect("count_failed")


async def test_a_metered_model_that_can_count_is_held_at_its_exact_count(bench: MakeBench):
    async with bench(Reply("a", usage=USAGE), profile={"counts_tokens": True}) as b:
        await b.call(a_request("one two three"))
        [(_, held, _, _)] = await b.attempts()
        assert held == 5 * 1000 + 100 * 2000


async def structured(b: Bench) -> StructuredReply[ReviewForm]:
    return await b.caller.call_structured(b.seat, a_request(), ReviewForm, PURPOSE, b.notes)


async def test_a_structured_reply_comes_as_its_form(bench: MakeBench):
    async with bench(reply_json(GOOD_REVIEW, usage=USAGE)) as b:
        reply = await structured(b)
        assert reply.value == ReviewForm.model_validate(GOOD_REVIEW)
        assert not reply.was_repaired
        assert b.server.requests[0].schema_name == "review"


async def test_a_server_without_schemas_is_told_the_schema_at_the_end(bench: MakeBench):
    async with bench(reply_json(GOOD_REVIEW), profile={"sends_schema": False}) as b:
        assert (await structured(b)).value is not None
        request = b.server.requests[0]
        assert "response_format" not in request.body
        assert '"verdict"' in request.user
        assert request.system == "You answer."
        assert request.schema_name == "review"


async def test_a_reply_out_of_form_is_repaired_once(bench: MakeBench):
    async with bench(reply_json({"issues": "none"}), reply_json(GOOD_REVIEW)) as b:
        reply = await structured(b)
        assert reply.value is not None
        assert reply.was_repaired
        assert len(b.notes.restarts) == 1
        first, second = (request.body["messages"] for request in b.server.requests)
        assert [m["role"] for m in second] == [m["role"] for m in first] == ["system", "user"]
        repair = b.server.requests[1].user
        assert repair.startswith(b.server.requests[0].user)
        assert '{"issues": "none"}' in repair
        assert "verdict: Field required" in repair
        assert len(b.notes.attempts) == 2


async def test_after_one_repair_the_model_abstains(bench: MakeBench, logs: LogWatch):
    async with bench(Reply("I like trains."), Reply("Still trains.")) as b:
        reply = await structured(b)
        assert reply.value is None
        assert reply.text == "Still trains."
        assert len(b.server.requests) == 2
    logs.expect("model_abstained")


@pytest.mark.parametrize("second", [Reply("", finish="length"), failure(400, "no")])
async def test_a_failed_repair_leaves_the_first_reply_as_text(
    bench: MakeBench, logs: LogWatch, second: Reply
):
    async with bench(Reply("I like trains."), second) as b:
        reply = await structured(b)
        assert (reply.value, reply.text) == (None, "I like trains.")
    logs.expect("repair_failed")


async def test_a_spent_budget_stops_the_repair(bench: MakeBench):
    asked = replace(a_request(), schema=reply_schema(ReviewForm))
    enough_for_one = Decimal(held_nusd(asked)).scaleb(-9)
    async with bench(Reply("no form", usage=USAGE), daily_limit=enough_for_one) as b:
        with pytest.raises(BudgetExceeded):
            await structured(b)
        assert len(b.server.requests) == 1
        assert await b.ledger.run_cost(PURPOSE.run_id) == COST


async def test_many_calls_at_once_are_all_accounted_for(bench: MakeBench):
    async with bench(script=lambda _: Reply("some words", usage=USAGE)) as b:
        async with asyncio.TaskGroup() as group:
            for _ in range(32):
                group.create_task(b.call())
        assert (await b.ledger.run_cost(PURPOSE.run_id)) == COST * 32


async def test_the_default_script_answers_outside_of_any_form(bench: MakeBench):
    async with bench(script=from_sources) as b:
        assert "test server" in (await b.call()).text
