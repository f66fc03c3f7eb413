"""What the History screen decides, without Qt, over a real database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agentflow_desktop.core.history import Facet, RunFilter
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.desktop.screens.history.pages import PAGE_ROWS, PAGES_KEPT, RunPages
from agentflow_desktop.desktop.screens.history.state import Days, ListPhase, PreviewPhase
from agentflow_desktop.desktop.screens.tasks.run_state import RunPhase, StepPhase
from support.gui_loop import until
from support.history_desk import HistoryDesk
from support.kept_runs import KeptRun

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[HistoryDesk]:
    made = HistoryDesk(tmp_path / "a.db")
    yield made
    await made.close()


async def test_nothing_is_read_before_the_screen_is_looked_at(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1"))
    desk.model.connect(desk.door, desk.reports)
    await asyncio.sleep(0.05)
    assert desk.model.state.phase is ListPhase.LOADING
    desk.model.show()
    await until(lambda: desk.titles() == ["What limits it?"])


async def test_the_newest_run_is_shown_with_what_its_events_tell(desk: HistoryDesk) -> None:
    await desk.kept.add_all(KeptRun("run_1"), KeptRun("run_2", "Which fuse?\nAnd why?"))
    model = await desk.open()
    assert desk.titles() == ["Which fuse?", "What limits it?"]
    preview = model.state.preview
    assert model.state.chosen is not None
    assert model.state.chosen.run_id == "run_2"
    assert preview.request is not None
    assert preview.request.task == "Which fuse?\nAnd why?"
    assert preview.run is not None
    assert preview.run.result is not None
    assert [step.title for step in preview.run.steps] == ["Planner proposes"]


async def test_runs_appear_change_and_go_by_themselves(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1", "first"))
    await desk.open()
    running = KeptRun("run_2", "second", RunState.RUNNING)
    await desk.kept.add(running)
    await until(lambda: desk.titles() == ["second", "first"])
    assert desk.model.state.chosen is not None
    assert desk.model.state.chosen.run_id == "run_1"
    ended = desk.kept.events(KeptRun("run_2", "second", RunState.FAILED))[-1]
    await desk.kept.store.append(ended)
    number = desk.model.state.numbers[0]
    await until(lambda: desk.model.state.runs[number].state is RunState.FAILED)
    await desk.kept.history.delete(["run_1"])
    await until(lambda: desk.titles() == ["second"])


async def test_nothing_is_asked_while_the_screen_is_left_and_its_choice_stays(
    desk: HistoryDesk,
) -> None:
    await desk.kept.add_all(KeptRun("run_1", "first fuse"), KeptRun("run_2", "second"))
    model = await desk.open()
    model.set_text("fuse")
    await until(lambda: desk.titles() == ["first fuse"])
    model.leave()
    await desk.kept.add(KeptRun("run_3", "third fuse"))
    await asyncio.sleep(0.05)
    assert desk.titles() == ["first fuse"]
    model.show()
    await until(lambda: desk.titles() == ["third fuse", "first fuse"])
    assert model.state.chosen is not None
    assert (model.state.wanted.text, model.state.chosen.run_id) == ("fuse", "run_1")


async def test_a_filter_is_pressed_once_to_narrow_and_again_to_widen(desk: HistoryDesk) -> None:
    await desk.kept.add_all(
        KeptRun("run_1", "first", model="gpt"),
        KeptRun("run_2", "second", RunState.FAILED),
        KeptRun("run_3", "third", RunState.FAILED, model="gpt"),
    )
    model = await desk.open()
    model.toggle(Facet.STATE, "failed")
    await until(lambda: desk.titles() == ["third", "second"])
    model.toggle(Facet.MODEL, "gpt")
    await until(lambda: desk.titles() == ["third"])
    model.toggle(Facet.STATE, "failed")
    await until(lambda: desk.titles() == ["third", "first"])
    model.toggle(Facet.MODEL, "")
    await until(lambda: len(desk.titles()) == 3)
    model.set_at_least(Decimal(1))
    await until(lambda: desk.titles() == [])
    assert model.state.chosen is None
    model.clear_filters()
    await until(lambda: len(desk.titles()) == 3)
    assert not model.state.is_narrowed


async def test_days_are_days_of_this_machine(desk: HistoryDesk) -> None:
    model = await desk.open()
    today = desk.kept.clock.now().astimezone().date()
    model.set_days(Days.WEEK)
    since = model.state.wanted.since
    assert since is not None
    assert since.astimezone().date() == today - timedelta(days=6)
    assert (since.astimezone().hour, since.astimezone().minute) == (0, 0)
    model.set_days(Days.RANGE, date(2026, 3, 1), date(2026, 3, 5))
    wanted = model.state.wanted
    assert wanted.since == datetime(2026, 3, 1).astimezone().astimezone(UTC)
    assert wanted.until == datetime(2026, 3, 6).astimezone().astimezone(UTC)
    assert model.state.range.first == date(2026, 3, 1)
    model.set_days(Days.ANY)
    assert model.state.wanted == RunFilter()


async def test_a_deletion_goes_on_to_the_next_run_and_is_undone(desk: HistoryDesk) -> None:
    await desk.kept.add_all(*(KeptRun(f"run_{n}", f"task {n}") for n in (1, 2, 3)))
    model = await desk.open()
    model.choose_row(1)
    model.delete()
    await until(lambda: model.state.shows_undo)
    assert desk.titles() == ["task 3", "task 1"]
    assert model.state.chosen is not None
    assert model.state.chosen.title == "task 1"
    model.delete()
    await until(lambda: desk.titles() == ["task 3"])
    model.dismiss_undo()
    for titles in (["task 3", "task 1"], ["task 3", "task 2", "task 1"]):
        model.undo()
        await until(lambda titles=titles: desk.titles() == titles)
    await until(lambda: model.state.chosen_row == 1)
    assert model.state.deleted == ()


async def test_an_undo_that_comes_too_late_says_so(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1"))
    model = await desk.open()
    model.delete()
    await until(lambda: model.state.shows_undo)
    desk.kept.clock.advance(timedelta(hours=1))
    await desk.kept.history.purge()
    model.undo()
    await until(lambda: model.state.problem is not None)
    model.dismiss_notice()
    assert model.state.problem is None


async def test_a_run_that_goes_on_is_not_deleted(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1", state=RunState.RUNNING))
    model = await desk.open()
    model.delete()
    await asyncio.sleep(0.05)
    assert desk.titles() == ["What limits it?"]
    assert not model.state.shows_undo


async def test_a_mark_and_a_note_are_kept_apart(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1"))
    model = await desk.open()
    model.rate(True)
    await until(lambda: model.state.chosen is not None and model.state.chosen.is_useful is True)
    model.rate(True, "Saved a day.")
    await until(lambda: model.state.chosen is not None and bool(model.state.chosen.note))
    model.rate(None)
    await until(lambda: model.state.chosen is not None and model.state.chosen.is_useful is None)
    assert (await desk.kept.history.find("run_1")).note == "Saved a day."
    assert model.state.runs[model.state.numbers[0]].note == "Saved a day."


async def test_a_report_is_written_and_what_can_t_be_written_says_why(
    desk: HistoryDesk, tmp_path: Path
) -> None:
    await desk.kept.add_all(KeptRun("run_1", state=RunState.FAILED), KeptRun("run_2"))
    model = await desk.open()
    model.export(tmp_path / "report.md")
    await until(lambda: model.state.exported is not None)
    assert "140 A" in (tmp_path / "report.md").read_text("utf-8")
    model.choose_row(1)
    model.export(tmp_path / "other.md")
    await until(lambda: model.state.problem is not None)
    assert model.state.exported is None


async def test_a_run_of_an_older_version_is_shown_but_has_no_request(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1", keeps_request=False))
    model = await desk.open()
    assert model.state.preview.run is not None
    assert model.state.preview.request is None


async def test_a_run_that_was_no_question_is_shown_without_an_answer(desk: HistoryDesk) -> None:
    await desk.kept.add_selftest("run_1")
    model = await desk.open()
    run = model.state.preview.run
    assert run is not None
    assert (run.phase, run.answer, run.result) == (RunPhase.SUCCEEDED, None, None)
    assert model.state.preview.request is None


async def test_an_interrupted_run_has_stopped_steps(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1", state=RunState.RUNNING))
    await desk.kept.database.call(
        lambda c: c.execute("UPDATE runs SET state = 'interrupted'").rowcount
    )
    model = await desk.open()
    assert model.state.preview.run is not None
    (step,) = model.state.preview.run.steps
    assert (step.phase, step.ended_at) == (StepPhase.STOPPED, step.started_at)


async def test_a_history_that_can_t_be_read_says_why_and_heals(desk: HistoryDesk) -> None:
    await desk.kept.add(KeptRun("run_1"))
    model = await desk.open()
    rename = "ALTER TABLE run_facts RENAME TO {}"
    await desk.kept.database.call(lambda c: c.execute(rename.format("away")).rowcount)
    model.toggle(Facet.MODEL, "planner-7b")
    await until(lambda: model.state.phase is ListPhase.FAILED)
    assert model.state.list_problem is not None
    await desk.kept.database.call(
        lambda c: c.execute("ALTER TABLE away RENAME TO run_facts").rowcount
    )
    await until(lambda: model.state.phase is ListPhase.READY)
    assert model.state.list_problem is None


async def test_an_unreadable_run_is_a_problem_of_its_preview_only(desk: HistoryDesk) -> None:
    await desk.kept.add_all(KeptRun("run_1", "first"), KeptRun("run_2", "second"))
    await desk.kept.database.call(
        lambda c: c.execute("UPDATE run_events SET body = '{}' WHERE run_id = 'run_2'").rowcount
    )
    model = desk.model
    model.connect(desk.door, desk.reports)
    model.show()
    await until(lambda: model.state.preview.phase is PreviewPhase.FAILED)
    assert desk.titles() == ["second", "first"]
    model.choose_row(1)
    await until(lambda: model.state.preview.phase is PreviewPhase.READY)


class Shelf:
    """Gives runs by number, and remembers what was asked."""

    def __init__(self, count: int) -> None:
        self.asked: list[Sequence[int]] = []
        self.pages = RunPages(lambda: None)
        self.pages.set_numbers(tuple(range(count, 0, -1)))
        self.gone: set[int] = set()

    async def read(self, numbers: Sequence[int]) -> Sequence[RunSummary]:
        self.asked.append(numbers)
        at = datetime(2026, 11, 23, tzinfo=UTC)
        return [
            RunSummary(f"run_{n}", "ask", str(n), RunState.FAILED, at, at, Decimal(0), number=n)
            for n in numbers
            if n not in self.gone
        ]


async def test_only_what_is_looked_at_is_read_and_little_of_it_is_kept() -> None:
    shelf = Shelf(100_000)
    assert shelf.pages.want(99_980, 99_999)
    await shelf.pages.read(shelf.read)
    assert shelf.asked == [tuple(range(100, 0, -1))]
    assert not shelf.pages.want(99_970, 99_990)
    for page in range(40):
        shelf.pages.want(page * PAGE_ROWS, page * PAGE_ROWS + 20)
        await shelf.pages.read(shelf.read)
    assert len(shelf.pages.runs) == PAGES_KEPT * PAGE_ROWS
    assert 100_000 - 39 * PAGE_ROWS in shelf.pages.runs


async def test_a_run_that_is_gone_is_not_asked_for_over_and_over() -> None:
    shelf = Shelf(10)
    shelf.gone = {7}
    shelf.pages.want(0, 9)
    await shelf.pages.read(shelf.read)
    assert len(shelf.asked) == 1
    assert 7 not in shelf.pages.runs


async def test_after_a_fling_only_the_place_of_rest_is_read() -> None:
    shelf = Shelf(10_000)
    held = asyncio.Event()

    async def slowly(numbers: Sequence[int]) -> Sequence[RunSummary]:
        found = await shelf.read(numbers)
        await held.wait()
        return found

    shelf.pages.want(0, 20)
    reading = asyncio.ensure_future(shelf.pages.read(slowly))
    await asyncio.sleep(0)
    for row in range(500, 10_000, 500):
        shelf.pages.want(row, row + 20)
    held.set()
    await reading
    assert [numbers[0] for numbers in shelf.asked] == [10_000, 500]
