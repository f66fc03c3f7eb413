"""What was asked is kept with its run, so that it can be asked again and followed up."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.events import RunEvent, RunFailed, RunStarted, RunSucceeded, StepOutput
from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.model import REQUEST_KIND, AskRequest, AskResult
from support.ask_home import TASK, AskHome

pytestmark = pytest.mark.anyio


async def ask(app: Application, request: AskRequest) -> tuple[str, AskResult]:
    ended = await app.runs.start(request).wait()
    assert isinstance(ended, RunSucceeded), ended
    assert isinstance(ended.result, AskResult)
    return ended.run_id, ended.result


def kept_request(events: Sequence[RunEvent]) -> AskRequest:
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
        _, events = await app.queries.run_events(run_id)
    assert kept_request(events) == request


async def test_a_kept_request_asks_the_same_again_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        monkeypatch.chdir(home.documents)
        chosen = Selection((Path("cell.md"),), (Path(),))
        run_id, first = await ask(app, AskRequest(TASK, chosen))
        monkeypatch.chdir(tmp_path)
        _, events = await app.queries.run_events(run_id)
        _, second = await ask(app, kept_request(events))
    assert second.answer == first.answer
    assert second.cached_from is not None


async def test_a_file_whose_name_is_no_utf_8_can_be_asked_about_again(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    odd = home.documents / os.fsdecode(b"latin-\xfc.md")
    home.sheet.rename(odd)
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id, _ = await ask(app, AskRequest(TASK, Selection(files=(odd,))))
        _, events = await app.queries.run_events(run_id)
        _, again = await ask(app, kept_request(events))
    assert kept_request(events).selection.files == (odd,)
    assert again.cached_from is not None


async def test_the_request_of_a_run_that_failed_is_kept_as_well(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    request = replace(home.request(), selection=Selection(files=(tmp_path / "gone.md",)))
    async with open_application(home.overrides(), environ=home.environ) as app:
        ended = await app.runs.start(request).wait()
        assert isinstance(ended, RunFailed)
        _, events = await app.queries.run_events(ended.run_id)
    assert kept_request(events) == request
