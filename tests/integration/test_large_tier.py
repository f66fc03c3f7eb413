"""A large task over HTTP: questions over an outline, packs read at once, findings, synthesis."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
    StepOutput,
    StepStarted,
)
from agentflow_desktop.core.routing import Badge, Role, Tier
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import StopReason
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.workflows.ask.model import AskFindings, AskNotice, AskRequest, AskResult
from agentflow_desktop.workflows.ask.report_markdown import to_markdown
from support.ask_home import AskHome
from support.ask_results import report_on
from support.openai_server import OpenAIServer, Received, Reply, failure, reply_json
from support.tier_home import (
    PLANNER,
    TierModels,
    asked_of,
    assessment,
    body_lines,
    question,
    request_of,
    sent_text,
    write_files,
)

pytestmark = pytest.mark.anyio

FILES, LINES = 16, 150  # about 50,000 tokens: three packs of a window of 32,000


async def ask(app: Application, request: AskRequest) -> tuple[list[RunEvent], AskResult]:
    events = [event async for event in app.runs.start(request).events()]
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    return events, last.result


def large(home: AskHome, **how: Any) -> AskRequest:
    return request_of(home, tier=Tier.LARGE, **how)


def packs_read(server: OpenAIServer) -> list[Received]:
    return [request for request in server.requests if request.schema_name == "findings"]


def failing_pack(number: int, reply: Reply, **replies: Any) -> TierModels:
    """Models of which the heavy one fails at one pack."""

    class Failing(TierModels):
        __slots__ = ()

        def __call__(self, request: Received) -> Reply:
            if f"This is pack {number} of" in request.blocks.sections.get("pack", ""):
                return reply
            return super().__call__(request)

    return Failing(replies)


async def test_a_large_task_is_read_in_packs_and_answered_with_quotes_of_every_file(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        paths = write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(request_of(home))
            events, result = await ask(app, request_of(home))
            spending = await app.queries.costs.spending()
            _, kept = await ask(app, request_of(home))
    packs = packs_read(server)
    assert len(packs) == 3
    assert plan.route.tier is Tier.LARGE
    named = [call.purpose for call in plan.route.calls if call.purpose.startswith("reads pack")]
    assert len(named) == 3
    assert named[0].startswith("reads pack 1 of 3 (")
    assert [r.schema_name for r in server.requests if r.schema_name != "findings"] == [
        "plan", "written", "assessment",
    ]  # fmt: skip
    assert {e.file for c in result.answer.claims for e in c.evidence} == {p.name for p in paths}
    for claim in result.answer.claims:
        for found in claim.evidence:
            text = (home.documents / found.file).read_text()
            assert text[found.start : found.end] == found.quote
            assert found.line == text[: found.start].count("\n") + 1
    assert result.stop_reason is StopReason.APPROVED
    assert result.badges == ()
    assert spending.total.calls == 6
    assert spending.total.spent_usd == result.cost_usd > 0
    assert result.cost_usd <= plan.route.at_most_usd
    assert kept.cached_from is not None
    steps = [event for event in events if isinstance(event, StepStarted)]
    outputs = [event for event in events if isinstance(event, StepOutput)]
    reading = {s.step_id for s in steps if s.title.startswith("Heavy model reads pack")}
    assert {o.step_id for o in outputs if isinstance(o.body, AskFindings)} == reading
    titles = [step.title for step in steps if step.step_id in reading]
    assert titles == [f"Heavy model reads pack {number} of 3" for number in (1, 2, 3)]


async def test_every_character_is_read_once_and_the_planner_never_sees_a_passage(
    tmp_path: Path,
) -> None:
    script = TierModels(
        {
            "assessment": [
                reply_json(assessment("revise", question("And part 4?", "S4"))),
                reply_json(assessment("approve")),
            ]
        },
        most_quotes=2,
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        paths = write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(large(home))
            events, result = await ask(app, large(home))
    planner = asked_of(server.requests, PLANNER)
    assert [r.schema_name for r in planner] == [
        "plan", "written", "assessment", "written", "assessment",
    ]  # fmt: skip
    quoted = {
        evidence.quote
        for event in events
        if isinstance(event, StepOutput) and isinstance(event.body, AskFindings)
        for finding in event.body.findings
        for evidence in finding.claim.evidence
    }
    said = "\n".join(sent_text(request) for request in planner)
    unquoted = [line for path in paths for line in body_lines(path) if line not in quoted]
    assert len(unquoted) == FILES * LINES - len(quoted)
    assert not [line for line in unquoted if line in said]
    assert all(request.blocks.sources == () for request in planner)
    assert max(raw_tokens(sent_text(request)) for request in planner) <= 16_000
    assert max(c.input_tokens for c in plan.route.calls if c.role is Role.PLANNER) <= 16_000
    first = [r for r in packs_read(server) if "pack 1 of 1." not in r.blocks.sections["pack"]]
    sent = "\n".join(source.text for request in first for source in request.blocks.sources)
    for path in paths:
        assert sent.count(path.read_text()) == 1
    assert result.iterations == 2


async def test_an_approved_answer_that_rests_on_evidence_never_given_is_written_anew(
    tmp_path: Path,
) -> None:
    def written(evidence: str) -> Reply:
        claims = [{"evidence": [evidence], "text": "B."}]
        return reply_json({"responses": [], "claims": claims, "title": "T"})

    script = TierModels({"written": [written("E9999"), written("E1")]})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, large(home))
    asked = [request.schema_name for request in asked_of(server.requests, PLANNER)]
    assert asked == ["plan", "written", "assessment", "written", "assessment"]
    assert result.stop_reason is StopReason.APPROVED
    assert [claim.is_quoted for claim in result.answer.claims] == [True]


async def test_follow_ups_read_again_only_the_files_that_they_name(tmp_path: Path) -> None:
    script = TierModels(
        {
            "assessment": [
                reply_json(assessment("revise", question("And parts 4 and 9?", "S4", "S9"))),
                reply_json(assessment("approve")),
            ]
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, large(home))
    again = packs_read(server)[-1]
    assert [source.source_id for source in again.blocks.sources] == ["S4", "S9"]
    assert "And parts 4 and 9?" in again.blocks.sections["questions"]


async def test_follow_ups_that_name_no_file_are_asked_of_what_is_quoted_else_not_at_all(
    tmp_path: Path,
) -> None:
    unquoted = {"claims": [{"quotes": [], "question": "Q1", "text": "So it is said."}]}
    script = TierModels(
        {
            "findings": reply_json(unquoted),
            "assessment": reply_json(assessment("revise", question("And where?", "S99"))),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, result = await ask(app, large(home))
    assert len(packs_read(server)) == 3
    bodies = [event.body for event in events if isinstance(event, StepOutput)]
    notices = [body.message for body in bodies if isinstance(body, AskNotice)]
    assert notices == [
        "The follow-ups name no file and the answer quotes none: they were not asked."
    ]
    assert result.stop_reason is StopReason.NO_NEW_ISSUE


async def test_a_pack_that_fails_is_a_visible_gap_in_the_answer_and_is_not_kept(
    tmp_path: Path,
) -> None:
    with OpenAIServer(failing_pack(2, failure(400, "too long"))) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, large(home))
            plan = await app.queries.plan_ask(large(home))
    gaps = [claim.text for claim in result.answer.claims if claim.is_gap]
    assert len(gaps) == 1
    assert gaps[0].startswith("Pack 2 of 3 (")
    assert "was not read:" in gaps[0]
    assert "part_0" in gaps[0]
    assert Badge.INCOMPLETE in result.badges
    assert f"**Not read:** {gaps[0][:20]}" in to_markdown(report_on(result))
    assert len({e.file for c in result.answer.claims for e in c.evidence}) > 5
    writing = next(r for r in server.requests if r.schema_name == "written")
    assert gaps[0] in writing.blocks.sections["not_read"]
    assert not plan.is_cached


async def test_a_pack_that_the_server_finds_too_long_is_read_in_halves(tmp_path: Path) -> None:
    overflow = failure(400, "This model's maximum context length is 20000 tokens.")
    with OpenAIServer(failing_pack(2, overflow)) as server:
        home = AskHome(tmp_path, server.base_url)
        paths = write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, result = await ask(app, large(home))
    titles = [event.title for event in events if isinstance(event, StepStarted)]
    assert titles.count("Heavy model reads half of pack 2 of 3") == 2
    assert not result.answer.has_gaps
    assert result.badges == ()
    assert {e.file for c in result.answer.claims for e in c.evidence} == {p.name for p in paths}


@pytest.mark.allow_log_warnings
async def test_a_pack_whose_reply_has_no_form_is_a_gap_too(tmp_path: Path) -> None:
    with OpenAIServer(failing_pack(1, Reply("I would rather not."))) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, large(home))
    gap = next(claim.text for claim in result.answer.claims if claim.is_gap)
    assert "dear abstained" in gap


async def test_if_no_pack_can_be_read_the_run_fails(tmp_path: Path) -> None:
    with OpenAIServer(TierModels({"findings": failure(400, "no")})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            ended = await app.runs.start(large(home)).wait()
            spending = await app.queries.costs.spending()
    assert isinstance(ended, RunFailed)
    assert "dear" in ended.message
    assert spending.total.reserved_usd == 0


async def test_a_budget_spent_between_packs_keeps_what_was_found(tmp_path: Path) -> None:
    usage = Usage(58_000, 1_900)
    found = {"quotes": [], "question": "Q1", "text": "Found."}
    reply = reply_json({"claims": [found]}, usage=usage)
    with OpenAIServer(TierModels({"findings": reply})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        overrides = home.overrides(
            production__cost_tracking__per_task_limit="0.30",
            performance__max_concurrent_tasks="1",
        )
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, large(home))
            spending = await app.queries.costs.spending()
    assert len(packs_read(server)) == 1
    assert result.stop_reason is StopReason.BUDGET
    gaps = [claim for claim in result.answer.claims if claim.is_gap]
    assert [claim.text for claim in result.answer.claims if not claim.is_gap] == ["Found."]
    assert len(gaps) == 2
    assert result.badges == (Badge.NOT_VERIFIED, Badge.INCOMPLETE)
    assert spending.total.reserved_usd == 0


async def test_a_run_cancelled_while_packs_are_read_settles_every_one(tmp_path: Path) -> None:
    stalled = reply_json({"claims": []}, stall_after=0)
    with OpenAIServer(TierModels({"findings": stalled})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            handle = app.runs.start(large(home))
            begun = 0
            async for event in handle.events():
                if isinstance(event, StepStarted) and "reads pack" in event.title:
                    begun += 1
                    if begun == 3:
                        handle.cancel()
            ended = await handle.wait()
            spending = await app.queries.costs.spending()
    assert isinstance(ended, RunCancelled)
    assert spending.total.reserved_usd == 0
    assert spending.total.spent_usd == ended.cost_usd


async def test_findings_that_are_more_than_the_planner_takes_come_together_in_batches(
    tmp_path: Path,
) -> None:
    long = "It limits what the part may take, in words that need some room to be said. " * 6

    def finding(number: int) -> dict[str, Any]:
        quote = {"source": f"S{number}", "text": f"def limit_{number}(value: int) -> int:"}
        return {"quotes": [quote], "question": "Q1", "text": f"{number}: {long}"}

    replies = [
        reply_json({"claims": [finding(n) for n in range(first, first + 5)]})
        for first in (1, 6, 11)
    ]
    with OpenAIServer(TierModels({"findings": replies})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        overrides = home.overrides(context_routing__planner_max_tokens="3000")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, large(home))
    condensed = [r for r in server.requests if r.schema_name == "condensed"]
    assert len(condensed) > 1
    shown = [
        json.loads(line)["text"][:4]
        for request in condensed
        for line in request.blocks.sections["findings"].splitlines()
    ]
    assert len(shown) == 15
    assert len({e.file for c in result.answer.claims for e in c.evidence}) == 15
    assert len(result.answer.claims) == 15


async def test_nothing_found_is_said_and_nobody_is_asked_to_write_of_it(tmp_path: Path) -> None:
    with OpenAIServer(TierModels({"findings": reply_json({"claims": []})})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, large(home))
    assert result.stop_reason is StopReason.NOTHING_FOUND
    assert "found nothing" in result.answer.claims[0].text
    assert {r.schema_name for r in server.requests} == {"plan", "findings"}


async def test_a_file_larger_than_a_pack_is_read_in_parts_and_quoted_where_it_stands(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        path = write_files(home, 1, 2_500)[0]
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, large(home))
    text = path.read_text()
    packs = packs_read(server)
    assert len(packs) >= 3
    assert {s.source_id for r in packs for s in r.blocks.sources} == {"S1"}
    assert all("S1 is part" in r.blocks.sections["pack"] for r in packs)
    in_order = sorted(packs, key=lambda r: r.blocks.sections["pack"])
    assert "".join(s.text for r in in_order for s in r.blocks.sources) == text
    quotes = [e for claim in result.answer.claims for e in claim.evidence]
    assert len(quotes) == len(packs)
    for quote in quotes:
        assert text[quote.start : quote.end] == quote.quote


@pytest.fixture
def home_with_packs(tmp_path: Path) -> Iterator[AskHome]:
    """A home of many files whose models answer at once."""
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, FILES, LINES)
        yield home


async def test_nothing_of_a_large_run_blocks_the_loop(
    home_with_packs: AskHome, nothing_blocks_the_loop: None
) -> None:
    home = home_with_packs
    async with open_application(home.overrides(), environ=home.environ) as app:
        await app.queries.plan_ask(large(home))
        await ask(app, large(home))
