"""What a probe finds out of servers of every make, what it costs, and what it may write."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.errors import ConfigurationError, InputRefused
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.llm.probe_report import MeasuredWindow, SchemaUse
from agentflow_desktop.llm.provider import ToldWindow
from support.ask_home import AskHome
from support.gemini_server import GeminiServer
from support.log_watch import LogWatch
from support.loopback_server import MODEL, LoopbackServer, Received, Reply, failure, reply_json
from support.openai_server import OpenAIServer

pytestmark = pytest.mark.anyio

_FILE = """# Mine.
models:
  tested:   # the one in the cellar
    provider: {provider}
    model: {model}
    base_url: {url}
    window_tokens: 8192   # as its card says
    max_output_tokens: 2048
    billing: {billing}
    prices: [{{effective_from: 2020-01-01, input_usd: 1, output_usd: 2}}]
# The end.
"""


def well_behaved(request: Received) -> Reply:
    if request.sent_schema:
        return reply_json({"colour": "red", "number": 7})
    return Reply("Red, 7.")


def file_of(home: AskHome) -> Path:
    return home.root / "config" / "models.yaml"


@asynccontextmanager
async def probing(
    root: Path, server: LoopbackServer, *, billing: str = "free"
) -> AsyncIterator[tuple[AskHome, Application]]:
    home = AskHome(root)
    is_gemini = isinstance(server, GeminiServer)
    text = _FILE.format(
        provider="google_genai" if is_gemini else "openai_compatible",
        model=MODEL,
        url=server.base_url,
        billing=billing,
    )
    file_of(home).write_text(text, encoding="utf-8")
    overrides = home.overrides(models__max_attempts="1")
    async with open_application(overrides, environ=home.environ) as app:
        yield home, app
        spending = await app.queries.costs.spending()
        assert spending.total.reserved_usd == 0


async def test_a_vllm_server_honours_schemas_counts_and_tells_its_window(tmp_path: Path) -> None:
    with OpenAIServer(well_behaved) as server:
        server.max_model_len = 4_096
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested")
    assert report.is_usable
    assert (report.problem, report.is_listed, report.is_other_model) == ("", True, False)
    assert report.served_model == MODEL
    assert report.schema is SchemaUse.HONOURED
    assert (report.reports_usage, report.counts_tokens) == (True, True)
    assert report.told_window == ToldWindow(4_096, "/models")
    assert [(c.field, c.now, c.then) for c in report.changes] == [
        ("counts_tokens", False, True),
        ("window_tokens", 8_192, 4_096),
    ]
    [asked] = server.requests
    assert "JSON" not in asked.user


async def test_gemini_tells_its_window_and_every_question_is_paid_by_the_ledger(
    tmp_path: Path,
) -> None:
    with GeminiServer(well_behaved) as server:
        server.input_limit = 1_000
        async with probing(tmp_path, server, billing="metered") as (_, app):
            most = await app.queries.model_probes.probe_price("tested")
            report = await app.queries.model_probes.probe("tested")
            spending = await app.queries.costs.spending()
    assert report.schema is SchemaUse.HONOURED
    assert report.told_window == ToldWindow(1_000, "models.get, inputTokenLimit")
    assert 0 < report.cost_usd == spending.total.spent_usd <= most
    assert spending.total.calls == 1
    windows = {c.field: c.then for c in report.changes}
    assert windows == {"counts_tokens": True, "window_tokens": 1_000, "max_output_tokens": 250}


def refusing_schemas(request: Received) -> Reply:
    if request.sent_schema:
        return failure(400, "response_format is not supported here")
    return Reply("Red, 7.", usage=None)


@pytest.mark.parametrize(
    ("script", "use", "asked", "tells"),
    [
        (lambda _: Reply("Red and seven."), SchemaUse.IGNORED, 1, True),
        (refusing_schemas, SchemaUse.REFUSED, 2, False),
    ],
)
async def test_a_server_that_takes_no_schema_is_found_out(
    script: Callable[[Received], Reply], use: SchemaUse, asked: int, tells: bool, tmp_path: Path
) -> None:
    with OpenAIServer(script) as server:
        server.other_replies["/tokenize"] = failure(404, "no such path")
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested")
    assert report.is_usable
    assert (report.schema, report.reports_usage, report.counts_tokens) == (use, tells, False)
    assert len(server.requests) == asked
    assert [(c.field, c.then) for c in report.changes] == [("sends_schema", False)]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"/props": {"default_generation_settings": {"n_ctx": 4_096}, "total_slots": 1}},
            ToldWindow(4_096, "/props"),
        ),
        (
            {"/api/ps": {"models": [{"name": f"{MODEL}:latest", "context_length": 2_048}]}},
            ToldWindow(2_048, "/api/ps"),
        ),
        (
            {
                "/api/ps": {"models": [{"name": "another", "context_length": 99}]},
                "/api/show": {"parameters": "temperature 0.7\nnum_ctx    16384"},
            },
            ToldWindow(16_384, "/api/show"),
        ),
        ({"/props": [], "/api/ps": {"models": "none"}, "/api/show": {}}, None),
        ({}, None),
    ],
)
async def test_llama_cpp_and_ollama_tell_the_window_they_were_started_with(
    answers: dict[str, object], told: ToldWindow | None, tmp_path: Path
) -> None:
    with OpenAIServer(well_behaved) as server:
        server.own_answers = answers
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested")
    assert report.told_window == told
    fields = {change.field for change in report.changes}
    assert ("window_tokens" in fields) is (told is not None and told.tokens < 8_192)


async def test_a_paid_server_is_asked_at_no_path_but_its_interfaces_own(tmp_path: Path) -> None:
    with OpenAIServer(well_behaved) as server:
        async with probing(tmp_path, server, billing="metered") as (_, app):
            await app.queries.model_probes.probe("tested")
    assert {r.path for r in server.other_requests} == {"/v1/models", "/tokenize"}


async def test_a_server_that_is_away_or_has_no_such_model_is_told_with_the_next_step(
    tmp_path: Path,
) -> None:
    with OpenAIServer([]) as server:
        async with probing(tmp_path, server) as (_, app):
            server.script = lambda _: failure(404, "no such model")
            lost = await app.queries.model_probes.probe("tested")
            server.health_status = 503
            away = await app.queries.model_probes.probe("tested")
    assert not lost.is_usable
    assert f"has no model {MODEL!r}" in lost.problem
    assert lost.hint
    assert not away.is_usable
    assert "failed (503)" in away.problem
    assert away.changes == lost.changes == ()


def window_of(size: int, *, cuts: bool = False) -> Callable[[Received], Reply]:
    """A model with room for so many words, which refuses more, or reads only the last of them."""

    def answer(request: Received) -> Reply:
        words = sum(len(text.split()) for _, text in request.turns)
        if words <= size:
            return well_behaved(request) if request.sent_schema else Reply("evening")
        if cuts:
            return Reply("evening", usage=Usage(size, 1))
        return failure(400, f"This model's maximum context length is {size} tokens.")

    return answer


@pytest.mark.parametrize(
    ("script", "measured", "most_asked"),
    [
        (window_of(100_000), MeasuredWindow(8_192, is_at_least=True), 3),
        (window_of(2_048, cuts=True), MeasuredWindow(2_048, is_cut_silently=True), 3),
    ],
)
async def test_a_window_is_measured_by_what_the_server_says_it_read(
    script: Callable[[Received], Reply],
    measured: MeasuredWindow,
    most_asked: int,
    tmp_path: Path,
) -> None:
    with OpenAIServer(script) as server:
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested", measures_window=True)
    assert report.measured == measured
    assert len(server.requests) <= most_asked
    is_smaller = not measured.is_at_least
    assert ("window_tokens" in {c.field for c in report.changes}) is is_smaller


@pytest.mark.parametrize("size", [700, 1_500, 3_000, 5_555, 7_600])
async def test_a_window_that_refuses_is_found_by_halving_within_a_twentieth(
    size: int, tmp_path: Path
) -> None:
    with OpenAIServer(window_of(size)) as server:
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested", measures_window=True)
    assert report.measured is not None
    assert size - max(260, size // 15) <= report.measured.tokens <= size
    assert len(server.requests) <= 10


async def test_a_window_is_not_measured_without_usage(tmp_path: Path) -> None:
    with OpenAIServer(lambda _: Reply("Red.", usage=None)) as server:
        async with probing(tmp_path, server) as (_, app):
            report = await app.queries.model_probes.probe("tested", measures_window=True)
    assert report.measured is None
    assert "does not say how many tokens it read" in report.note


async def test_measuring_a_metered_model_needs_a_yes_and_stays_below_its_price(
    tmp_path: Path,
) -> None:
    with OpenAIServer(window_of(3_000)) as server:
        async with probing(tmp_path, server, billing="metered") as (_, app):
            probes = app.queries.model_probes
            with pytest.raises(InputRefused, match="costs money"):
                await probes.probe("tested", measures_window=True)
            assert server.requests == []
            most = await probes.probe_price("tested", measures_window=True)
            report = await probes.probe("tested", measures_window=True, may_pay=True)
            assert Decimal(0) < report.cost_usd <= most


async def test_what_was_found_is_written_and_everything_else_left_as_it_was(
    tmp_path: Path,
) -> None:
    with OpenAIServer(lambda _: Reply("Red and seven.")) as server:
        server.max_model_len = 2_000
        async with probing(tmp_path, server) as (home, app):
            before = file_of(home).read_text("utf-8")
            report = await app.queries.model_probes.probe("tested")
            kept = await app.queries.model_probes.keep_probe(report)
            after = file_of(home).read_text("utf-8")
            again = await app.queries.model_probes.keep_probe(report)
    assert kept is not None
    assert kept.read_text("utf-8") == before
    own_lines = [line for line in after.splitlines() if line not in before.splitlines()]
    assert own_lines == [
        "    window_tokens: 2000   # as its card says",
        "    max_output_tokens: 500",
        "    sends_schema: false",
        "    counts_tokens: true",
    ]
    profile = next(p for p in load_models(file_of(home)) if p.name == "tested")
    assert (profile.window_tokens, profile.sends_schema) == (2_000, False)
    assert again is None


async def test_a_file_that_cannot_take_it_is_left_as_it_is(tmp_path: Path) -> None:
    with OpenAIServer(lambda _: Reply("Red and seven.")) as server:
        async with probing(tmp_path, server) as (home, app):
            report = await app.queries.model_probes.probe("tested")
            broken = file_of(home).read_text("utf-8") + "  other: {model: x}\n"
            file_of(home).write_text(broken, encoding="utf-8")
            with pytest.raises(
                ConfigurationError, match=r"models\.yaml line \d+: other\.provider is missing"
            ):
                await app.queries.model_probes.keep_probe(report)
            assert file_of(home).read_text("utf-8") == broken


async def test_an_unknown_name_and_a_model_without_a_price_are_refused(
    tmp_path: Path, logs: LogWatch
) -> None:
    with OpenAIServer([]) as server:
        async with probing(tmp_path, server, billing="metered") as (home, app):
            with pytest.raises(InputRefused, match="no model named 'nobody'"):
                await app.queries.model_probes.probe("nobody")
        text = file_of(home).read_text("utf-8")
        prices = next(line for line in text.splitlines() if "prices" in line)
        file_of(home).write_text(text.replace(f"{prices}\n", ""), encoding="utf-8")
        async with open_application(home.overrides(), environ=home.environ) as app:
            with pytest.raises(ConfigurationError, match="No price is known for tested"):
                await app.queries.model_probes.probe("tested")
    assert server.requests == server.other_requests == []


async def test_the_built_in_engine_says_what_it_is(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        report: Any = await app.queries.model_probes.probe("built-in")
    assert report.is_usable
    assert report.changes == ()
    assert "Built in" in report.note
