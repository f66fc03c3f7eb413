"""Approved fallbacks over HTTP, on both wire formats: who is asked, who pays, what is shown."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.cli.plan import plan_text
from agentflow_desktop.core.errors import (
    BudgetExceeded,
    ConfigurationError,
    KeyMissing,
    PromptTooLong,
    ProviderRefused,
    ReplyUnusable,
)
from agentflow_desktop.core.events import CostRecorded, RunSucceeded, StepOutput
from agentflow_desktop.core.routing import Badge, Role, Tier
from agentflow_desktop.llm.caller import StructuredReply
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.provider import PriceOverride
from agentflow_desktop.llm.replies import ReviewForm
from agentflow_desktop.workflows.ask.model import AskNotice, AskRequest, AskResult
from support.ask_home import AskHome
from support.call_bench import Bench, open_bench
from support.call_parts import PURPOSE, SETTINGS, a_request, a_seat
from support.failure_table import WIRES, Wire
from support.log_watch import LogWatch
from support.loopback_server import LoopbackServer, Reply, by_schema, failure, reply_json
from support.openai_server import OpenAIServer
from support.tier_home import HEAVY, TierModels, request_of, write_files

pytestmark = pytest.mark.anyio

REVIEW = reply_json(
    {"issues": [], "alternative": "", "verdict": "approve"}, usage=Usage(1_000, 100)
)
TRUE = {"source": "S1", "text": "Standard charge current is 0.5C, maximum 140 A."}
ANSWER = reply_json({"claims": [{"quotes": [TRUE], "text": "At 140 A."}], "title": "The limit"})


@dataclass
class Pair:
    """A bench whose seat has a fallback on a server of its own, at $3 and $4."""

    bench: Bench
    seat: Seat
    spare: LoopbackServer

    async def ask(self, **request: Any) -> StructuredReply[ReviewForm]:
        return await self.bench.caller.call_structured(
            self.seat, a_request(**request), ReviewForm, PURPOSE, self.bench.notes
        )


@asynccontextmanager
async def pair(
    folder: Path,
    wire: Wire,
    *replies: Reply,
    spare: Sequence[Reply] = (REVIEW,),
    profile: dict[str, Any] | None = None,
    spare_profile: dict[str, Any] | None = None,
    **how: Any,
) -> AsyncIterator[Pair]:
    given = {"provider": wire.provider, **(profile or {})}
    bench = open_bench(folder, *replies, profile=given, server_type=wire.server_type, **how)
    with wire.server_type(list(spare)) as server:
        prices = (PriceOverride(date(2020, 1, 1), Decimal(3), Decimal(4)),)
        changes = {"provider": wire.provider, "name": "spare", "model": "spare-model"}
        other = a_seat(server.base_url, **{**changes, "prices": prices, **(spare_profile or {})})
        async with bench as made:
            try:
                yield Pair(made, replace(made.seat, fallback=other), server)
            finally:
                await other.provider.close()


def unavailable(_: Wire) -> list[Reply]:
    return [failure(503)] * 3


UNSERVED: dict[str, Callable[[Wire], list[Reply]]] = {
    "its server fails": unavailable,
    "the quota of the day is used up": lambda wire: [wire.spent_for_today()],
    "the key is refused": lambda wire: [wire.bad_key()],
    "it breaks off every time": lambda _: [Reply("word " * 40, cut_after=2)] * 3,
}


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
@pytest.mark.parametrize("why", UNSERVED)
async def test_a_fallback_answers_at_its_own_price_when_the_model_cannot(
    why: str, wire: Wire, tmp_path: Path
) -> None:
    replies = UNSERVED[why](wire)
    key = {"key": "a-key", "key_name": "tested-key"}
    async with pair(tmp_path, wire, *replies, profile=key) as p:
        reply = await p.ask()
        assert reply.value is not None
        assert reply.reply.served_model == "spare-model"
        notes = p.bench.notes
        last = notes.attempts[-1]
        assert (last.model, last.served_model) == ("spare", "spare-model")
        assert last.cost_usd == Decimal("0.0034")  # 1,000 tokens at $3 and 100 at $4
        assert len(notes.attempts) == len(replies) + 1
        assert notes.stand_ins == ["spare"]
        assert notes.notices[-1].endswith(". spare is asked instead.")
        assert notes.notices[-1].startswith(("The server of tested", "The quota of tested"))
        held = (await p.bench.attempts())[-1][1]
        assert held > 4000 * 100 + 3000  # its own hold, at its own price


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_a_missing_key_and_a_paused_model_send_nothing_to_the_model(
    wire: Wire, tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update={"pause_after_failures": 3})
    async with pair(
        tmp_path, wire, *unavailable(wire), spare=[REVIEW, REVIEW], settings=settings
    ) as p:
        await p.ask()
        await p.ask()
        assert len(p.bench.server.requests) == 3
        assert len(p.spare.requests) == 2
        assert "failed 3 times in a row" in p.bench.notes.notices[-1]
    keyless = {"key_name": "tested-key"}
    async with pair(tmp_path / "b", wire, profile=keyless) as p:
        assert (await p.ask()).value is not None
        assert "needs the key tested-key" in p.bench.notes.notices[-1]
        assert p.bench.server.requests == []


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_what_a_model_refuses_or_answers_badly_is_no_other_models_business(
    wire: Wire, tmp_path: Path, logs: LogWatch
) -> None:
    refused = [wire.refuses(400, "bad content"), Reply("", finish="content_filter"), Reply("x")]
    async with pair(tmp_path, wire, *refused, Reply("y")) as p:
        with pytest.raises(ProviderRefused):
            await p.ask()
        with pytest.raises(ReplyUnusable):
            await p.ask()
        assert (await p.ask()).value is None  # abstained after its repair
        assert p.spare.requests == []
        assert p.bench.notes.stand_ins == []
    logs.expect("model_abstained")


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_a_spent_budget_and_a_cancellation_ask_no_fallback(
    wire: Wire, tmp_path: Path
) -> None:
    async with pair(tmp_path, wire, per_task_limit=Decimal(0)) as p:
        with pytest.raises(BudgetExceeded):
            await p.ask()
        assert p.spare.requests == []
    patient = SETTINGS.model_copy(update={"stall_timeout_s": 30.0})
    stalled = Reply("word " * 40, stall_after=3)
    async with pair(tmp_path / "b", wire, stalled, settings=patient) as p:
        task = asyncio.ensure_future(p.ask())
        await p.bench.notes.has_text.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert p.spare.requests == []


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_a_prompt_that_does_not_fit_the_fallback_is_refused_and_not_cut(
    wire: Wire, counts: bool, tmp_path: Path
) -> None:
    small = {"window_tokens": 1_000, "max_output_tokens": 64, "counts_tokens": counts}
    async with pair(tmp_path, wire, *unavailable(wire), spare_profile=small) as p:
        with pytest.raises(PromptTooLong) as caught:
            await p.ask(text="word " * 2_000)
        assert "Its fallback spare can't take its place" in caught.value.message
        assert "do not fit its window (1,000 tokens)" in caught.value.message
        assert ("about" in caught.value.message) is not counts
        assert p.spare.requests == []


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
async def test_a_fallback_that_fails_too_is_the_error_and_its_limits_are_its_own(
    wire: Wire, tmp_path: Path
) -> None:
    terse = {"max_output_tokens": 50, "sends_schema": False}
    both_down = {"spare": [wire.bad_key()], "spare_profile": terse}
    async with pair(tmp_path, wire, *unavailable(wire), **both_down) as p:
        with pytest.raises(KeyMissing, match="spare"):
            await p.ask()
        [asked] = p.spare.requests
        assert asked.sent_schema == ""
        limits = [asked.body.get("max_tokens"), asked.body.get("generationConfig", {})]
        assert 50 in (limits[0], limits[1].get("maxOutputTokens"))


# Through the whole program.


async def run(home: AskHome, request: AskRequest, **settings: str) -> tuple[list[Any], AskResult]:
    async with open_application(home.overrides(**settings), environ=home.environ) as app:
        events = [event async for event in app.runs.start(request).events()]
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    return events, last.result


def home_with_spare(
    root: Path, server: LoopbackServer, spare: LoopbackServer, *, window: int = 32_000
) -> AskHome:
    home = AskHome(root, server.base_url)
    file = root / "config" / "models.yaml"
    entry = (
        "  spare:\n    provider: openai_compatible\n    model: spare-model\n"
        f"    base_url: {spare.base_url}\n    window_tokens: {window}\n    billing: metered\n"
        "    prices: [{effective_from: 2020-01-01, input_usd: 5, output_usd: 5}]\n"
    )
    file.write_text(file.read_text("utf-8") + entry, encoding="utf-8")
    return home


def approving(request: Any) -> Reply:
    return by_schema({"answer": ANSWER, "review": REVIEW})(request)


def heavy_is_down(request: Any) -> Reply:
    return failure(401, "no") if request.body["model"] == "heavy-model" else approving(request)


async def test_a_switch_is_shown_charged_to_the_true_model_and_its_result_not_kept(
    tmp_path: Path,
) -> None:
    with OpenAIServer(heavy_is_down) as server, OpenAIServer(approving) as spare:
        home = home_with_spare(tmp_path, server, spare)
        spared = {"models.heavy_fallback": "spare"}
        events, result = await run(home, home.request(), **spared)
        assert result.badges == (Badge.FALLBACK,)
        notices = [
            e.body.message
            for e in events
            if isinstance(e, StepOutput) and isinstance(e.body, AskNotice)
        ]
        assert [n for n in notices if "spare is asked instead" in n]
        costs = [e for e in events if isinstance(e, CostRecorded)]
        assert [cost.model for cost in costs] == ["cheap", "dear", "spare"]
        assert result.cost_usd == sum(cost.cost_usd for cost in costs)

        # The same question again finds nothing kept; with the model back, its own result is.
        _, again = await run(home, home.request(), **spared)
        assert again.cached_from is None
        server.script = approving
        _, own = await run(home, home.request(), **spared)
        assert own.badges == ()
        _, kept = await run(home, home.request(), **spared)
        assert kept.cached_from is not None
        assert kept.badges == ()


async def test_a_fallback_that_plays_both_roles_verifies_itself_and_says_so(
    tmp_path: Path,
) -> None:
    def planner_is_down(request: Any) -> Reply:
        is_planner = request.body["model"] == "planner-model"
        return failure(401, "no") if is_planner else approving(request)

    with OpenAIServer(planner_is_down) as server:
        home = AskHome(tmp_path, server.base_url)
        _, result = await run(home, home.request(), **{"models.planner_fallback": "dear"})
    assert result.badges == (Badge.SELF_VERIFIED, Badge.FALLBACK)
    assert {r.body["model"] for r in server.requests} == {"planner-model", "heavy-model"}


async def test_the_route_names_each_fallback_and_its_price_before_anything_is_spent(
    tmp_path: Path,
) -> None:
    with OpenAIServer([]) as server, OpenAIServer([]) as spare:
        home = home_with_spare(tmp_path, server, spare)
        overrides = home.overrides(**{"models.heavy_fallback": "spare"})
        async with open_application(overrides, environ=home.environ) as app:
            plan = await app.queries.plan_ask(home.request())
            lines = {line.name: line for line in await app.queries.models()}
            checks = {check.subject: check for check in await app.queries.health()}
        assert server.requests == spare.requests == []
    [fallback] = plan.route.fallbacks
    assert (fallback.role, fallback.model, fallback.instead_of) == (Role.HEAVY, "spare", "dear")
    heavy = [call for call in plan.route.calls if call.role is Role.HEAVY]
    assert fallback.about_usd != sum(call.about_usd for call in heavy if call.is_certain)
    assert 0 < fallback.about_usd < fallback.at_most_usd
    assert "if dear can't be reached as heavy, spare answers: about $" in plan_text(plan)
    assert lines["spare"].fallback_of == (Role.HEAVY,)
    assert lines["spare"].roles == ()
    assert not checks["model spare"].is_required
    assert fallback.misfits == 0
    assert "too long" not in plan_text(plan)


async def test_a_fallback_of_the_command_line_must_be_a_model(tmp_path: Path) -> None:
    home = AskHome(tmp_path, "http://127.0.0.1:1/v1")
    overrides = home.overrides(**{"models.heavy_fallback": "dear"})
    with pytest.raises(ConfigurationError, match="very model that it is to stand in for"):
        async with open_application(overrides, environ=home.environ):
            raise AssertionError("it must not open")


async def test_packs_too_long_for_the_fallback_are_foreseen_and_read_in_halves(
    tmp_path: Path,
) -> None:
    models = TierModels()

    def heavy_is_away(request: Any) -> Reply:
        return failure(401, "no") if request.body["model"] == HEAVY else models(request)

    with OpenAIServer(heavy_is_away) as server, OpenAIServer(models) as spare:
        home = home_with_spare(tmp_path, server, spare, window=22_000)
        write_files(home, 12, 180)
        request = request_of(home, tier=Tier.LARGE)
        overrides = home.overrides(**{"models.heavy_fallback": "spare"})
        async with open_application(overrides, environ=home.environ) as app:
            plan = await app.queries.plan_ask(request)
        _, result = await run(home, request, **{"models.heavy_fallback": "spare"})
    [fallback] = plan.route.fallbacks
    assert fallback.misfits > 0
    assert f"{fallback.misfits} calls are too long for it" in plan_text(plan)
    assert Badge.FALLBACK in result.badges
    assert not result.answer.has_gaps
    read = {source.name for r in spare.requests for source in r.blocks.sources}
    assert {name.partition(" ")[0] for name in read} >= {f"part_{n:03}.py" for n in range(1, 13)}
