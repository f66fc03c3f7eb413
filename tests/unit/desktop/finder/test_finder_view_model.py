"""What Ctrl K offers, without a window."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.core.history import RunFilter
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.desktop.finder.view_model import EntryKind, FinderModel


@dataclass
class Offer:
    words: str
    shown_keys: str = ""
    icon: str = ""
    is_possible: Callable[[], bool] = lambda: True
    done: list[str] = field(default_factory=list[str])

    def do(self) -> None:
        self.done.append(self.words)


def summary(run_id: str, title: str) -> RunSummary:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    return RunSummary(run_id, "ask", title, RunState.SUCCEEDED, at, at, Decimal("0.01"))


class Searches:
    """A history to search: keeps what was asked, and answers from its runs."""

    def __init__(self, *runs: RunSummary) -> None:
        self.found = runs
        self.asked: list[str] = []
        self.error: StorageError | None = None

    async def runs(self, wanted: RunFilter, *, limit: int) -> Sequence[RunSummary]:
        self.asked.append(wanted.text)
        if self.error is not None:
            raise self.error
        return [run for run in self.found if wanted.text.casefold() in run.title.casefold()][:limit]


def spawn(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(work)


async def settled(model: FinderModel) -> None:
    if model._searching is not None:
        await model._searching


async def test_words_are_found_in_any_order_and_the_beginning_of_a_word_counts_more() -> None:
    model = FinderModel(spawn, debounce_s=0)
    model.open([Offer("Export the run"), Offer("Run the task"), Offer("Rerun it"), Offer("Quit")])
    model.set_text("run")
    assert [e.words for e in model.state.entries] == ["Run the task", "Export the run", "Rerun it"]
    model.set_text("task run")
    assert [e.words for e in model.state.entries] == ["Run the task"]
    model.set_text("nothing like it")
    assert model.state.entries == ()


async def test_what_is_not_possible_now_is_not_offered() -> None:
    model = FinderModel(spawn, debounce_s=0)
    model.open([Offer("Cancel the run", is_possible=lambda: False), Offer("New task")])
    assert [e.words for e in model.state.entries] == ["New task"]


async def test_choosing_does_the_command_that_is_marked_and_a_run_gives_its_id() -> None:
    model = FinderModel(spawn, debounce_s=0)
    model.connect(Searches(summary("run_1", "Charge limit"), summary("run_2", "Fuse")))
    new, quit_ = Offer("New task"), Offer("Quit")
    model.open([new, quit_])
    await settled(model)
    model.move(1)
    assert model.choose() is None
    assert (new.done, quit_.done) == ([], ["Quit"])
    model.set_text("charge")
    await settled(model)
    assert [(e.kind, e.words) for e in model.state.entries] == [(EntryKind.RUN, "Charge limit")]
    assert model.choose() == "run_1"


async def test_only_the_last_of_quick_keystrokes_asks_the_history() -> None:
    searches = Searches(summary("run_1", "Charge limit"))
    model = FinderModel(spawn, debounce_s=0.01)
    model.connect(searches)
    model.open([])
    for text in ("c", "ch", "cha"):
        model.set_text(text)
    await settled(model)
    assert searches.asked == ["cha"]


async def test_a_history_that_cannot_be_read_is_told_and_commands_stay() -> None:
    searches = Searches()
    searches.error = StorageError("The database can't be read.")
    model = FinderModel(spawn, debounce_s=0)
    model.connect(searches)
    model.open([Offer("New task")])
    await settled(model)
    assert model.state.problem == "The database can't be read."
    assert [e.words for e in model.state.entries] == ["New task"]


async def test_the_mark_goes_around_the_ends_of_the_list() -> None:
    model = FinderModel(spawn, debounce_s=0)
    model.open([Offer("A"), Offer("B"), Offer("C")])
    model.move(-1)
    assert model.state.at == 2
    model.move(1)
    assert model.state.at == 0
    assert model.choose(7) is None
