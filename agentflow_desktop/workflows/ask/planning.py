"""From a request to a route: files surveyed, tokens counted, the cache key made.

Shared by the job and by the plan that is shown before it. Files whose content was read before
are not read again to answer from the cache.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from structlog import get_logger

from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.routing import Route, VerificationMode
from agentflow_desktop.core.settings import RoutingSettings, VerificationSettings, WorkflowSettings
from agentflow_desktop.documents.document import (
    Document,
    DocumentReader,
    FileReading,
    FileState,
    SurveyedFile,
)
from agentflow_desktop.llm.cache import CacheStore, cache_key
from agentflow_desktop.llm.earlier import recall
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.question import Question
from agentflow_desktop.llm.roles import Roles
from agentflow_desktop.llm.route_planner import RoutePlanner, TaskSize
from agentflow_desktop.llm.source_blocks import fence_tokens
from agentflow_desktop.workflows.ask.kept import KeptResult, read_kept
from agentflow_desktop.workflows.ask.last_readings import LastReadings
from agentflow_desktop.workflows.ask.model import AskPlan, AskRequest, FileLine

_log = get_logger(__name__)

ENGINE_VERSION = "4"
"""Changes whenever the same inputs could give another answer because our code did."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request on its way: ``readings`` is None while the files need not be read."""

    files: tuple[SurveyedFile, ...]
    readings: tuple[FileReading, ...] | None
    size: TaskSize
    key: str
    kept: KeptResult | None


class AskPreparation:
    """Prepares requests. Spends nothing."""

    def __init__(
        self,
        *,
        reader: DocumentReader,
        routes: RoutePlanner,
        roles: Roles,
        prompts: PromptLibrary,
        cache: CacheStore,
        verification: VerificationSettings,
        routing: RoutingSettings,
        workflow: WorkflowSettings,
    ) -> None:
        self._reader = reader
        self._routes = routes
        self._roles = roles
        self._prompts = prompts
        self._cache = cache
        self._verification = verification
        self._routing = routing
        self._workflow = workflow
        self._last = LastReadings()

    async def prepare(
        self,
        request: AskRequest,
        on_progress: Progress | None = None,
        *,
        is_plan: bool = False,
    ) -> Prepared:
        """Survey, size and key of a request, and the kept result if there is one.

        A plan's look into the cache is not counted as a hit or a miss.
        Raises InputRefused for an empty task, a missing path, or a tier that can't be run.
        """
        if not request.task.strip():
            raise InputRefused("The task is empty.", hint="Type what you want to know.")
        files = await self._reader.survey(request.selection)
        readable = [file for file in files if file.state is FileState.READ]
        readings: tuple[FileReading, ...] | None = None
        known = [file.raw_tokens for file in readable if file.raw_tokens is not None]
        if len(known) < len(readable):
            readings = await self._read(files, on_progress, is_plan=is_plan)
            known = [r.raw_tokens for r in readings if r.raw_tokens is not None]
        # For a thread, as all that goes through thousands of files.
        size = await asyncio.to_thread(self._estimate, request, readable, sum(known))
        if self._routes.needs_count(size):
            readings = readings or await self._read(files, on_progress, is_plan=is_plan)
            size = await self._routes.count(self.question(request, readings), size)
        self._routes.tier(size, request.tier)  # refuses here what no window takes
        key = await asyncio.to_thread(self._key, request, files)
        kept = await self._kept(key, is_plan=is_plan) if request.use_cache else None
        return Prepared(files, readings, size, key, kept)

    def _estimate(
        self, request: AskRequest, readable: list[SurveyedFile], raw_tokens: int
    ) -> TaskSize:
        fences = sum(fence_tokens(file.name) for file in readable)
        return self._routes.estimate(self.question(request, ()).typed_raw, raw_tokens + fences)

    async def _kept(self, key: str, *, is_plan: bool) -> KeptResult | None:
        """The kept result; a cache that can't be read only means that the models are asked."""
        look_up = self._cache.peek if is_plan else self._cache.get
        try:
            entry = await look_up(key)
            return read_kept(entry) if entry is not None else None
        except StorageError as error:
            _log.error("cache_not_readable", error=error.message, detail=error.detail)
        except ValueError as error:
            _log.warning("kept_result_of_another_form", key=key, error=type(error).__name__)
        return None

    async def read(
        self, files: tuple[SurveyedFile, ...], on_progress: Progress | None = None
    ) -> tuple[FileReading, ...]:
        """Every file of a survey, read."""
        return tuple([reading async for reading in self._reader.read(files, on_progress)])

    async def _read(
        self,
        files: tuple[SurveyedFile, ...],
        on_progress: Progress | None = None,
        *,
        is_plan: bool,
    ) -> tuple[FileReading, ...]:
        """As ``read``. A plan may rest on what the plan before it read; a run reads anew."""
        readings = self._last.of(files) if is_plan else None
        if readings is None:
            readings = await self.read(files, on_progress)
            if is_plan:
                self._last.keep(files, readings)
        return readings

    async def plan(self, request: AskRequest) -> AskPlan:
        """What a run of the request would do, for showing it first."""
        prepared = await self.prepare(request, is_plan=True)
        if prepared.kept is not None:
            return AskPlan(
                self.kept_route(request, prepared), lines_of(prepared.files), is_cached=True
            )
        readings = prepared.readings or await self._read(prepared.files, is_plan=True)
        return await asyncio.to_thread(
            lambda: AskPlan(
                self.route(request, prepared, readings),
                lines_of_readings(readings),
                is_cached=False,
            )
        )

    def route(
        self, request: AskRequest, prepared: Prepared, readings: tuple[FileReading, ...]
    ) -> Route:
        """The route with its prices. Raises as ``RoutePlanner.plan`` does. Takes time with the
        size: for a thread."""
        return self._routes.plan(self.question(request, readings), prepared.size, request.tier)

    def question(self, request: AskRequest, readings: tuple[FileReading, ...]) -> Question:
        """The request with its documents."""
        return Question(
            request.task,
            request.context,
            request.task_kind,
            documents_of(readings),
            self._check(request),
            recall(request.earlier).text,
        )

    def _check(self, request: AskRequest) -> VerificationMode:
        return request.check or self._verification.mode

    def kept_route(self, request: AskRequest, prepared: Prepared) -> Route:
        """The route of a request that a kept result answers: no call at all."""
        size = prepared.size
        return Route(
            self._routes.tier(size, request.tier),
            "a kept result answers, no model is asked",
            size.tokens,
            size.is_exact,
            (),
            (),
            request.tier is not None,
        )

    def _key(self, request: AskRequest, files: tuple[SurveyedFile, ...]) -> str:
        """The key over everything that could change the answer.

        A tier by size is named by the thresholds: the size itself is an estimate that is learnt
        from every call, and must not make the same question another one.
        """
        seats = (self._roles.planner.profile, self._roles.heavy.profile)
        return cache_key(
            {
                "task": request.task,
                "context": request.context,
                "earlier": [[asked.question, asked.answer] for asked in request.earlier],
                "kind": request.task_kind.value,
                "tier": request.tier.value if request.tier else "by size",
                "files": [
                    [file.name, file.digest] for file in files if file.state is FileState.READ
                ],
                "models": [[p.provider.value, p.base_url, p.model] for p in seats],
                "formats": [p.planner_format.value for p in seats],
                "limits": [[p.window_tokens, p.max_output_tokens, p.sends_schema] for p in seats],
                "sampling": [
                    [p.sends_temperature, p.thinking_level, p.thinking_budget] for p in seats
                ],
                "prompts": self._prompts.digest(),
                "verification": self._verification.model_dump(mode="json", exclude={"mode"}),
                "check": self._check(request).value,
                "routing": self._routing.model_dump(mode="json"),
                "reader": self._reader.version,
                "pages": self._workflow.max_pdf_pages,  # a longer PDF is left out
                "engine": ENGINE_VERSION,
            }
        )


def documents_of(readings: tuple[FileReading, ...]) -> tuple[Document, ...]:
    """The documents that came about."""
    return tuple(reading.document for reading in readings if reading.document is not None)


def lines_of_readings(readings: tuple[FileReading, ...]) -> tuple[FileLine, ...]:
    """One line a file, after reading."""
    return tuple(
        FileLine(
            name=reading.file.name,
            state=reading.state,
            reason=reading.reason or " ".join(reading.document.notes if reading.document else ()),
            tokens=reading.raw_tokens,
            byte_count=reading.file.byte_count,
            digest=reading.file.digest,
        )
        for reading in readings
    )


def lines_of(files: tuple[SurveyedFile, ...]) -> tuple[FileLine, ...]:
    """One line a file, from the survey alone."""
    return tuple(
        FileLine(file.name, file.state, file.reason, file.raw_tokens, file.byte_count, file.digest)
        for file in files
    )
