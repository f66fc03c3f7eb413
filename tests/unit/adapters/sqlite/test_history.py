"""History as a person looks through it: search, filters, counts, pages, marks and deletion."""

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.adapters.sqlite.database import transaction
from agentflow_desktop.adapters.sqlite.history_filter import conditions
from agentflow_desktop.adapters.sqlite.migrations import MIGRATIONS, migrate
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.history import UNDO_FOR, Facet, Mark, RunFilter
from agentflow_desktop.core.routing import Badge, TaskKind
from agentflow_desktop.core.runs import RunState
from support.kept_runs import KeptRun, KeptRuns
from support.money import hold, open_ledger, settled
from support.set_clock import SetClock


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptRuns]:
    made = KeptRuns(tmp_path / "a.db")
    yield made
    made.close()


async def without_index(kept: KeptRuns) -> None:
    """The database as an SQLite without FTS5 would have made it."""

    def replace_table(connection: sqlite3.Connection) -> int:
        with transaction(connection):
            connection.execute("DROP TABLE run_search")
            return connection.execute(
                "CREATE TABLE run_search (number INTEGER PRIMARY KEY, title TEXT, task TEXT,"
                " answer TEXT)"
            ).rowcount

    await kept.database.call(replace_table)


@pytest.mark.parametrize("is_indexed", [True, False])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["3", "2", "1"]),
        ("straße", ["1"]),
        ("GRÖSSE", ["1"]),
        ("100%_", ["1"]),
        ("%_", ["1"]),
        ("sure 100", ["2", "1"]),
        ("second-line", ["2"]),  # of the task, which the title leaves out
        ("fuse", ["3"]),  # of the answer
        ("fuse 200", ["3"]),
        ('fuse" OR "sure', []),
        ("NEAR(", []),
        ("fuse 100", []),
        ("\0\ud800", ["3", "2", "1"]),  # no text at all
    ],
)
async def test_words_are_found_in_title_task_and_answer_in_either_case_and_literally(
    kept: KeptRuns, text: str, found: list[str], *, is_indexed: bool
) -> None:
    if not is_indexed:
        await without_index(kept)
    await kept.add_all(
        KeptRun("run_1", "Straße oder Größe? 100%_sure"),
        KeptRun("run_2", "100 for sure\nand a second-line"),
        KeptRun("run_3", "What blows?", answer="The **fuse** of 200 A."),
    )
    assert await kept.ids(RunFilter(text=text)) == found
    assert bool(await kept.history.search_notice()) is not is_indexed


async def test_a_run_is_found_by_its_task_while_it_goes_on(kept: KeptRuns) -> None:
    await kept.add(KeptRun("run_1", "Which fuse?\nAnd the shunt?", RunState.RUNNING))
    assert await kept.ids(RunFilter(text="shunt")) == ["1"]


async def test_each_filter_lets_through_what_it_names(kept: KeptRuns) -> None:
    begun = kept.clock.now()
    await kept.add_all(
        KeptRun("run_1", task_kind=TaskKind.SECURITY, model="gpt", cost_usd=Decimal("0.5")),
        KeptRun("run_2", state=RunState.FAILED, model="planner-7b"),
        KeptRun("run_3", badges=(Badge.SELF_VERIFIED, Badge.INCOMPLETE)),
        KeptRun("run_4", state=RunState.CANCELLED, cost_usd=Decimal("0.25")),
    )
    await kept.history.rate("run_1", is_useful=True, note="")
    await kept.history.rate("run_2", is_useful=False, note="It failed.")
    minute = timedelta(minutes=1)
    expected = [
        (RunFilter(state=RunState.FAILED), ["2"]),
        (RunFilter(kind="ask"), ["4", "3", "2", "1"]),
        (RunFilter(kind="debate"), []),
        (RunFilter(task_kind="security"), ["1"]),
        (RunFilter(model="gpt"), ["1"]),
        (RunFilter(badge=Badge.INCOMPLETE), ["3"]),
        (RunFilter(mark=Mark.USEFUL), ["1"]),
        (RunFilter(mark=Mark.NOT_USEFUL), ["2"]),
        (RunFilter(mark=Mark.UNMARKED), ["4", "3"]),
        (RunFilter(since=begun + 2 * minute, until=begun + 4 * minute), ["3", "2"]),
        (RunFilter(at_least_usd=Decimal("0.25")), ["4", "1"]),
        (RunFilter(at_least_usd=Decimal("0.25"), state=RunState.SUCCEEDED), ["1"]),
    ]
    for wanted, found in expected:
        assert await kept.ids(wanted) == found, wanted


async def test_a_list_says_of_a_run_what_its_events_told(kept: KeptRuns) -> None:
    await kept.add(KeptRun("run_1", task_kind=TaskKind.LOGS, badges=(Badge.SELF_VERIFIED,)))
    await kept.history.rate("run_1", is_useful=True, note="Saved a day.")
    (run,) = await kept.history.runs()
    assert (run.task_kind, run.models) == ("logs", ("planner-7b",))
    assert run.badges == (Badge.SELF_VERIFIED,)
    assert (run.is_useful, run.note) == (True, "Saved a day.")
    await kept.history.rate("run_1", is_useful=None, note="")
    assert (await kept.history.find("run_1")).is_useful is None


async def test_the_ledger_decides_what_a_run_cost_in_filters_too(kept: KeptRuns) -> None:
    await kept.add(KeptRun("run_1", state=RunState.RUNNING))
    with open_ledger(kept.database.path, clock=kept.clock) as (ledger, _):
        await ledger.reserve(hold("a", "0.50"))
        await ledger.settle("a", settled("0.30"))
    assert await kept.ids(RunFilter(at_least_usd=Decimal("0.3"))) == ["1"]
    assert await kept.ids(RunFilter(at_least_usd=Decimal("0.31"))) == []


async def test_counts_say_what_each_other_choice_would_give(kept: KeptRuns) -> None:
    await kept.add_all(
        KeptRun("run_1", "fuse", task_kind=TaskKind.LOGS),
        KeptRun("run_2", "fuse", state=RunState.FAILED, model="gpt"),
        KeptRun("run_3", "shunt", state=RunState.FAILED),
    )
    counts = await kept.history.counts(RunFilter(text="fuse", state=RunState.FAILED))

    def of(facet: Facet) -> dict[str, int]:
        return {count.value: count.runs for count in counts.facets[facet]}

    assert counts.runs == 3
    assert of(Facet.STATE) == {"failed": 1, "succeeded": 1}
    assert of(Facet.TASK_KIND) == {"general": 1}
    assert of(Facet.MODEL) == {"gpt": 1}
    assert of(Facet.MARK) == {"unmarked": 1}
    assert of(Facet.KIND) == {"ask": 1}
    assert of(Facet.BADGE) == {}


async def test_pages_of_five_thousand_runs_are_the_list_whatever_narrows_it(
    kept: KeptRuns,
) -> None:
    chance = random.Random(7)
    await kept.database.call(lambda c: insert_runs(c, 5_000, chance))
    filters = [
        RunFilter(),
        RunFilter(state=RunState.FAILED),
        RunFilter(model="m1"),
        RunFilter(text="word3"),
        RunFilter(text="wor", state=RunState.CANCELLED, mark=Mark.USEFUL),
    ]
    for wanted in filters:
        whole = [run.run_id for run in await kept.history.runs(wanted, limit=10_000)]
        numbers = await kept.history.numbers(wanted)
        assert whole == sorted(whole, reverse=True)
        assert len(numbers) == len(whole) > 300
        size = chance.randint(50, 400)
        paged: list[str] = []
        while page := await kept.history.runs(
            wanted, limit=size, before=paged[-1] if paged else None
        ):
            paged += [run.run_id for run in page]
        assert paged == whole
        for start in chance.sample(range(len(whole)), 5):
            part = await kept.history.numbered(numbers[start : start + size])
            assert [run.run_id for run in part] == whole[start : start + size]


def insert_runs(connection: sqlite3.Connection, count: int, chance: random.Random) -> int:
    with transaction(connection):
        for number in range(1, count + 1):
            state = chance.choice(["succeeded", "failed", "cancelled"])
            mark = chance.choice([0, 1, 1, None])
            connection.execute(
                "INSERT INTO runs (run_id, kind, title, state, started_at, owner_boot, owner_pid,"
                " owner_started, number, is_useful) VALUES (?, 'ask', 'T', ?, ?, '', 1, 1, ?, ?)",
                (f"run_{number:05}", state, "2026-11-01T12:00:00Z", number, mark),
            )
            words = f"word{chance.randint(0, 5)}"
            found = "INSERT INTO run_search (rowid, title, task, answer) VALUES (?, 't', '', ?)"
            connection.execute(found, (number, words))
            fact = (number, "model", f"m{chance.randint(0, 3)}")
            connection.execute("INSERT INTO run_facts VALUES (?, ?, ?)", fact)
    return count


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (RunFilter(), "runs_shown"),
        (RunFilter(state=RunState.FAILED), "runs_by_state"),
        (RunFilter(kind="ask"), "runs_by_kind"),
        (RunFilter(mark=Mark.USEFUL), "runs_by_mark"),
        (RunFilter(model="m1"), "run_facts_by_value"),
        (RunFilter(text="fuse"), "VIRTUAL TABLE"),
    ],
)
async def test_every_list_is_read_from_an_index(
    kept: KeptRuns, wanted: RunFilter, index: str
) -> None:
    met = conditions(wanted, is_indexed=True)
    sql = f"SELECT r.number FROM {met.source} WHERE {met.sql} ORDER BY r.number DESC"  # noqa: S608
    steps = await kept.database.call(
        lambda c: [str(row[3]) for row in c.execute(f"EXPLAIN QUERY PLAN {sql}", met.values)]
    )
    assert any(index in step for step in steps), steps
    assert not [step for step in steps if step in ("SCAN r", "SCAN f")], steps


async def test_a_deleted_run_leaves_every_list_and_comes_back(kept: KeptRuns) -> None:
    await kept.add_all(KeptRun("run_1", "fuse"), KeptRun("run_2"))
    await kept.history.delete(["run_1"])
    assert await kept.ids() == ["2"]
    assert await kept.ids(RunFilter(text="fuse")) == []
    assert len(await kept.history.numbers(RunFilter())) == 1
    assert await kept.history.numbered([1]) == []
    assert (await kept.history.counts(RunFilter())).runs == 1
    assert (await kept.history.find("run_1")).deleted_at == kept.clock.now()
    assert await kept.history.purge() == 0
    await kept.history.undelete(["run_1"])
    assert await kept.ids(RunFilter(text="fuse")) == ["1"]
    assert len(await kept.history.events("run_1")) == 4
    with pytest.raises(InputRefused, match="not among the deleted"):
        await kept.history.undelete(["run_1"])


async def test_a_deletion_is_final_after_its_time_and_leaves_the_money_accounted(
    kept: KeptRuns,
) -> None:
    await kept.add_all(KeptRun("run_1", "fuse"), KeptRun("run_2"))
    with open_ledger(kept.database.path, clock=kept.clock) as (ledger, _):
        await ledger.reserve(hold("a", "0.50"))
        await ledger.settle("a", settled("0.30"))
    await kept.history.delete(["run_1"])
    kept.clock.advance(UNDO_FOR)
    assert await kept.history.purge() == 1
    with pytest.raises(InputRefused, match="No run begins"):
        await kept.history.find("run_1")
    left = await kept.database.call(
        lambda c: {
            table: c.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("run_events", "run_facts", "run_search", "attempts")
        }
    )
    assert left == {"run_events": 4, "run_facts": 2, "run_search": 1, "attempts": 1}
    with open_ledger(kept.database.path, clock=kept.clock) as (ledger, _):
        assert await ledger.run_cost("run_1") == Decimal("0.3")


async def test_a_run_that_goes_on_is_not_deleted_nor_is_any_with_it(kept: KeptRuns) -> None:
    await kept.add_all(KeptRun("run_1"), KeptRun("run_2", state=RunState.RUNNING))
    with pytest.raises(InputRefused, match="goes on"):
        await kept.history.delete(["run_1", "run_2"])
    assert await kept.ids() == ["2", "1"]


async def test_the_revision_changes_with_what_lists_show_and_only_then(kept: KeptRuns) -> None:
    seen = [await kept.history.revision()]

    async def has_changed() -> bool:
        seen.append(await kept.history.revision())
        return seen[-1] != seen[-2]

    await kept.add(KeptRun("run_1", state=RunState.RUNNING))
    assert await has_changed()
    assert await kept.ids() == ["1"]
    assert not await has_changed()
    other = sqlite3.connect(kept.database.path)
    with other:
        other.execute("UPDATE runs SET state = 'interrupted'")
    other.close()
    assert await has_changed()
    await kept.history.rate("run_1", is_useful=False, note="")
    assert await has_changed()
    await kept.history.delete(["run_1"])
    assert await has_changed()


def test_runs_that_are_there_already_are_found_after_the_migration(tmp_path: Path) -> None:
    before = [m for m in MIGRATIONS if m.__name__ < "m0006"]
    after = [m for m in MIGRATIONS if m.__name__ < "m0007"]
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, path, SetClock().now(), before)
    for run_id, title in (("run_2", "Größe?"), ("run_1", "Interrupted before it said a word")):
        connection.execute(
            "INSERT INTO runs VALUES (?, 'ask', ?, '', 'succeeded', ?, NULL, 5, '', 1, 1)",
            (run_id, title, "2026-11-23T12:00:00.000000Z"),
        )
    for number, event in enumerate(OLD_EVENTS):
        connection.execute(
            "INSERT INTO run_events VALUES ('run_2', ?, ?)", (number, json.dumps(event))
        )
    migrate(connection, path, SetClock().now(), after)
    rows = connection.execute("SELECT number, run_id FROM runs ORDER BY number").fetchall()
    assert rows == [(1, "run_1"), (2, "run_2")]
    found = "SELECT rowid FROM run_search WHERE run_search MATCH ?"
    for word in ("groß*", "grösse", "shunt", "fuse", "200"):
        assert connection.execute(found, (word.casefold(),)).fetchall() == [(2,)], word
    facts = connection.execute("SELECT name, value FROM run_facts ORDER BY name").fetchall()
    assert facts == [("badge", "self_verified"), ("model", "m-1"), ("task_kind", "logs")]
    connection.close()


OLD_EVENTS = [
    {"type": "run_started"},
    {"type": "step_started", "model": ""},
    {"type": "step_started", "model": "m-1"},
    {"type": "step_output", "kind": "ask.request", "body": {"task_kind": "logs"}},
    {"type": "step_output", "kind": "ask.draft", "body": {"answer": {"title": "draft"}}},
    {
        "type": "run_succeeded",
        "kind": "ask",
        "result": {
            "task": "Größe?\nAnd the shunt?",
            "badges": ["self_verified"],
            "answer": {
                "title": "Limit",
                "claims": [{"text": "The fuse.", "evidence": [{"quote": "200 A"}]}],
            },
        },
    },
]
