"""The part of the door that is about earlier runs: find, read, mark, delete, ask again."""

from collections.abc import Sequence
from typing import Protocol

from agentflow_desktop.app.jobs import run_facts
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.history import EVERY_RUN, HistoryCounts, RunFilter, RunHistory
from agentflow_desktop.core.runs import RunStore, RunSummary
from agentflow_desktop.workflows.ask.follow_up import kept_request
from agentflow_desktop.workflows.ask.model import KIND, AskRequest


class Sweeper(Protocol):
    """The part of the ledger that takes money back from dead processes."""

    async def sweep(self) -> int: ...


class HistoryQueries:
    """Earlier runs. A run may be named by the beginning of its id wherever one is asked for."""

    def __init__(self, history: RunHistory, store: RunStore, ledger: Sweeper) -> None:
        self._history = history
        self._store = store
        self._ledger = ledger

    async def runs(
        self, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> Sequence[RunSummary]:
        """Runs that are wanted, newest first; ``before`` names the run to page from."""
        if before is not None:
            before = (await self._history.find(before)).run_id
        return await self._history.runs(wanted, limit=limit, before=before)

    async def numbers(self, wanted: RunFilter) -> tuple[int, ...]:
        """The whole list as numbers, newest first, of which any part can be read at once."""
        return await self._history.numbers(wanted)

    async def numbered(self, numbers: Sequence[int]) -> Sequence[RunSummary]:
        """These runs, newest first, without those that are gone."""
        return await self._history.numbered(numbers)

    async def counts(self, wanted: RunFilter) -> HistoryCounts:
        """How many runs each further choice would leave."""
        return await self._history.counts(wanted)

    async def search_notice(self) -> str:
        """A sentence if searching is slower here than it should be, else empty."""
        return await self._history.search_notice()

    async def run_events(self, run: str) -> tuple[RunSummary, Sequence[RunEvent]]:
        """A run and its stored events. Raises InputRefused unless exactly one run begins so."""
        summary = await self._history.find(run)
        return summary, await self._history.events(summary.run_id)

    def outcome(self, events: Sequence[RunEvent]) -> str:
        """What came of a run of any kind, as lists and search know it; empty if nothing did."""
        told = (run_facts(event).answer for event in reversed(events))
        return next(filter(None, told), "")

    async def request(self, run: str) -> AskRequest:
        """What was asked, to ask it again. Raises InputRefused for a run that did not keep it."""
        summary, events = await self.run_events(run)
        request = kept_request(events)
        if summary.kind != KIND:
            raise InputRefused(
                f"The run {summary.run_id} was no question.",
                hint="Give its own command again: agentflow --help lists them.",
            )
        if request is None:
            raise InputRefused(
                f"The run {summary.run_id} does not say which files it was about: it is of a "
                "version that did not keep that.",
                hint="Ask the question anew and choose its files.",
            )
        return request

    async def rate(self, run: str, is_useful: bool | None, note: str | None = None) -> RunSummary:
        """Say whether the run was of use, or None to take that back; gives the run as it is now.

        Without a note the one that was kept stays.
        """
        summary = await self._history.find(run)
        kept = summary.note if note is None else note
        await self._history.rate(summary.run_id, is_useful=is_useful, note=kept)
        return await self._history.find(summary.run_id)

    async def delete(self, runs: Sequence[str]) -> Sequence[RunSummary]:
        """Take ended runs out of the history, until ``undelete`` or for good after a while.

        Gives them. Raises InputRefused, changing nothing, if one goes on. What was spent stays
        accounted for.
        """
        found = await self._find_each(runs)
        await self._history.delete([summary.run_id for summary in found])
        return found

    async def undelete(self, runs: Sequence[str]) -> Sequence[RunSummary]:
        """Bring deleted runs back; gives them. Raises InputRefused for one that is not deleted."""
        found = await self._find_each(runs)
        await self._history.undelete([summary.run_id for summary in found])
        return found

    async def refresh(self) -> int:
        """Tidy up behind processes that died and deletions whose time is over.

        Gives a number that differs from the last one if lists have to be read again.
        """
        if await self._store.mark_interrupted():
            await self._ledger.sweep()
        await self._history.purge()
        return await self._history.revision()

    async def _find_each(self, runs: Sequence[str]) -> Sequence[RunSummary]:
        """The runs that are named, each once however often it is named."""
        found = [await self._history.find(run) for run in runs]
        return list({summary.run_id: summary for summary in found}.values())
