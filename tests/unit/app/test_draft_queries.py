"""Drafts over a real database: what was typed is there at the next start."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.database import Database
from agentflow_desktop.adapters.sqlite.drafts import SqliteDraftStore
from agentflow_desktop.app.draft_queries import DraftQueries
from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.drafts import DraftRow, TaskDraft
from agentflow_desktop.workflows.ask.model import AskRequest
from support.log_watch import LogWatch

pytestmark = pytest.mark.anyio

REQUEST = AskRequest(
    "What limits the current?",
    Selection((Path("/files/cell.pdf"),), (Path("/files/logs"),)),
    context="At 5 °C.",
    task_kind=TaskKind.DOCUMENTS,
    tier=Tier.LARGE,
    check=VerificationMode.EDGE_CASES,
    use_cache=False,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "a.db")
    yield made
    made.close()


async def test_every_field_of_a_draft_is_there_after_the_file_was_opened_again(
    tmp_path: Path,
) -> None:
    drafts = (
        TaskDraft("draft_1", REQUEST, follow_up="And at 10 °C?", is_shown=True),
        TaskDraft("draft_2", AskRequest("Second"), run_id="run_7"),
    )
    first = Database(tmp_path / "a.db")
    await DraftQueries(SqliteDraftStore(first)).keep(drafts)
    first.close()
    second = Database(tmp_path / "a.db")
    assert await DraftQueries(SqliteDraftStore(second)).load() == drafts
    second.close()


async def test_the_last_word_of_a_draft_stays_and_a_dropped_one_is_gone(
    database: Database,
) -> None:
    queries = DraftQueries(SqliteDraftStore(database))
    one, two = TaskDraft("draft_1", REQUEST), TaskDraft("draft_2", REQUEST)
    await queries.keep((two, one))
    later = replace(one, request=AskRequest("Other words"))
    await queries.keep((later,), dropped=("draft_2", "draft_unknown"))
    assert await queries.load() == (later,)


async def test_a_file_name_that_is_no_text_survives(database: Database) -> None:
    odd = Path(os.fsdecode(b"/files/caf\xe9.txt"))
    draft = TaskDraft("draft_1", AskRequest("What?", Selection(files=(odd,))))
    queries = DraftQueries(SqliteDraftStore(database))
    await queries.keep((draft,))
    assert (await queries.load())[0].request.selection.files == (odd,)


@pytest.mark.parametrize("body", ["", "{", '{"draft_id": 7}', "[]", '"text"'])
async def test_a_draft_that_cannot_be_read_is_left_alone_with_a_log_line(
    database: Database, logs: LogWatch, body: str
) -> None:
    store = SqliteDraftStore(database)
    await store.change([DraftRow("draft_0", body)], [])
    queries = DraftQueries(store)
    good = TaskDraft("draft_1", REQUEST)
    await queries.keep((good,))
    assert await queries.load() == (good,)
    assert DraftRow("draft_0", body) in await store.rows()
    assert logs.expect("draft_not_readable").fields["draft_id"] == "draft_0"
