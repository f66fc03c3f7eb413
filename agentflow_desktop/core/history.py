"""Earlier runs as a person looks for them: what narrows a list, what is told of a run in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from agentflow_desktop.core.events import CostRecorded, RouteChosen, RunEvent, StepStarted
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.core.runs import RunState, RunSummary

UNDO_FOR = timedelta(hours=1)
"""How long a deleted run can be had back."""


class Mark(StrEnum):
    """What the person said of a run's use to them."""

    USEFUL = "useful"
    NOT_USEFUL = "not_useful"
    UNMARKED = "unmarked"


class Facet(StrEnum):
    """A property of runs that a list is narrowed by, and whose values are counted."""

    STATE = "state"
    KIND = "kind"
    TASK_KIND = "task_kind"
    MODEL = "model"
    BADGE = "badge"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted. What is None or empty does not narrow.

    ``text`` holds words that must all stand in title, task or answer. ``since`` is within,
    ``until`` no longer.
    """

    text: str = ""
    state: RunState | None = None
    kind: str = ""
    task_kind: str = ""
    model: str = ""
    badge: Badge | None = None
    mark: Mark | None = None
    since: datetime | None = None
    until: datetime | None = None
    at_least_usd: Decimal | None = None

    def value(self, facet: Facet) -> str:
        """What the facet is narrowed to, empty if it is not."""
        return getattr(self, facet.value) or ""

    @property
    def is_empty(self) -> bool:
        """Every run is wanted."""
        return not self.text.strip() and self == RunFilter(text=self.text)


EVERY_RUN = RunFilter()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What one event tells of its run for lists and search. None and empty: nothing new.

    ``badges`` take the place of those told before, ``models`` join them.
    """

    task: str | None = None
    task_kind: str = ""
    answer: str | None = None
    models: tuple[str, ...] = ()
    badges: tuple[Badge, ...] | None = None


NO_FACTS = RunFacts()


def core_facts(event: RunEvent) -> RunFacts:
    """What an event of any workflow tells: the models at work, and the badges of the route."""
    match event:
        case StepStarted(model=model) if model:
            return RunFacts(models=(model,))
        case CostRecorded(served_model=model) if model:
            return RunFacts(models=(model,))
        case RouteChosen(route=route):
            return RunFacts(badges=route.badges)
        case _:
            return NO_FACTS


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many runs have a value."""

    value: str
    runs: int


@dataclass(frozen=True, slots=True)
class HistoryCounts:
    """How many runs there are, and of each value how many the rest of a filter lets through.

    ``facets`` has a facet's values most frequent first. A value that is narrowed to stands beside
    the others of its facet, so that a person sees what another choice would give.
    """

    runs: int
    facets: Mapping[Facet, tuple[FacetCount, ...]]


class RunHistory(Protocol):
    """Every run with its events, for reading, marking and deleting."""

    async def runs(
        self, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> Sequence[RunSummary]:
        """Newest first; ``before`` is the id of the run to page from."""
        ...

    async def numbers(self, wanted: RunFilter) -> tuple[int, ...]:
        """The numbers of all runs that are wanted, newest first: a list to page through at will."""
        ...

    async def numbered(self, numbers: Sequence[int]) -> Sequence[RunSummary]:
        """These runs, newest first, without those that are gone."""
        ...

    async def counts(self, wanted: RunFilter) -> HistoryCounts: ...

    async def find(self, run_id_prefix: str) -> RunSummary:
        """The run that begins so, deleted or not.

        Raises InputRefused if no run, or more than one, does.
        """
        ...

    async def events(self, run_id: str) -> Sequence[RunEvent]: ...

    async def rate(self, run_id: str, *, is_useful: bool | None, note: str) -> None:
        """Mark the run; None takes the mark away."""
        ...

    async def delete(self, run_ids: Sequence[str]) -> None:
        """Take ended runs out of every list; ``undelete`` brings them back within UNDO_FOR.

        Raises InputRefused, changing nothing, if one of them goes on.
        """
        ...

    async def undelete(self, run_ids: Sequence[str]) -> None:
        """Raises InputRefused, changing nothing, if one of them is not deleted."""
        ...

    async def purge(self) -> int:
        """Remove for good what was deleted longer than UNDO_FOR ago; gives how many runs.

        What was spent stays in the ledger.
        """
        ...

    async def revision(self) -> int:
        """Another number whenever something that lists show has changed, by whatever process."""
        ...

    async def search_notice(self) -> str:
        """A sentence if searching is not what it should be here, else empty."""
        ...
