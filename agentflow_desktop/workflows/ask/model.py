"""One question about files: the request, what its steps give, and the result."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from agentflow_desktop.core.routing import Badge, Route, StepTool, TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import FileState, Selection
from agentflow_desktop.llm.claims import (
    Answer,
    Finding,
    IssueResponse,
    PlannedQuestion,
    Review,
    StopReason,
)
from agentflow_desktop.llm.exchange import Exchange

KIND = "ask"
REQUEST_KIND = "ask.request"
FILES_KIND = "ask.files"
DRAFT_KIND = "ask.draft"
REVIEW_KIND = "ask.review"
QUESTIONS_KIND = "ask.questions"
FINDINGS_KIND = "ask.findings"
STEP_KIND = "ask.step"
NOTICE_KIND = "ask.notice"


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A task over a selection of files. ``context`` is extra text that the person typed.

    Also the body of REQUEST_KIND, which a run emits first, with absolute paths: what is needed
    to ask the same again.
    """

    task: str
    selection: Selection = Selection()
    context: str = ""
    task_kind: TaskKind = TaskKind.GENERAL
    tier: Tier | None = None  # an override; None routes by size
    check: VerificationMode | None = None  # what reviewers look for; None: as settings say
    use_cache: bool = True
    earlier: tuple[Exchange, ...] = ()  # what was asked before on these documents, oldest first


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the selection and what became of it. ``tokens`` is None if it was not read."""

    name: str
    state: FileState
    reason: str
    tokens: int | None
    byte_count: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class AskFiles:
    """Body of FILES_KIND: every file of the selection, read or not."""

    files: tuple[FileLine, ...]


@dataclass(frozen=True, slots=True)
class AskDraft:
    """Body of DRAFT_KIND: an answer of the planner, first or refined, with quotes checked."""

    answer: Answer
    iteration: int
    responses: tuple[IssueResponse, ...] = ()


@dataclass(frozen=True, slots=True)
class AskReview:
    """Body of REVIEW_KIND."""

    review: Review
    iteration: int


@dataclass(frozen=True, slots=True)
class AskQuestions:
    """Body of QUESTIONS_KIND: what the planner wants to be found out."""

    questions: tuple[PlannedQuestion, ...]


@dataclass(frozen=True, slots=True)
class AskStep:
    """Body of STEP_KIND: what a planner that names one step at a time wants done next.

    ``sub_goal``, ``context`` and ``reason`` are its words. ``refusal`` says why the step is not
    done.
    """

    number: int
    tool: StepTool
    sub_goal: str
    context: str = ""
    refusal: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskFindings:
    """Body of FINDINGS_KIND: what one call of the heavy model found, with quotes checked."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class AskNotice:
    """Body of NOTICE_KIND: a sentence that the person must see (a limit is near, a retry)."""

    message: str


@dataclass(frozen=True, slots=True)
class AskPlan:
    """What a run of a request would do. Spends nothing."""

    route: Route
    files: tuple[FileLine, ...]
    is_cached: bool  # a fresh kept result would answer
    limit_notice: str = ""  # a sentence if a spending limit stands in the way


@dataclass(frozen=True, slots=True)
class CachedFrom:
    """Where a cached result comes from: when it was made and what it cost then."""

    stored_at: datetime
    cost_usd: Decimal
    duration_s: float


@dataclass(frozen=True, slots=True)
class AskResult:
    """The answer with everything a reader needs to check it.

    ``cost_usd`` is what this run spent: 0 for a cached result, whose ``cached_from`` has the
    original cost. ``responses`` are the planner's to the last review.
    """

    task: str
    answer: Answer
    route: Route
    badges: tuple[Badge, ...]
    stop_reason: StopReason
    iterations: int
    files: tuple[FileLine, ...]
    review: Review | None
    responses: tuple[IssueResponse, ...]
    cost_usd: Decimal
    cached_from: CachedFrom | None = None
