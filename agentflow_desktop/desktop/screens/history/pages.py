"""The part of a long list that is read: pages where the person looks, and few beside. No Qt."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agentflow_desktop.core.runs import RunSummary

PAGE_ROWS = 100
PAGES_KEPT = 12

ReadRuns = Callable[[Sequence[int]], Awaitable[Sequence[RunSummary]]]


@dataclass(frozen=True, slots=True)
class _Page:
    """``asked`` are the numbers that were read; some of them may be gone. Empty: not read since
    the list changed, with what is still known from before."""

    asked: tuple[int, ...]
    runs: Mapping[int, RunSummary]


class RunPages:
    """Runs by number, a window over ``numbers`` that follows what is wanted.

    ``changed`` is called when other runs are known. While one page is read, only what was wanted
    last is read next: a person who flings the scroll bar waits for where they stop.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.numbers: tuple[int, ...] = ()
        self._pages: dict[int, _Page] = {}  # least recently wanted first
        self._first, self._last = 0, 0

    @property
    def runs(self) -> Mapping[int, RunSummary]:
        """Every run that is read and still in the list."""
        known = {number: run for page in self._pages.values() for number, run in page.runs.items()}
        return MappingProxyType(known)

    def set_numbers(self, numbers: tuple[int, ...]) -> None:
        """Another list. Runs that are known stay known, where they stand now."""
        known = self.runs
        self.numbers = numbers
        self._pages = {
            page: _Page((), {n: known[n] for n in self._numbers_of(page) if n in known})
            for page in self._wanted()
        }

    def want(self, first: int, last: int) -> bool:
        """Rows that are looked at; gives whether some have to be read."""
        self._first, self._last = first, last
        return bool(self._missing())

    def want_top(self) -> None:
        """As many rows as now, from the first on."""
        self._first, self._last = 0, self._last - self._first

    async def read(self, read_runs: ReadRuns, *, again: bool = False) -> None:
        """Read what is wanted and not known, until nothing is; ``again``: known or not, once."""
        missing = self._wanted() if again else self._missing()
        while missing:
            for page in missing:
                numbers = self._numbers_of(page)
                found = {run.number: run for run in await read_runs(numbers)}
                if numbers != self._numbers_of(page):
                    continue  # the list changed meanwhile
                self._pages.pop(page, None)
                self._pages[page] = _Page(numbers, found)
            for page in list(self._pages)[: max(0, len(self._pages) - PAGES_KEPT)]:
                del self._pages[page]
            self._changed()
            missing = self._missing()

    def replace(self, run: RunSummary) -> None:
        """The run is another now."""
        for at, page in self._pages.items():
            if run.number in page.runs:
                self._pages[at] = _Page(page.asked, {**page.runs, run.number: run})
        self._changed()

    def _wanted(self) -> tuple[int, ...]:
        last_page = max(0, len(self.numbers) - 1) // PAGE_ROWS
        first = min(self._first // PAGE_ROWS, last_page)
        return tuple(range(first, min(self._last // PAGE_ROWS, last_page) + 1))

    def _missing(self) -> tuple[int, ...]:
        return tuple(
            page
            for page in self._wanted()
            if page not in self._pages or self._pages[page].asked != self._numbers_of(page)
        )

    def _numbers_of(self, page: int) -> tuple[int, ...]:
        return self.numbers[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
