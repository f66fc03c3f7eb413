"""What was asked is kept with its run, so that it can be asked again and followed up."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunEvent, RunFailed, RunStarted, RunSucceeded, StepOutput
from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.exchange import Exchange
from agentflow_desktop.workflows.ask.follow_up import follow_up
from agentflow_desktop.workflows.ask.model import REQUEST_KIND, AskNotice, AskRequest, AskResult
from support.ask_home import TASK, AskHome
from support.openai_server import OpenAIServer, Received, by_schema, reply_json
from support.tier_home import TierModels, request_of, sent_text, write_files

pytestmark = pytest.mark.anyio


async def ask(app: Application, request: AskRequest) -> tuple[str, AskResult]:
    ended = await app.runs.start(request).wait()
    assert isinstance(ended, RunSucceeded), ended
    assert isinstance(ended.result, AskResult)
    return ended.run_id, ended.result


def request_kept_first(events: Sequence[RunEvent]) -> AskRequest:
    assert isinstance(events[0], RunStarted)
    first = events[1]
    assert isinstance(first, StepOutput)
    assert first.kind == REQUEST_KIND
    assert isinstance(first.body, AskRequest)
    return first.body


async def test_a_run_keeps_its_whole_request_first(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    request = AskRequest(
        TASK,
        Selection((home.sheet,), (home.documents,)),
        context="Only the data sheet counts.",
        task_kind=TaskKind.DOCUMENTS,
        tier=Tier.MEDIUM,
        check=VerificationMode.EDGE_CASES,
        use_cache=False,
    )
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id, _ = await ask(app, request)
    async with open_application(home.overrides(), environ=home.environ) as app:
        _, events = await app.queries.history.run_events(run_id)
    assert request_kept_first(events) == request


async def test_a_kept_request_asks_the_same_again_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        monkeypatch.chdir(home.documents)
        chosen = Selection((Path("cell.md"),), (Path(),))
        run_id, first = await ask(app, AskRequest(TASK, chosen))
        monkeypatch.chdir(tmp_path)
        _, events = await app.queries.history.run_events(run_id)
        _, second = await ask(app, request_kept_first(events))
    assert second.answer == first.answer
    assert second.cached_from is not None


async def test_a_file_whose_name_is_no_utf_8_can_be_asked_about_again(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    odd = home.documents / os.fsdecode(b"latin-\xfc.md")
    home.sheet.rename(odd)
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id, _ = await ask(app, AskRequest(TASK, Selection(files=(odd,))))
        _, events = await app.queries.history.run_events(run_id)
        _, again = await ask(app, request_kept_first(events))
    assert request_kept_first(events).selection.files == (odd,)
    assert again.cached_from is not None


async def test_the_request_of_a_run_that_failed_is_kept_as_well(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    request = replace(home.request(), selection=Selection(files=(tmp_path / "gone.md",)))
    async with open_application(home.overrides(), environ=home.environ) as app:
        ended = await app.runs.start(request).wait()
        assert isinstance(ended, RunFailed)
        _, events = await app.queries.history.run_events(ended.run_id)
    assert request_kept_first(events) == request


BEFORE = (
    Exchange("What limits the current?", "It is limited to 140 A."),
    Exchange("And in the cold?", "It is prohibited below zero."),
)
SMALL_SCRIPT = {
    "answer": reply_json(
        {
            "claims": [{"quotes": [{"source": "S1", "text": "rated 200 A"}], "text": "200 A."}],
            "title": "The fuse",
        }
    ),
    "review": reply_json(
        {
            "issues": [{"severity": "low", "claim": "C1", "quote": None, "why": "Be exact."}],
            "alternative": "",
            "verdict": "revise",
        }
    ),
    "refined": reply_json(
        {
            "responses": [],
            "claims": [{"quotes": [{"source": "S1", "text": "rated 200 A"}], "text": "200 A."}],
            "title": "The fuse",
        }
    ),
}


def was_told(request: Received) -> list[Exchange]:
    """The earlier exchanges that a request shows its model, as data."""
    assert "The section named earlier holds" in request.system + request.user
    found = json.loads("[" + request.blocks.sections["earlier"].replace("}\n{", "},{") + "]")
    return [Exchange(**exchange) for exchange in found]


async def test_every_model_of_a_small_task_is_told_what_was_asked_before(tmp_path: Path) -> None:
    with OpenAIServer(by_schema(SMALL_SCRIPT)) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, replace(home.request("And the fuse?"), earlier=BEFORE))
    assert {r.schema_name for r in server.requests} == {"answer", "review", "refined"}
    assert all(was_told(request) == list(BEFORE) for request in server.requests)


@pytest.mark.parametrize("tier", [Tier.MEDIUM, Tier.LARGE])
async def test_every_model_of_a_longer_task_is_told_what_was_asked_before(
    tmp_path: Path, tier: Tier
) -> None:
    with OpenAIServer(TierModels()) as server:
        home = AskHome(tmp_path, server.base_url)
        write_files(home, 4, 150)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, replace(request_of(home, tier=tier), earlier=BEFORE))
    assert len(server.requests) >= 4
    assert all(was_told(request) == list(BEFORE) for request in server.requests)


async def test_a_first_question_says_nothing_of_earlier_ones(tmp_path: Path) -> None:
    with OpenAIServer(by_schema(SMALL_SCRIPT)) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, home.request())
    assert not any("earlier" in request.blocks.sections for request in server.requests)
    assert not any("section named earlier" in request.system for request in server.requests)


async def test_what_was_asked_before_counts_in_tokens_price_and_key(tmp_path: Path) -> None:
    with OpenAIServer(by_schema(SMALL_SCRIPT)) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            await ask(app, home.request())
            follow_up_request = replace(home.request(), earlier=BEFORE)
            alone = await app.queries.plan_ask(home.request(use_cache=False))
            plan = await app.queries.plan_ask(follow_up_request)
            assert not plan.is_cached
            await ask(app, follow_up_request)
            assert (await app.queries.plan_ask(follow_up_request)).is_cached
            other = replace(home.request(), earlier=BEFORE[:1])
            assert not (await app.queries.plan_ask(other)).is_cached
    typed = sum(raw_tokens(e.question) + raw_tokens(e.answer) for e in BEFORE)
    assert plan.route.tokens >= alone.route.tokens + typed
    assert plan.route.at_most_usd > alone.route.at_most_usd


async def test_exchanges_that_are_too_long_are_dropped_oldest_first_and_the_person_is_told(
    tmp_path: Path,
) -> None:
    long = (Exchange("The first?", "old " * 4_000), *BEFORE)
    with OpenAIServer(by_schema(SMALL_SCRIPT)) as server:
        home = AskHome(tmp_path, server.base_url)
        async with open_application(home.overrides(), environ=home.environ) as app:
            run_id, _ = await ask(app, replace(home.request(), earlier=long))
            _, events = await app.queries.history.run_events(run_id)
    assert "The first?" not in sent_text(server.requests[0])
    assert "And in the cold?" in sent_text(server.requests[0])
    bodies = [event.body for event in events if isinstance(event, StepOutput)]
    notices = [body.message for body in bodies if isinstance(body, AskNotice)]
    assert notices[0].startswith("The models are not told of the oldest earlier question.")


async def test_the_built_in_engine_ranks_by_the_new_question(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    task = "What is the fuse rated?"
    async with open_application(home.overrides(), environ=home.environ) as app:
        _, alone = await ask(app, home.request(task))
        _, followed = await ask(app, replace(home.request(task), earlier=BEFORE))
    assert followed.cached_from is None
    assert followed.answer == alone.answer


async def test_a_follow_up_takes_files_and_the_whole_chain_from_history(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    asked = replace(home.request(), context="Only the sheet.", check=VerificationMode.SECURITY)
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id, first = await ask(app, replace(asked, tier=Tier.MEDIUM))
        _, events = await app.queries.history.run_events(run_id)
        second = follow_up(events, "And the fuse?")
        run_id, answered = await ask(app, second)
        _, events = await app.queries.history.run_events(run_id)
    assert second == replace(
        asked, task="And the fuse?", earlier=(Exchange(TASK, first.answer.markdown()),)
    )
    third = follow_up(events, "And the cold?")
    assert third.earlier == (
        *second.earlier,
        Exchange("And the fuse?", answered.answer.markdown()),
    )


async def test_a_run_without_an_answer_or_a_request_can_not_be_followed_up(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    gone = replace(home.request(), selection=Selection(files=(tmp_path / "gone.md",)))
    async with open_application(home.overrides(), environ=home.environ) as app:
        ended = await app.runs.start(gone).wait()
        _, events = await app.queries.history.run_events(ended.run_id)
    with pytest.raises(InputRefused, match="no answer"):
        follow_up(events, "And?")
    with pytest.raises(InputRefused, match="earlier version"):
        follow_up([e for e in events if not isinstance(e, StepOutput)], "And?")
