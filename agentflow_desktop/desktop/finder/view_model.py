"""What Ctrl K offers: things to do and runs to open, best match first. Plain Python, no Qt."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.history import RunFilter
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.view_model import Spawn, ViewModel

DEBOUNCE_S = 0.12
_RUNS_SHOWN = 8


class Offered(Protocol):
    """A command, as far as it is offered here."""

    @property
    def words(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def shown_keys(self) -> str: ...
    @property
    def is_possible(self) -> Callable[[], bool]: ...
    def do(self) -> None: ...


class RunSearch(Protocol):
    async def runs(self, wanted: RunFilter, *, limit: int) -> Sequence[RunSummary]: ...


class EntryKind(StrEnum):
    COMMAND = "command"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. ``subject``: a run's id, or the command's place in the offer."""

    kind: EntryKind
    words: str
    icon: str
    note: str
    subject: str


@dataclass(frozen=True, slots=True)
class FinderState:
    """``problem`` is a sentence if the history could not be searched."""

    text: str = ""
    entries: tuple[Entry, ...] = ()
    at: int = 0
    problem: str = ""


class FinderModel(ViewModel[FinderState]):
    """Matches what is typed. ``offered`` gives the commands of the moment."""

    def __init__(
        self,
        spawn: Spawn,
        debounce_s: float = DEBOUNCE_S,
    ) -> None:
        super().__init__(FinderState())
        self._spawn = spawn
        self._debounce_s = debounce_s
        self._search: RunSearch | None = None
        self._commands: tuple[Offered, ...] = ()
        self._runs: tuple[Entry, ...] = ()
        self._searching: asyncio.Task[Any] | None = None

    def connect(self, search: RunSearch) -> None:
        self._search = search

    def disconnect(self) -> None:
        self._stop_searching()
        self._search = None

    def open(self, commands: Sequence[Offered]) -> None:
        """Begin anew with these commands."""
        self._commands = tuple(command for command in commands if command.is_possible())
        self._runs = ()
        self.set_text("")

    def set_text(self, text: str) -> None:
        """Match the text; the history answers a moment later."""
        self._stop_searching()
        self._runs = () if not text.strip() else self._runs
        self._change(text=text, at=0, problem="")
        self._show()
        if self._search is not None:
            self._searching = self._spawn(self._find_runs(self._search, text.strip()))

    def move(self, step: int) -> None:
        """Go up or down the list, around its ends."""
        count = len(self.state.entries)
        if count:
            self._change(at=(self.state.at + step) % count)

    def choose(self, at: int | None = None) -> str | None:
        """Do the command at the place, or give the id of the run that stands there."""
        place = self.state.at if at is None else at
        if not 0 <= place < len(self.state.entries):
            return None
        entry = self.state.entries[place]
        if entry.kind is EntryKind.RUN:
            return entry.subject
        self._commands[int(entry.subject)].do()
        return None

    async def _find_runs(self, search: RunSearch, text: str) -> None:
        await asyncio.sleep(self._debounce_s)
        try:
            found = await search.runs(RunFilter(text=text), limit=_RUNS_SHOWN)
        except AgentFlowError as error:
            self._change(problem=error.message)
            return
        self._runs = tuple(
            Entry(EntryKind.RUN, run.title, "clock-counter-clockwise", run.state.value, run.run_id)
            for run in found
        )
        self._show()

    def _show(self) -> None:
        words = self.state.text.casefold().split()
        matched = [
            (rank, number)
            for number, command in enumerate(self._commands)
            if (rank := _rank(command.words.casefold(), words)) is not None
        ]
        commands = tuple(
            Entry(
                EntryKind.COMMAND,
                self._commands[number].words,
                self._commands[number].icon or "caret-right",
                self._commands[number].shown_keys,
                str(number),
            )
            for _, number in sorted(matched)
        )
        entries = (*commands, *self._runs)
        self._change(entries=entries, at=min(self.state.at, max(0, len(entries) - 1)))

    def _stop_searching(self) -> None:
        if self._searching is not None:
            self._searching.cancel()
            self._searching = None


def _rank(text: str, words: Sequence[str]) -> int | None:
    """How well all words are found, 0 best; None if one is not in the text."""
    if any(word not in text for word in words):
        return None
    starts = [f" {text}".find(f" {word}") for word in words]
    return sum(0 if start == 0 else 1 if start > 0 else 2 for start in starts)
