"""A medium task over HTTP: the planner plans by the outline, the heavy model reads, the planner
reviews, asks further and writes."""

from pathlib import Path

import pytest

from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.events import (
    RouteChosen,
    RunEvent,
    RunFailed,
    RunSucceeded,
    StepOutput,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.routing import Badge, Tier, VerificationMode
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import StopReason, Verdict
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.workflows.ask.model import AskFindings, AskQuestions, AskRequest, AskResult
from support.ask_home import AskHome
from support.openai_server import OpenAIServer, Reply, failure, reply_json
from support.tier_home import (
    HEAVY,
    PLANNER,
    TASK,
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


async def ask(app: Application, request: AskRequest) -> tuple[list[RunEvent], AskResult]:
    events = [event async for event in app.runs.start(request).events()]
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    return events, last.result


def schemas(server: OpenAIServer) -> list[str]:
    return [request.schema_name for request in server.requests]


async def test_a_medium_task_is_planned_read_reviewed_and_written(tmp_path: Path) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        paths = write_files(home, 4, 150)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, result = await ask(app, request_of(home))
            spending = await app.queries.costs.spending()
    assert result.route.tier is Tier.MEDIUM
    assert [(r.body["model"], r.schema_name) for r in server.requests] == [
        (PLANNER, "plan"),
        (HEAVY, "answer"),
        (PLANNER, "assessment"),
        (PLANNER, "written"),
    ]
    assert result.stop_reason is StopReason.APPROVED
    assert result.badges == ()
    assert [claim.evidence[0].file for claim in result.answer.claims] == [p.name for p in paths]
    for claim, path in zip(result.answer.claims, paths, strict=True):
        found = claim.evidence[0]
        assert path.read_text()[found.start : found.end] == found.quote
    titles = [event.title for event in events if isinstance(event, StepStarted)]
    assert titles[1:] == [
        "Planner plans",
        "Heavy model answers by the plan",
        "Planner reviews: correctness",
        "Planner writes the answer",
    ]
    assert spending.total.calls == 4
    assert spending.total.spent_usd == result.cost_usd > 0
    shown = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "So: part_001.py checks a bound." in shown


async def test_the_planner_of_a_medium_task_sees_the_outline_and_the_quotes_alone(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        paths = write_files(home, 4, 150)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    quoted = {e.quote for claim in result.answer.claims for e in claim.evidence}
    said = [sent_text(request) for request in asked_of(server.requests, PLANNER)]
    unquoted = [line for path in paths for line in body_lines(path) if line not in quoted]
    assert len(unquoted) == 4 * 149
    assert not [line for line in unquoted for text in said if line in text]
    assert "def limit_3" in said[0]
    read = sent_text(asked_of(server.requests, HEAVY)[0])
    assert all(path.read_text().rstrip("\n") in read for path in paths)


async def test_follow_ups_are_asked_of_the_heavy_model_and_taken_into_the_answer(
    tmp_path: Path,
) -> None:
    script = TierModels(
        {
            "assessment": [
                reply_json(assessment("revise", question("What about part 2?", "S2", "S77"))),
                reply_json(assessment("approve")),
            ],
            "answer": reply_json(
                {"claims": [{"quotes": [], "text": "Nothing yet."}], "title": "?"}
            ),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, result = await ask(app, request_of(home))
    assert schemas(server) == [
        "plan", "answer", "assessment", "findings", "written", "assessment",
    ]  # fmt: skip
    assert "What about part 2?" in sent_text(server.requests[3])
    assert result.iterations == 2
    assert {e.file for claim in result.answer.claims for e in claim.evidence} == {
        "part_001.py", "part_002.py", "part_003.py",
    }  # fmt: skip
    bodies = [event.body for event in events if isinstance(event, StepOutput)]
    assert [len(body.findings) for body in bodies if isinstance(body, AskFindings)] == [3]
    assert [len(body.questions) for body in bodies if isinstance(body, AskQuestions)] == [1]
    assert result.review is not None
    assert result.review.verdict is Verdict.APPROVE


async def test_the_same_follow_up_asked_twice_ends_the_loop(tmp_path: Path) -> None:
    script = TierModels(
        {"assessment": reply_json(assessment("revise", question("And part 2?", "S2")))}
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        overrides = home.overrides(verification__max_iterations="6")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert result.stop_reason is StopReason.NO_NEW_ISSUE
    assert schemas(server).count("findings") == 1


async def test_evidence_that_was_never_given_and_quotes_that_stand_nowhere_are_rejected(
    tmp_path: Path,
) -> None:
    made_up = {"source": "S1", "text": "the bound of every part is 99999"}
    script = TierModels(
        {
            "answer": reply_json({"claims": [{"quotes": [made_up], "text": "A."}], "title": "T"}),
            "written": reply_json(
                {
                    "responses": [],
                    "claims": [{"evidence": ["E1", "E7"], "text": "B."}],
                    "title": "T",
                }
            ),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert not any(claim.is_quoted for claim in result.answer.claims)
    assert [e.quote for e in result.answer.claims[0].rejected] == ["E1", "E7"]
    assert [e.quote for e in result.answer.rejected] == [made_up["text"]]


async def test_an_approved_answer_with_a_made_up_quote_is_written_anew_before_it_stands(
    tmp_path: Path,
) -> None:
    made_up = {"source": "S1", "text": "the bound of every part is 99999"}
    script = TierModels(
        {"answer": reply_json({"claims": [{"quotes": [made_up], "text": "A."}], "title": "T"})}
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert schemas(server) == ["plan", "answer", "assessment", "written", "assessment"]
    assert made_up["text"] in server.requests[3].blocks.sections["not_found"]
    assert result.stop_reason is StopReason.APPROVED
    assert not any(claim.rejected for claim in result.answer.claims)


async def test_an_approved_answer_that_is_written_with_evidence_never_given_is_reviewed_again(
    tmp_path: Path,
) -> None:
    def written(*evidence: str) -> Reply:
        claims = [{"evidence": list(evidence), "text": "B."}]
        return reply_json({"responses": [], "claims": claims, "title": "T"})

    script = TierModels({"written": [written("E1", "E77"), written("E1")]})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        overrides = home.overrides(verification__max_iterations="4")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert schemas(server)[2:] == [
        "assessment", "written", "assessment", "written", "assessment",
    ]  # fmt: skip
    assert "e77" in server.requests[5].blocks.sections["not_found"]
    assert result.stop_reason is StopReason.APPROVED
    assert not any(claim.rejected for claim in result.answer.claims)


async def test_the_size_of_very_many_small_files_counts_what_stands_around_each(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 150, 1)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(request_of(home, tier=Tier.MEDIUM))
            await ask(app, request_of(home, tier=Tier.MEDIUM))
    sent = raw_tokens(sent_text(asked_of(server.requests, HEAVY)[0]))
    assert sent > 1.4 * sum(line.tokens or 0 for line in plan.files)
    # The mark of a run is drawn by chance; the estimate takes it for the longest in tokens.
    assert 0.95 * sent < plan.route.tokens < 1.3 * sent


async def test_if_the_planner_writes_nothing_the_heavy_models_answer_stands(
    tmp_path: Path,
) -> None:
    script = TierModels({"written": failure(400, "no")})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert result.stop_reason is StopReason.REFINE_FAILED
    assert result.answer.title == "Bounds"
    assert len(result.answer.claims) == 3


async def test_what_follow_ups_found_stands_even_if_nobody_writes_of_it(tmp_path: Path) -> None:
    script = TierModels(
        {
            "assessment": reply_json(assessment("revise", question("And part 2?", "S2"))),
            "answer": reply_json({"claims": [{"quotes": [], "text": "Little."}], "title": "T"}),
            "written": failure(400, "no"),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert result.stop_reason is StopReason.REFINE_FAILED
    assert [(c.claim_id, c.is_quoted) for c in result.answer.claims] == [
        ("C1", False), ("C2", True), ("C3", True), ("C4", True),
    ]  # fmt: skip


@pytest.mark.allow_log_warnings
async def test_a_planner_without_a_usable_plan_has_the_task_itself_asked(tmp_path: Path) -> None:
    with OpenAIServer(TierModels({"plan": Reply("Let us see.")})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    answering = next(r for r in server.requests if r.schema_name == "answer")
    assert TASK in answering.blocks.sections["plan"]
    assert result.answer.claims[0].is_quoted


async def test_a_budget_spent_in_the_middle_keeps_the_heavy_models_answer(tmp_path: Path) -> None:
    dear = Usage(31_000, 1_900)
    claims = [{"quotes": [], "text": "So far."}]
    reply = reply_json({"claims": claims, "title": "Bounds"}, usage=dear)
    with OpenAIServer(TierModels({"answer": reply})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        overrides = home.overrides(production__cost_tracking__per_task_limit="0.115")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
            spending = await app.queries.costs.spending()
    assert schemas(server) == ["plan", "answer"]
    assert result.stop_reason is StopReason.BUDGET
    assert result.answer.title == "Bounds"
    assert spending.total.reserved_usd == 0


async def test_a_heavy_model_that_fails_fails_the_run_with_its_own_sentence(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels({"answer": failure(400, "no such thing")})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            ended = await app.runs.start(request_of(home)).wait()
    assert isinstance(ended, RunFailed)
    assert "dear" in ended.message


async def test_one_model_alone_plays_both_roles_of_a_medium_task_and_says_so(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(models__heavy=""), environ=home.environ) as app:
            _, result = await ask(app, request_of(home))
    assert {r.body["model"] for r in server.requests} == {PLANNER}
    assert result.badges == (Badge.SELF_VERIFIED,)


@pytest.mark.parametrize("mode", list(VerificationMode))
async def test_a_mode_says_what_the_reviewer_looks_for_in_either_tier(
    tmp_path: Path, mode: VerificationMode
) -> None:
    said: dict[str, str] = {}
    review = reply_json({"issues": [], "alternative": "", "verdict": "approve"})
    with OpenAIServer(TierModels({"review": review})) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            for tier in (Tier.SMALL, Tier.MEDIUM):
                events, _ = await ask(app, request_of(home, tier=tier, check=mode))
                titles = [event.title for event in events if isinstance(event, StepStarted)]
                assert any(title.endswith(f": {mode.words}") for title in titles)
            prompts = {
                name: f"{r.system}\n{r.user}" for r in server.requests if (name := r.schema_name)
            }
    said = {name: prompts[name] for name in ("review", "assessment")}
    for text in said.values():
        assert _FIRST_WORDS[mode] in text
        assert not [
            words for other, words in _FIRST_WORDS.items() if other != mode and words in text
        ]


_FIRST_WORDS = {
    VerificationMode.CORRECTNESS: "or\nthat miss what the task asked for",
    VerificationMode.SECURITY: "ways in which acting on the answer",
    VerificationMode.PERFORMANCE: "claims on speed, memory or cost",
    VerificationMode.EDGE_CASES: "inputs and states that the answer",
    VerificationMode.ALTERNATIVES: "another answer that the sources",
    VerificationMode.REQUIREMENTS: "each thing that the task",
    VerificationMode.CROSS_FILE: "statements in different files",
    VerificationMode.DOCUMENTATION: "what a reader would need",
}


async def test_another_mode_is_another_question_to_the_cache(tmp_path: Path) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, request_of(home))
            _, same = await ask(app, request_of(home, check=VerificationMode.CORRECTNESS))
            _, other = await ask(app, request_of(home, check=VerificationMode.SECURITY))
    assert same.cached_from is not None
    assert other.cached_from is None
    assert len(server.requests) == 8


async def test_a_size_learnt_anew_does_not_make_the_same_question_another_one(
    tmp_path: Path,
) -> None:
    with OpenAIServer(TierModels(estimates_usage=False)) as server:  # it counts far fewer tokens
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, first = await ask(app, request_of(home))
            _, again = await ask(app, request_of(home))
    assert again.route.tokens < 8_000 < first.route.tokens
    assert again.cached_from is not None


async def test_a_route_by_hand_against_the_size_carries_a_warning(tmp_path: Path) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            by_size = await app.queries.plan_ask(request_of(home))
            small = await app.queries.plan_ask(request_of(home, tier=Tier.SMALL))
            large = await app.queries.plan_ask(request_of(home, tier=Tier.LARGE))
            medium = await app.queries.plan_ask(request_of(home, tier=Tier.MEDIUM))
    assert by_size.route.tier is Tier.MEDIUM
    assert [call.purpose for call in by_size.route.calls if call.is_certain] == [
        "plans", "answers by the plan", "reviews", "writes the answer",
    ]  # fmt: skip
    assert "warning" not in by_size.route.reason + medium.route.reason
    assert "warning: small was chosen by hand although the size calls for medium" in (
        small.route.reason
    )
    assert "warning: large was chosen by hand" in large.route.reason
    assert server.requests == []


async def test_a_task_that_no_window_takes_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 12, 110)
        async with open_application(home.overrides(), environ=home.environ) as app:
            stepped = await app.queries.plan_ask(request_of(home))
            forced = await app.runs.start(request_of(home, tier=Tier.MEDIUM)).wait()
            typed = await app.runs.start(request_of(home, context="word " * 20_000)).wait()
    assert stepped.route.tier is Tier.LARGE
    assert "do not fit the window of dear (32,000 tokens)" in stepped.route.reason
    assert isinstance(forced, RunFailed)
    assert forced.message.startswith("The medium route is not possible:")
    assert isinstance(typed, RunFailed)
    assert "no room for an outline" in typed.message
    assert typed.hint.startswith("Put the extra text into a file")
    assert server.requests == []


async def test_a_large_route_without_files_is_refused(tmp_path: Path) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            ended = await app.runs.start(AskRequest(TASK, tier=Tier.LARGE)).wait()
    assert isinstance(ended, RunFailed)
    assert "no files were chosen" in ended.message
    assert "Choose files" in ended.hint
    assert server.requests == []


async def test_a_medium_task_may_be_all_typed_text(tmp_path: Path) -> None:
    said = reply_json({"claims": [{"quotes": [], "text": "As you say."}], "title": "T"})
    with OpenAIServer(TierModels({"answer": said})) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, AskRequest(TASK, context="word " * 3_000, tier=Tier.MEDIUM))
    assert schemas(server) == ["plan", "answer", "assessment", "written"]
    assert result.answer.claims[0].text == "So: As you say."


async def test_a_route_is_chosen_before_anything_is_asked(tmp_path: Path) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 3, 180)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, _ = await ask(app, request_of(home))
    route = next(i for i, event in enumerate(events) if isinstance(event, RouteChosen))
    first = next(
        i for i, event in enumerate(events) if isinstance(event, StepStarted) and event.model
    )
    assert route < first
