"""The job: prepare, answer from what was kept, or ask the models, and keep the result."""

import asyncio
from dataclasses import replace

from agentflow_desktop.core.clock import Clock
from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.core.events import RouteChosen, StepOutput, StepProgress, StepStarted
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import Badge
from agentflow_desktop.core.runs import RunContext
from agentflow_desktop.core.settings import CachingSettings
from agentflow_desktop.llm.cache import CacheEntry, CacheStore, is_worth_keeping
from agentflow_desktop.llm.calls import CallPurpose
from agentflow_desktop.llm.claims import StopReason
from agentflow_desktop.llm.context_caches import ContextCaching
from agentflow_desktop.llm.earlier import recall
from agentflow_desktop.llm.orchestrator import Orchestrator
from agentflow_desktop.workflows.ask.kept import KeptResult, kept_form
from agentflow_desktop.workflows.ask.model import (
    FILES_KIND,
    KIND,
    REQUEST_KIND,
    AskFiles,
    AskRequest,
    AskResult,
    CachedFrom,
)
from agentflow_desktop.workflows.ask.planning import (
    AskPreparation,
    Prepared,
    lines_of,
    lines_of_readings,
)
from agentflow_desktop.workflows.ask.watcher import EventWatcher

_TITLE_CHARACTERS = 80
_PASSING = frozenset(
    {StopReason.BUDGET, StopReason.TIME, StopReason.REVIEW_FAILED, StopReason.REFINE_FAILED}
)
"""Reasons that may be gone the next time: such a result is not kept."""


class AskJob:
    """Answers one question about files."""

    kind = KIND

    def __init__(
        self,
        *,
        preparation: AskPreparation,
        orchestrator: Orchestrator,
        context_caching: ContextCaching,
        cache: CacheStore,
        caching: CachingSettings,
        clock: Clock,
    ) -> None:
        self._preparation = preparation
        self._orchestrator = orchestrator
        self._context_caching = context_caching
        self._cache = cache
        self._caching = caching
        self._clock = clock
        self._in_flight: dict[str, asyncio.Future[KeptResult | None]] = {}

    def title(self, request: AskRequest) -> str:
        """The first line of the task, cut to a list's width."""
        line = (request.task.strip().splitlines() or [""])[0]
        return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1] + "…"

    async def run(self, request: AskRequest, context: RunContext) -> AskResult:
        """The answer. Raises as ``AskPreparation.prepare`` and ``Orchestrator.answer`` do."""
        await self._keep_request(request, context)
        prepared = await self._prepare(request, context)
        if prepared.kept is not None:
            return await self._answer_from(prepared.kept, request, prepared, context)
        if not request.use_cache:
            return await self._ask(request, prepared, context)
        return await self._ask_once(request, prepared, context)

    async def _keep_request(self, request: AskRequest, context: RunContext) -> None:
        """Emit what was asked, so that the run can be opened and asked again from history."""
        await context.emit(
            StepOutput(
                run_id=context.run_id,
                at=context.clock.now(),
                step_id="",
                kind=REQUEST_KIND,
                body=replace(request, selection=request.selection.absolute()),
            )
        )

    async def _prepare(self, request: AskRequest, context: RunContext) -> Prepared:
        step_id = new_id("step")
        await context.emit(
            StepStarted(
                run_id=context.run_id,
                at=context.clock.now(),
                step_id=step_id,
                title="Reading the files",
            )
        )

        def note_progress(done: int, total: int) -> None:
            context.publish(
                StepProgress(
                    run_id=context.run_id,
                    at=context.clock.now(),
                    step_id=step_id,
                    done=done,
                    total=total,
                    unit="files",
                )
            )

        prepared = await self._preparation.prepare(request, note_progress)
        if prepared.kept is None and prepared.readings is None:
            readings = await self._preparation.read(prepared.files, note_progress)
            prepared = replace(prepared, readings=readings)
        await context.emit(
            StepOutput(
                run_id=context.run_id,
                at=context.clock.now(),
                step_id=step_id,
                kind=FILES_KIND,
                body=AskFiles(
                    lines_of_readings(prepared.readings)
                    if prepared.readings is not None
                    else lines_of(prepared.files)
                ),
            )
        )
        return prepared

    async def _ask_once(
        self, request: AskRequest, prepared: Prepared, context: RunContext
    ) -> AskResult:
        """Ask, or wait for an equal request that is being asked and take its result."""
        while (running := self._in_flight.get(prepared.key)) is not None:
            kept = await asyncio.shield(running)
            if kept is not None:
                return await self._answer_from(kept, request, prepared, context)
        mine: asyncio.Future[KeptResult | None] = asyncio.get_running_loop().create_future()
        self._in_flight[prepared.key] = mine
        kept = None
        try:
            started_s = self._clock.monotonic_s()
            result = await self._ask(request, prepared, context)
            entry = self._entry(request, result, prepared, self._clock.monotonic_s() - started_s)
            kept = KeptResult(entry, result)
            if not any(reading.is_passing for reading in prepared.readings or ()):
                await self._keep(kept, context)
            return result
        finally:
            del self._in_flight[prepared.key]
            mine.set_result(kept)

    async def _ask(self, request: AskRequest, prepared: Prepared, context: RunContext) -> AskResult:
        readings = prepared.readings or ()
        route = await asyncio.to_thread(self._preparation.route, request, prepared, readings)
        await context.emit(RouteChosen(run_id=context.run_id, at=context.clock.now(), route=route))
        watcher = EventWatcher(context)
        notice = recall(request.earlier).notice
        if notice:
            await watcher.show_notice(notice)
        purpose = CallPurpose(context.run_id, KIND, request.task_kind)
        question = self._preparation.question(request, readings)
        async with self._context_caching.opened(route.context_caches, purpose) as cached:
            outcome = await self._orchestrator.answer(question, route.tier, cached, watcher)
        return AskResult(
            task=request.task,
            answer=outcome.answer,
            route=route,
            badges=watcher.badges(outcome.badges),
            stop_reason=outcome.stop_reason,
            iterations=outcome.iterations,
            files=lines_of_readings(readings),
            review=outcome.review,
            responses=outcome.responses,
            cost_usd=watcher.cost_usd,
        )

    async def _keep(self, kept: KeptResult, context: RunContext) -> None:
        """Keep a result that is worth it. Failing to keep it loses nothing else."""
        entry = kept.entry
        worth = is_worth_keeping(
            self._caching,
            files=len(entry.files),
            tokens=entry.tokens,
            cost_usd=entry.cost_usd,
        )
        result = kept.result
        if not worth or result.stop_reason in _PASSING or result.answer.has_gaps:
            return
        if Badge.FALLBACK in result.badges:  # the key names the models of the roles
            return
        try:
            await self._cache.put(entry)
        except StorageError as error:
            await EventWatcher(context).show_notice(
                f"The result could not be kept for next time: {error.message}"
            )

    def _entry(
        self, request: AskRequest, result: AskResult, prepared: Prepared, duration_s: float
    ) -> CacheEntry:
        return CacheEntry(
            key=prepared.key,
            kind=KIND,
            title=self.title(request),
            body=kept_form(result),
            stored_at=self._clock.now(),
            cost_usd=result.cost_usd,
            duration_s=duration_s,
            tokens=result.route.tokens,
            files=tuple(line.name for line in result.files if line.tokens is not None),
        )

    async def _answer_from(
        self, kept: KeptResult, request: AskRequest, prepared: Prepared, context: RunContext
    ) -> AskResult:
        """The kept result, as one that cost nothing now and says what it cost then."""
        entry = kept.entry
        route = self._preparation.kept_route(request, prepared)
        await context.emit(RouteChosen(run_id=context.run_id, at=context.clock.now(), route=route))
        return replace(
            kept.result,
            route=route,
            cost_usd=ZERO_USD,
            cached_from=CachedFrom(entry.stored_at, entry.cost_usd, entry.duration_s),
        )
