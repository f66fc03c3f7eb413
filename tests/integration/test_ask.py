"""One question through the whole program: files, models on loopback, ledger, cache, history."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, closing
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agentflow_desktop.adapters.sqlite.cache_file import FILE_NAME
from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.events import (
    CostRecorded,
    RouteChosen,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunSucceeded,
    TextDelta,
)
from agentflow_desktop.core.money import from_nano_usd
from agentflow_desktop.core.routing import Badge, Tier
from agentflow_desktop.core.runs import RunState
from agentflow_desktop.documents.document import FileState
from agentflow_desktop.llm.claims import Stance, StopReason, Verdict
from agentflow_desktop.workflows.ask.model import AskRequest, AskResult
from support.ask_home import TASK, AskHome
from support.log_watch import LogWatch
from support.openai_server import OpenAIServer, Reply, by_schema, failure, reply_json
from support.pdf_files import pdf_bytes

pytestmark = pytest.mark.anyio
EventT = TypeVar("EventT")

TRUE = {"source": "S1", "text": "Standard charge current is 0.5C, maximum 140 A."}
COLD = {"source": "S1", "text": "Charging is prohibited below 0 °C."}
FALSE = {"source": "S1", "text": "The maximum charge current is 280 A."}


def answer(*quotes: dict[str, str], text: str = "It is limited.") -> dict[str, Any]:
    return {"claims": [{"quotes": list(quotes), "text": text}], "title": "The limit"}


def review(verdict: str, *issues: dict[str, Any]) -> dict[str, Any]:
    return {"issues": list(issues), "alternative": "", "verdict": verdict}


ISSUE = {"severity": "high", "claim": "C1", "quote": COLD, "why": "It drops the cold limit."}
REFINED = {
    "responses": [{"issue": "I1", "stance": "refine", "reason": "the sheet says so"}],
    **answer(TRUE, COLD, text="It is limited, and prohibited in the cold."),
}


async def ask(app: Application, request: AskRequest) -> tuple[list[RunEvent], AskResult]:
    events = [event async for event in app.runs.start(request).events()]
    last = events[-1]
    assert isinstance(last, RunSucceeded), last
    assert isinstance(last.result, AskResult)
    return events, last.result


def of_type(events: Sequence[RunEvent], kind: type[EventT]) -> list[EventT]:
    return [event for event in events if isinstance(event, kind)]


async def test_the_models_propose_verify_and_refine_with_quotes_that_code_checked(
    tmp_path: Path,
) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE, FALSE)),
            "review": [reply_json(review("revise", ISSUE)), reply_json(review("approve"))],
            "refined": reply_json(REFINED),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            events, result = await ask(app, home.request())
            spending = await app.queries.costs.spending()
    assert [r.schema_name for r in server.requests] == ["answer", "review", "refined", "review"]
    assert [r.body["model"] for r in server.requests[:2]] == ["planner-model", "heavy-model"]
    assert result.stop_reason is StopReason.APPROVED
    assert result.iterations == 2
    assert result.review is not None
    assert result.review.verdict is Verdict.APPROVE
    assert [r.stance for r in result.responses] == [Stance.REFINE]
    assert [e.place() for e in result.answer.claims[0].evidence] == ["cell.md:4", "cell.md:3"]
    costs = of_type(events, CostRecorded)
    assert len(costs) == 4
    assert result.cost_usd == sum(cost.cost_usd for cost in costs) == spending.total.spent_usd
    assert spending.total.reserved_usd == 0
    assert result.badges == ()
    shown = "".join(delta.text for delta in of_type(events, TextDelta))
    assert "It is limited" in shown
    assert "{" not in shown


async def test_a_made_up_quote_is_rejected_visibly_and_proves_nothing(tmp_path: Path) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(FALSE)),
            "review": reply_json(review("approve")),
            "refined": reply_json({"responses": [], **answer(FALSE)}),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    claim = result.answer.claims[0]
    assert [r.schema_name for r in server.requests] == ["answer", "review", "refined", "review"]
    assert result.stop_reason is StopReason.NO_NEW_ISSUE
    assert not claim.is_quoted
    assert [e.quote for e in claim.rejected] == [FALSE["text"]]


async def test_an_issue_with_a_made_up_quote_changes_nothing(tmp_path: Path) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE)),
            "review": reply_json(review("reject", {**ISSUE, "quote": FALSE})),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.NO_NEW_ISSUE
    assert result.answer.claims[0].text == "It is limited."
    assert result.review is not None
    assert [issue.is_rejected for issue in result.review.issues] == [True]


async def test_asking_again_costs_nothing_until_a_byte_changes(tmp_path: Path) -> None:
    script = by_schema(
        {"answer": reply_json(answer(TRUE)), "review": reply_json(review("approve"))}
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, first = await ask(app, home.request())
            plan = await app.queries.plan_ask(home.request())
            events, second = await ask(app, home.request())
            assert len(server.requests) == 2
            home.sheet.write_text(home.sheet.read_text() + "\n", encoding="utf-8")
            _, third = await ask(app, home.request())
            _, fourth = await ask(app, home.request(use_cache=False))
            stats = await app.queries.cache.stats()
    assert plan.is_cached
    assert second.cached_from is not None
    assert second.cached_from.cost_usd == first.cost_usd > 0
    assert second.cost_usd == 0
    assert second.answer == first.answer
    assert of_type(events, RouteChosen)[0].route.calls == ()
    assert third.cached_from is None
    assert fourth.cached_from is None
    assert len(server.requests) == 6
    assert stats.saved_usd == first.cost_usd


async def test_a_kept_result_of_another_version_is_asked_anew(
    tmp_path: Path, logs: LogWatch
) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        await ask(app, home.request())
        with closing(sqlite3.connect(tmp_path / "cache" / FILE_NAME)) as kept:
            kept.execute('UPDATE entries SET body = \'{"task": "of another form"}\'')
            kept.commit()
        _, anew = await ask(app, home.request())
        _, again = await ask(app, home.request())
    assert anew.cached_from is None
    assert again.cached_from is not None
    assert again.answer == anew.answer
    logs.expect("kept_result_of_another_form")


async def test_an_answer_without_a_file_that_came_too_late_is_not_kept(
    tmp_path: Path, logs: LogWatch
) -> None:
    home = AskHome(tmp_path, performance__reader_timeout_s="2")
    (home.documents / "slow.html").write_bytes(b"<b>" * 60_000 + b"</i>" * 60_000)
    async with open_application(home.overrides(), environ=home.environ) as app:
        _, result = await ask(app, home.request())
        stats = await app.queries.cache.stats()
    assert [line.reason for line in result.files if line.name == "slow.html"] == [
        "It took longer than 2 s to read."
    ]
    assert stats.entries == 0
    logs.expect("reader_process_lost")


async def test_a_pdf_that_was_too_long_is_asked_anew_when_more_pages_are_allowed(
    tmp_path: Path,
) -> None:
    home = AskHome(tmp_path)
    (home.documents / "long.pdf").write_bytes(pdf_bytes([["The charger gives 99 A."]] * 3))
    results: list[AskResult] = []
    for most in ("2", "2", "3"):
        overrides = home.overrides(workflow__max_pdf_pages=most)
        async with open_application(overrides, environ=home.environ) as app:
            results.append((await ask(app, home.request()))[1])
    assert [result.cached_from is not None for result in results] == [False, True, False]
    assert [line.state for line in results[2].files] == [FileState.READ, FileState.READ]


async def test_two_equal_questions_at_once_are_asked_once(tmp_path: Path) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE), delay_s=0.02, piece_characters=8),
            "review": reply_json(review("approve")),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            handles = [app.runs.start(home.request()) for _ in range(3)]
            ended = [await handle.wait() for handle in handles]
            spending = await app.queries.costs.spending()
    results = [end.result for end in ended if isinstance(end, RunSucceeded)]
    assert len(server.requests) == 2
    assert sorted(result.cached_from is None for result in results) == [False, False, True]
    assert sum(result.cost_usd for result in results) == spending.total.spent_usd


async def test_a_failed_review_keeps_the_answer_and_says_it_was_not_verified(
    tmp_path: Path,
) -> None:
    script = by_schema({"answer": reply_json(answer(TRUE)), "review": failure(400, "no")})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
            again = await app.queries.plan_ask(home.request())
    assert result.stop_reason is StopReason.REVIEW_FAILED
    assert result.badges == (Badge.NOT_VERIFIED,)
    assert result.answer.claims[0].is_quoted
    assert not again.is_cached


@pytest.mark.allow_log_warnings
async def test_a_model_that_never_gives_the_form_is_shown_as_unverified_text(
    tmp_path: Path,
) -> None:
    script = by_schema(
        {"answer": Reply("Just words.\n\nMore."), "review": reply_json(review("approve"))}
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert [claim.text for claim in result.answer.claims] == ["Just words.", "More."]
    assert Badge.UNSTRUCTURED in result.badges


async def test_a_limit_reached_in_the_middle_keeps_the_answer_so_far(tmp_path: Path) -> None:
    script = by_schema({"answer": reply_json(answer(TRUE))})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        overrides = home.overrides(production__cost_tracking__per_task_limit="0.02")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.BUDGET
    assert [r.schema_name for r in server.requests] == ["answer"]


async def test_a_first_draft_that_took_all_the_time_is_given_without_a_review(
    tmp_path: Path,
) -> None:
    with OpenAIServer(by_schema({"answer": reply_json(answer(TRUE))})) as server:
        home = AskHome(tmp_path, server.base_url, verification__max_duration_s="0.001")
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.TIME
    assert result.badges == (Badge.NOT_VERIFIED,)
    assert [r.schema_name for r in server.requests] == ["answer"]


async def test_a_limit_too_low_for_the_first_call_refuses_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path, server.base_url)
        overrides = home.overrides(production__cost_tracking__daily_limit="0.001")
        async with open_application(overrides, environ=home.environ) as app:
            ended = await app.runs.start(home.request()).wait()
            spending = await app.queries.costs.spending()
    assert isinstance(ended, RunFailed)
    assert ended.error == "BudgetExceeded"
    assert server.requests == []
    assert spending.total.spent_usd == 0


async def test_a_plan_shows_the_price_and_spends_nothing(tmp_path: Path) -> None:
    with OpenAIServer([]) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(home.request())
            spending = await app.queries.costs.spending()
    assert plan.route.tier is Tier.SMALL
    assert [(c.model, c.purpose, c.is_certain) for c in plan.route.calls[:2]] == [
        ("cheap", "proposes", True),
        ("dear", "verifies", True),
    ]
    assert Decimal(0) < plan.route.about_usd < plan.route.at_most_usd
    assert server.requests == []
    assert spending.total.calls == 0


async def test_no_call_reserves_more_than_the_plan_said(tmp_path: Path) -> None:
    wordy = answer(TRUE, FALSE, COLD, text="It is limited, as the sheet says. " * 40)
    script = by_schema(
        {
            "answer": reply_json(wordy),
            "review": [reply_json(review("revise", ISSUE)), reply_json(review("approve"))],
            "refined": reply_json({**REFINED, **wordy}),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            plan = await app.queries.plan_ask(home.request())
            await ask(app, home.request())
    with closing(sqlite3.connect(tmp_path / "data" / "agentflow.db")) as ledger:
        rows = ledger.execute("SELECT held_nusd FROM attempts ORDER BY reserved_at").fetchall()
    held = [from_nano_usd(row[0]) for row in rows]
    said = [call.hold_usd for call in plan.route.calls]
    assert len(held) == 4
    assert held[0] == said[0]
    assert all(real <= most for real, most in zip(held, said, strict=False))


async def test_one_model_alone_verifies_itself_and_says_so(tmp_path: Path) -> None:
    script = by_schema(
        {"answer": reply_json(answer(TRUE)), "review": reply_json(review("approve"))}
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(models__heavy=""), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert {r.body["model"] for r in server.requests} == {"planner-model"}
    assert result.badges == (Badge.SELF_VERIFIED,)


async def test_without_any_model_the_built_in_engine_answers_with_true_quotes(
    tmp_path: Path,
) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        _, result = await ask(app, home.request())
        _, again = await ask(app, home.request())
    quotes = [e for claim in result.answer.claims for e in claim.evidence]
    assert any("140 A" in quote.quote for quote in quotes)
    for quote in quotes:
        assert quote.start is not None
        assert home.sheet.read_text()[quote.start : quote.end] == quote.quote
    assert result.badges == (Badge.BUILT_IN,)
    assert result.cost_usd == 0
    assert again.cached_from is not None


async def test_the_limit_on_tokens_does_not_bound_what_the_built_in_engine_reads(
    tmp_path: Path,
) -> None:
    home = AskHome(tmp_path)
    low = home.overrides(production__cost_tracking__per_task_max_tokens="10")
    async with open_application(low, environ=home.environ) as app:
        _, result = await ask(app, home.request())
        assert not result.route.is_exact  # what the prompt adds is only estimated
        assert result.answer.claims[0].is_quoted
        assert (await app.queries.costs.spending()).total.reserved_usd == 0


async def test_history_gives_back_the_run_as_it_was(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        events, result = await ask(app, home.request())
    async with open_application(home.overrides(), environ=home.environ) as app:
        listed = await app.queries.history.runs()
        summary, kept = await app.queries.history.run_events(listed[0].run_id)
    assert summary.title == TASK
    assert isinstance(kept[-1], RunSucceeded)
    assert kept[-1].result == result
    assert len(kept) == len([e for e in events if e.type not in ("text_delta", "step_progress")])


async def test_the_loop_ends_when_the_reviewer_raises_nothing_new(tmp_path: Path) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE)),
            "review": reply_json(review("revise", ISSUE)),
            "refined": reply_json(REFINED),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        overrides = home.overrides(verification__max_iterations="5")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.NO_NEW_ISSUE
    assert [r.schema_name for r in server.requests] == ["answer", "review", "refined", "review"]


async def test_the_loop_ends_after_the_most_iterations_with_the_last_answer(
    tmp_path: Path,
) -> None:
    issues = [{**ISSUE, "quote": None, "why": f"Reason {n}."} for n in range(2)]
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE)),
            "review": [reply_json(review("revise", issue)) for issue in issues],
            "refined": reply_json(REFINED),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.MAX_ITERATIONS
    assert result.iterations == 2
    assert result.answer.claims[0].text == REFINED["claims"][0]["text"]


async def test_with_verification_off_nothing_is_reviewed_and_the_answer_says_so(
    tmp_path: Path,
) -> None:
    script = by_schema({"answer": reply_json(answer(TRUE))})
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        overrides = home.overrides(verification__enabled="false")
        async with open_application(overrides, environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.VERIFICATION_OFF
    assert result.badges == (Badge.NOT_VERIFIED,)


async def test_a_run_cancelled_while_it_streams_is_settled_and_kept_as_cancelled(
    tmp_path: Path,
) -> None:
    script = by_schema(
        {
            "answer": reply_json(
                answer(TRUE, text="It is limited by the cells. " * 9), stall_after=12
            )
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            handle = app.runs.start(home.request())
            async for event in handle.events():
                if isinstance(event, TextDelta):
                    handle.cancel()
            ended = await handle.wait()
            spending = await app.queries.costs.spending()
            listed = await app.queries.history.runs()
    assert isinstance(ended, RunCancelled)
    assert spending.total.reserved_usd == 0
    assert spending.total.spent_usd == ended.cost_usd == listed[0].cost_usd
    assert listed[0].state is RunState.CANCELLED


@pytest.fixture
def approving(tmp_path: Path) -> Iterator[AskHome]:
    """A home whose models answer and approve at once."""
    script = by_schema(
        {"answer": reply_json(answer(TRUE)), "review": reply_json(review("approve"))}
    )
    with OpenAIServer(script) as server:
        yield AskHome(tmp_path, server.base_url)


async def test_nothing_of_a_run_blocks_the_loop(
    approving: AskHome, nothing_blocks_the_loop: None
) -> None:
    async with open_application(approving.overrides(), environ=approving.environ) as app:
        await app.queries.plan_ask(approving.request())
        await ask(app, approving.request())
        await ask(app, approving.request())


@pytest.mark.parametrize("stance", [Stance.DEFEND, Stance.HYBRID])
async def test_the_planner_may_hold_its_ground_or_take_part_of_an_issue(
    tmp_path: Path, stance: Stance
) -> None:
    held = {
        "responses": [
            {"issue": "I1", "stance": stance.value, "reason": "the sheet bears it out"},
            {"issue": "I9", "stance": "refine", "reason": "of no issue that was raised"},
        ],
        **answer(TRUE),
    }
    script = by_schema(
        {
            "answer": reply_json(answer(TRUE)),
            "review": [reply_json(review("revise", ISSUE)), reply_json(review("approve"))],
            "refined": reply_json(held),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert [(r.issue_id, r.stance) for r in result.responses] == [("I1", stance)]
    reviewer_saw = server.requests[3].blocks.sections["responses"]
    assert "the sheet bears it out" in reviewer_saw


async def test_two_programs_share_one_database_at_once(approving: AskHome) -> None:
    def open_one() -> AbstractAsyncContextManager[Application]:
        return open_application(approving.overrides(), environ=approving.environ)

    async with open_one() as window, open_one() as terminal:
        (_, first), (_, second) = await asyncio.gather(
            ask(window, approving.request("What limits it?")),
            ask(terminal, approving.request("What is it limited by?")),
        )
        seen = [await app.queries.history.runs() for app in (window, terminal)]
        spent = [(await app.queries.costs.spending()).total for app in (window, terminal)]
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2
    assert spent[0] == spent[1]
    assert spent[0].spent_usd == first.cost_usd + second.cost_usd > 0
    assert spent[0].reserved_usd == 0


async def test_an_approved_answer_with_a_made_up_quote_is_mended_before_it_stands(
    tmp_path: Path,
) -> None:
    script = by_schema(
        {
            "answer": reply_json(answer(FALSE)),
            "review": reply_json(review("approve")),
            "refined": reply_json({"responses": [], **answer(TRUE)}),
        }
    )
    with OpenAIServer(script) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            _, result = await ask(app, home.request())
    assert result.stop_reason is StopReason.APPROVED
    assert result.answer.claims[0].is_quoted
    told = server.requests[2].blocks.sections["answer"]
    assert FALSE["text"] in told
