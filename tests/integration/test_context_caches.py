"""Gemini's explicit caches through the whole program: when they pay, what they cost, their end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.cli.plan import plan_text
from agentflow_desktop.core.events import CostRecorded, RunEvent, RunSucceeded
from agentflow_desktop.core.routing import CONTEXT_TTL_S, Tier
from agentflow_desktop.workflows.ask.model import AskResult
from support.ask_home import AskHome
from support.gemini_server import GeminiServer
from support.log_watch import LogWatch
from support.loopback_server import Received, Reply, reply_json
from support.tier_home import (
    TierModels,
    assessment,
    question,
    request_of,
    write_files,
)

pytestmark = pytest.mark.anyio

_FOLLOW_UP = [
    reply_json(assessment("revise", question("And part 2?"))),
    reply_json(assessment("approve")),
]
_MODELS = """models:
  cheap:
    provider: google_genai
    model: planner-model
    base_url: {url}
    window_tokens: 32000
    billing: metered
    prices: [{{effective_from: 2020-01-01, input_usd: 0.1, output_usd: 1}}]
  dear:
    provider: google_genai
    model: heavy-model
    base_url: {url}
    window_tokens: 100000
    key_name: tested
    billing: {billing}
    counts_tokens: true
    cache_min_tokens: {least}
    prices: [{{effective_from: 2020-01-01, input_usd: 10, output_usd: 1, cached_input_usd: 1}}]
    storage_prices: [{{effective_from: 2020-01-01, usd_per_hour: {storage}}}]
"""


@dataclass
class Place:
    """A home with three files and its server; ``events`` of the runs."""

    home: AskHome
    server: GeminiServer
    events: list[RunEvent] = field(default_factory=list[RunEvent])

    async def run(self, app: Application, tier: Tier = Tier.MEDIUM) -> AskResult:
        handle = app.runs.start(request_of(self.home, tier=tier, use_cache=False))
        self.events = [event async for event in handle.events()]
        last = self.events[-1]
        assert isinstance(last, RunSucceeded), last
        assert isinstance(last.result, AskResult)
        return last.result

    @property
    def made(self) -> list[Received]:
        return [r for r in self.server.other_requests if r.path == "/v1beta/cachedContents"]

    @property
    def deleted(self) -> list[str]:
        return [r.path for r in self.server.other_requests if r.method == "DELETE"]

    @property
    def heavy(self) -> list[Received]:
        return [r for r in self.server.requests if "/heavy-model:" in r.path]

    def costs(self) -> list[CostRecorded]:
        return [event for event in self.events if isinstance(event, CostRecorded)]


@asynccontextmanager
async def placed(
    root: Path,
    script: Callable[[Received], Reply] | None = None,
    *,
    storage: str = "6",
    least: int = 1_024,
    billing: str = "metered",
    **settings: str,
) -> AsyncIterator[tuple[Place, Application]]:
    models = TierModels({"assessment": _FOLLOW_UP}, estimates_usage=False)
    with GeminiServer(script or models) as server:
        home = AskHome(root, server.base_url, **settings)
        text = _MODELS.format(url=server.base_url, storage=storage, least=least, billing=billing)
        (root / "config" / "models.yaml").write_text(text, encoding="utf-8")
        write_files(home, 3, 300)
        environ = {**home.environ, "AGENTFLOW_KEY_TESTED": "a-key"}
        async with open_application(home.overrides(), environ=environ) as app:
            yield Place(home, server), app
            spending = await app.queries.costs.spending()
            assert spending.total.reserved_usd == 0


async def test_documents_are_kept_once_used_by_every_call_on_them_and_deleted(
    tmp_path: Path,
) -> None:
    async with placed(tmp_path) as (place, app):
        result = await place.run(app)
        spending = await app.queries.costs.spending()
    [made] = place.made
    assert made.headers["x-goog-api-key"] == "a-key"
    assert made.body["model"] == "models/heavy-model"
    assert made.body["ttl"] == f"{CONTEXT_TTL_S}s"
    assert "displayName" not in made.body
    answer, follow_up = place.heavy
    assert answer.body["cachedContent"] == follow_up.body["cachedContent"]
    assert "systemInstruction" not in answer.body
    assert [c["role"] for c in made.body["contents"]] == ["user"]
    assert "value = check_1_5(" in made.body["contents"][0]["parts"][0]["text"]
    assert "value = check_1_5(" not in str(answer.body)
    assert len(answer.blocks.sources) == 3  # as the model sees it: the cache, then the rest
    assert answer.blocks.sections["task"] == follow_up.blocks.sections["task"]
    assert len(place.deleted) == 1
    assert place.server.kept == {}

    cost = next(c for c in place.costs() if c.output_tokens == 0)
    tokens = made.tokens
    written = Decimal(tokens) * 10 / 10**6
    stored = Decimal(tokens) * 6 / 10**6 / 3600
    assert (cost.model, cost.input_tokens, cost.is_estimated) == ("dear", tokens, False)
    assert written < cost.cost_usd < written + stored * 60
    calls = [c for c in place.costs() if c.model == "dear" and c.output_tokens]
    assert len(calls) == 2
    for call in calls:
        assert call.cost_usd < Decimal(call.input_tokens) * 3 / 10**6, "not the price of cached"
    assert result.cost_usd == sum(c.cost_usd for c in place.costs()) == spending.total.spent_usd


async def test_the_route_says_beforehand_what_is_kept_and_why(tmp_path: Path) -> None:
    async with placed(tmp_path) as (place, app):
        plan = await app.queries.plan_ask(request_of(place.home, tier=Tier.MEDIUM))
        assert place.made == []
    [cache] = plan.route.context_caches
    assert (cache.model, cache.calls) == ("dear", Decimal(2))  # one certain, two perhaps
    assert cache.plain_usd == cache.tokens * 2 * Decimal(10) / 10**6
    # written at $10, stored for a sixth of an hour at $6, read twice at $1
    assert cache.kept_usd == cache.tokens * (Decimal(10) + 1 + 2) / 10**6
    assert cache.at_most_usd == cache.about_usd == cache.tokens * Decimal(11) / 10**6
    text = plan_text(plan)
    said = f"the documents ({cache.tokens:,} tokens) are kept with dear for at most 10 min: about $"
    assert said in text
    certain = [call for call in plan.route.calls if call.is_certain]
    assert plan.route.about_usd == sum(c.about_usd for c in certain) + cache.about_usd


@pytest.mark.parametrize(
    "how",
    [{"storage": "60"}, {"least": 90_000}, {"billing": "free"}, {"verification__enabled": "false"}],
    ids=lambda how: next(iter(how)),
)
async def test_nothing_is_kept_where_it_does_not_pay(how: dict[str, Any], tmp_path: Path) -> None:
    async with placed(tmp_path, **how) as (place, app):
        plan = await app.queries.plan_ask(request_of(place.home, tier=Tier.MEDIUM))
        await place.run(app)
    assert plan.route.context_caches == ()
    assert place.made == []
    assert place.heavy
    assert not [r for r in place.heavy if "cachedContent" in r.body]


@pytest.mark.parametrize(
    ("refused", "is_charged"),
    [
        (
            Reply(status=400, error={"error": {"code": 400, "message": "Caching is not for you."}}),
            0,
        ),
        (Reply(status=503, error={"error": {"code": 503, "message": "busy"}}), 0),
        (Reply(cut_after=0), 1),  # it may be kept all the same
    ],
    ids=["refused", "busy", "broken off"],
)
async def test_a_cache_that_cannot_be_made_harms_nothing(
    refused: Reply, is_charged: int, tmp_path: Path, logs: LogWatch
) -> None:
    async with placed(tmp_path) as (place, app):
        place.server.other_replies["/v1beta/cachedContents"] = refused
        await place.run(app)
    assert len(place.made) == 1
    assert len(place.heavy) == 2
    assert not [r for r in place.heavy if "cachedContent" in r.body]
    kept = [c for c in place.costs() if c.output_tokens == 0]
    assert len(kept) == is_charged
    for cost in kept:  # for its whole time, as an estimate
        assert cost.is_estimated
        assert cost.cost_usd == Decimal(cost.input_tokens) * 11 / 10**6
    logs.expect("context_cache_not_made")


async def test_a_cache_that_is_gone_is_not_asked_for_again(tmp_path: Path, logs: LogWatch) -> None:
    models = TierModels({"assessment": _FOLLOW_UP}, estimates_usage=False)

    def script(request: Received) -> Reply:
        if request.schema_name == "answer":
            place.server.kept.clear()  # Google deletes it early
        return models(request)

    async with placed(tmp_path, script) as (place, app):
        await place.run(app)
    assert [("cachedContent" in r.body) for r in place.heavy] == [True, True, False]
    cost = next(c for c in place.costs() if c.is_estimated)
    assert cost.cost_usd == Decimal(cost.input_tokens) * 11 / 10**6
    logs.expect("context_cache_lost")
    logs.expect("context_cache_left")


async def test_a_cancelled_run_deletes_and_settles_what_it_kept(tmp_path: Path) -> None:
    is_reading = threading.Event()

    def script(request: Received) -> Reply:
        if request.schema_name == "answer":
            is_reading.set()
            return Reply("word " * 40, stall_after=3)
        return TierModels()(request)

    async with placed(tmp_path, script) as (place, app):
        handle = app.runs.start(request_of(place.home, tier=Tier.MEDIUM, use_cache=False))
        assert await asyncio.to_thread(is_reading.wait, 20)
        handle.cancel()
        place.events = [event async for event in handle.events()]
        spending = await app.queries.costs.spending()
    assert len(place.made) == len(place.deleted) == 1
    assert place.server.kept == {}
    assert spending.total.spent_usd == sum(c.cost_usd for c in place.costs())


async def test_a_budget_without_room_for_the_cache_still_pays_for_the_calls(
    tmp_path: Path, logs: LogWatch
) -> None:
    async with placed(tmp_path, storage="30") as (place, app):
        await place.run(app)
    held = Decimal(place.made[0].tokens) * (10 + 5) / 10**6
    settings: dict[str, Any] = {
        "production__cost_tracking__per_task_limit": str(held * Decimal("0.9"))
    }
    async with placed(tmp_path / "b", storage="30", **settings) as (place, app):
        await place.run(app)
    assert place.made == []
    assert place.heavy
    logs.expect("context_cache_not_made")
