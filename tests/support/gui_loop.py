"""Qt and asyncio on one loop for a test, and a small program behind the doors of the window."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from agentflow_desktop.app.draft_queries import DraftQueries
from agentflow_desktop.app.runs import RunManager
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.events import (
    CostRecorded,
    RouteChosen,
    RunEvent,
    RunStarted,
    StepOutput,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import PlannedCall, Role, Route, Tier
from agentflow_desktop.core.runs import RunContext, RunSummary
from agentflow_desktop.core.runs import RunState as StoredState
from agentflow_desktop.desktop.garbage import garbage_collected_here
from agentflow_desktop.documents.document import (
    Document,
    FileReading,
    FileState,
    MediaKind,
    Selection,
    SurveyedFile,
)
from agentflow_desktop.documents.page_image import PageImage
from agentflow_desktop.llm.claims import (
    Answer,
    Claim,
    Issue,
    Review,
    Severity,
    StopReason,
    Verdict,
)
from agentflow_desktop.workflows.ask.drafts import DraftRow
from agentflow_desktop.workflows.ask.model import (
    DRAFT_KIND,
    FILES_KIND,
    KIND,
    NOTICE_KIND,
    REQUEST_KIND,
    REVIEW_KIND,
    AskDraft,
    AskFiles,
    AskNotice,
    AskPlan,
    AskRequest,
    AskResult,
    AskReview,
    FileLine,
)

TEXT = "Cell data\n\nThe charge current is at most 0.5C.\nThe fuse blows at 15 A.\n"
FOUND = Evidence(
    "cell.md", "d1", "The charge current is at most 0.5C.", QuoteState.EXACT,
    None, 3, 3, 11, 46,
)  # fmt: skip
LOST = Evidence("cell.md", "d1", "The cell melts at 40 °C.", QuoteState.NOT_FOUND)
ANSWER = Answer(
    "At most 0.5C",
    (
        Claim("C1", "The cell takes at most **0.5C**.", (FOUND,)),
        Claim("C2", "It melts at 40 °C.", (), (LOST,)),
    ),
)
REVIEW = Review(Verdict.REVISE, (Issue("I1", Severity.HIGH, "C2", "Nothing says so.", FOUND),))
ROUTE = Route(
    Tier.SMALL, "40 tokens are under 8,000", 40, False,
    (
        PlannedCall(
            Role.PLANNER, "proposes", "planner", 40, 500, Decimal("0.01"), Decimal("0.02"), True
        ),
    ),
    (),
)  # fmt: skip
FILES = (
    FileLine("cell.md", FileState.READ, "", 22, 80, "d1"),
    FileLine("locked.pdf", FileState.FAILED, "The file is encrypted.", None, 900),
)
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def run_with_loop(app: QApplication, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's coroutine on Qt's loop; what the loop's handler is told fails the test."""
    problems: list[str] = []

    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: problems.append(str(context))
        )
        async with asyncio.timeout(20):
            await work()

    with (
        garbage_collected_here(),
        asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner,
    ):
        runner.run(whole())
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not problems


async def until(is_so: Callable[[], bool]) -> None:
    """Let the loop turn until it is so; the test's own time limit ends a wait in vain."""
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


class KeptEvents:
    """A run store in memory. ``interrupted`` names runs whose process is said to be gone."""

    def __init__(self) -> None:
        self.events: list[RunEvent] = []
        self.interrupted: set[str] = set()

    async def append(self, event: RunEvent) -> None:
        self.events.append(event)

    async def run_cost(self, _run_id: str) -> Decimal:
        costs = [e.cost_usd for e in self.events if isinstance(e, CostRecorded)]
        return sum(costs, ZERO_USD)

    def stored(self, run_id: str) -> tuple[RunSummary, Sequence[RunEvent]]:
        found = [event for event in self.events if event.run_id == run_id]
        if not found or not isinstance(found[0], RunStarted):
            raise InputRefused(f"There is no run {run_id}.", hint="Look into the history.")
        first, last = found[0], found[-1]
        state = {
            "run_succeeded": StoredState.SUCCEEDED,
            "run_failed": StoredState.FAILED,
            "run_cancelled": StoredState.CANCELLED,
        }.get(last.type, StoredState.RUNNING)
        if run_id in self.interrupted:
            state = StoredState.INTERRUPTED
        return RunSummary(run_id, first.kind, first.title, state, first.at, None, ZERO_USD), found


class KeptDrafts:
    """A draft store in memory. ``error`` is raised by the next change."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        self.changes = 0
        self.error: StorageError | None = None

    async def rows(self) -> Sequence[DraftRow]:
        return [DraftRow(key, self.bodies[key]) for key in sorted(self.bodies)]

    async def change(self, kept: Sequence[DraftRow], dropped: Sequence[str]) -> None:
        if self.error is not None:
            raise self.error
        self.changes += 1
        self.bodies |= {row.draft_id: row.body for row in kept}
        for key in dropped:
            self.bodies.pop(key, None)


@dataclass
class SmallAskJob:
    """Emits the events of a run with one draft and one review. ``gate`` holds it after the draft
    has streamed; ``error`` ends it."""

    gate: asyncio.Event | None = None
    error: Exception | None = None
    notice: str = ""
    pieces: Sequence[str] = ("The cell takes ", "at most **0.5C**.\n\n", "It melts at 40 °C.")
    kind: str = KIND
    requests: list[AskRequest] = field(default_factory=list[AskRequest])

    def title(self, request: AskRequest) -> str:
        return request.task

    async def run(self, request: AskRequest, context: RunContext) -> AskResult:
        self.requests.append(request)
        emit, named = context.emit, {"run_id": context.run_id, "at": context.clock.now()}
        await emit(StepOutput(**named, step_id="", kind=REQUEST_KIND, body=request))
        await emit(StepStarted(**named, step_id="s1", title="Reading the files"))
        await emit(StepOutput(**named, step_id="s1", kind=FILES_KIND, body=AskFiles(FILES)))
        await emit(RouteChosen(**named, route=ROUTE))
        await emit(
            StepStarted(
                **named, step_id="s2", title="Planner proposes", role=Role.PLANNER, model="planner"
            )
        )
        for piece in self.pieces:
            context.publish(TextDelta(**named, step_id="s2", text=piece))
        if self.notice:
            body = AskNotice(self.notice)
            await emit(StepOutput(**named, step_id="s2", kind=NOTICE_KIND, body=body))
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        await emit(
            CostRecorded(
                **named, step_id="s2", attempt_id="a1", model="planner", served_model="planner",
                input_tokens=40, output_tokens=12, cost_usd=Decimal("0.01"), is_estimated=False,
            )
        )  # fmt: skip
        await emit(StepOutput(**named, step_id="s2", kind=DRAFT_KIND, body=AskDraft(ANSWER, 0)))
        await emit(
            StepStarted(
                **named, step_id="s3", title="Heavy model verifies", role=Role.HEAVY, model="heavy"
            )
        )
        await emit(StepOutput(**named, step_id="s3", kind=REVIEW_KIND, body=AskReview(REVIEW, 0)))
        return AskResult(
            request.task, ANSWER, ROUTE, (), StopReason.MAX_ITERATIONS, 1, FILES, REVIEW, (),
            Decimal("0.01"),
        )  # fmt: skip


def small_runs(job: SmallAskJob, store: KeptEvents | None = None) -> RunManager:
    """A real RunManager over the job."""
    store = store or KeptEvents()
    return RunManager({AskRequest: job}, store, store, SystemClock(), 4)  # type: ignore[arg-type]


@dataclass
class SmallQueries:
    """Plans and reads as told. ``plan_error`` and ``texts`` may change between questions."""

    plan_error: Exception | None = None
    route: Route = ROUTE
    digest: str = "d1"
    text: str = TEXT
    planned: list[AskRequest] = field(default_factory=list[AskRequest])
    before_plan: Callable[[], Awaitable[None]] | None = None
    before_events: Callable[[], Awaitable[object]] | None = None
    before_text: Callable[[], Awaitable[object]] | None = None
    stored: KeptEvents = field(default_factory=KeptEvents)
    kept_drafts: KeptDrafts = field(default_factory=KeptDrafts)
    written: list[tuple[str, Path]] = field(default_factory=list[tuple[str, Path]])
    write_error: StorageError | None = None
    ratings: dict[str, bool | None] = field(default_factory=dict[str, bool | None])

    @property
    def drafts(self) -> DraftQueries:
        return DraftQueries(self.kept_drafts)

    @property
    def reports(self) -> Self:
        return self

    async def write(self, run_id_prefix: str, path: Path, *, may_replace: bool) -> bool:
        if self.write_error is not None:
            raise self.write_error
        self.written.append((run_id_prefix, path))
        return False

    @property
    def history(self) -> Self:
        return self

    async def run_events(self, run: str) -> tuple[RunSummary, Sequence[RunEvent]]:
        if self.before_events is not None:
            await self.before_events()
        summary, events = self.stored.stored(run)
        return replace(summary, is_useful=self.ratings.get(run)), events

    async def rate(self, run: str, is_useful: bool | None) -> RunSummary:
        self.ratings[run] = is_useful
        return (await self.run_events(run))[0]

    @property
    def sources(self) -> Self:
        return self

    async def plan_ask(self, request: AskRequest) -> AskPlan:
        self.planned.append(request)
        if self.before_plan is not None:
            await self.before_plan()
        if self.plan_error is not None:
            raise self.plan_error
        return AskPlan(self.route, FILES, is_cached=False)

    async def page_image(
        self,
        selection: Selection,
        name: str,
        page: int,
        quote_span: tuple[int, int] | None,
        width_px: int,
    ) -> PageImage:
        raise InputRefused(f"{name} has no pages.")

    async def source_text(self, selection: Selection, name: str) -> FileReading:
        if self.before_text is not None:
            await self.before_text()
        survey = SurveyedFile(Path(name), name, FileState.READ, len(self.text), self.digest)
        document = Document(name=name, digest=self.digest, media=MediaKind.MARKDOWN, text=self.text)
        return FileReading(survey, FileState.READ, document)
