"""What the History screen shows, as frozen records. Plain data, no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from agentflow_desktop.core.history import EVERY_RUN, HistoryCounts, RunFilter
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.desktop.screens.tasks.run_state import RunState
from agentflow_desktop.workflows.ask.model import AskRequest

NO_RUNS: Mapping[int, RunSummary] = MappingProxyType({})


class Days(StrEnum):
    """How far back the list goes."""

    ANY = "any"
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class DayRange:
    """``first`` and ``last`` are within, and hold for RANGE only."""

    days: Days = Days.ANY
    first: date | None = None
    last: date | None = None


class ListPhase(StrEnum):
    CLOSED = "closed"  # the program behind the window is not open
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class PreviewPhase(StrEnum):
    NONE = "none"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Preview:
    """The chosen run. ``request`` is None if it was not kept: it can't be asked again. Of a run of
    another kind than a question ``words`` says what came of it, and ``run`` is None."""

    phase: PreviewPhase = PreviewPhase.NONE
    run: RunState | None = None
    request: AskRequest | None = None
    problem: Problem | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class HistoryState:
    """``numbers`` is the whole list, newest first, by the runs' numbers; ``runs`` are those that
    were read: what is looked at, and a little around it.

    ``chosen`` is the run that is looked at, which may have left the list. ``deleted`` are the
    deletions that can be undone, the last one last. ``problem`` says why the last action failed,
    ``exported`` is the file that it wrote.
    """

    phase: ListPhase = ListPhase.CLOSED
    wanted: RunFilter = EVERY_RUN
    range: DayRange = DayRange()
    numbers: tuple[int, ...] = ()
    runs: Mapping[int, RunSummary] = field(default_factory=lambda: NO_RUNS)
    counts: HistoryCounts | None = None
    list_problem: Problem | None = None
    search_notice: str = ""
    chosen: RunSummary | None = None
    preview: Preview = Preview()
    deleted: tuple[RunSummary, ...] = ()
    shows_undo: bool = False
    problem: Problem | None = None
    exported: Path | None = None

    @property
    def is_narrowed(self) -> bool:
        return not self.wanted.is_empty

    @property
    def chosen_row(self) -> int | None:
        """Where the chosen run stands in the list."""
        if self.chosen is None or self.chosen.number not in self.numbers:
            return None
        return self.numbers.index(self.chosen.number)
