"""All that one task's panes show, as plain data."""

from dataclasses import dataclass
from enum import StrEnum

from agentflow_desktop.core.evidence import Evidence
from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.desktop.screens.tasks.run_state import RunState
from agentflow_desktop.desktop.screens.tasks.source_excerpt import Excerpt
from agentflow_desktop.documents.page_image import PageImage
from agentflow_desktop.workflows.ask.model import AskPlan, AskRequest

NOTHING_ASKED = AskRequest(task="")


class PlanPhase(StrEnum):
    EMPTY = "empty"  # nothing to plan yet
    PLANNING = "planning"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlanState:
    """The route and price of what is typed. While planning, ``plan`` is the one before."""

    phase: PlanPhase = PlanPhase.EMPTY
    plan: AskPlan | None = None
    problem: Problem | None = None


class EvidencePhase(StrEnum):
    NONE = "none"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PageState:
    """A page that can be drawn, of ``count``. While another is drawn, ``image`` is the one
    before; it is None until the first is there."""

    number: int
    count: int
    image: PageImage | None = None
    is_drawing: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class EvidenceState:
    """The quote that is looked at. ``is_changed``: the file is not the one that was quoted.

    ``page`` is None for files without pages to draw; ``shows_page`` is what the person wants to
    see of those that have them.
    """

    phase: EvidencePhase = EvidencePhase.NONE
    evidence: Evidence | None = None
    number: int | None = None
    excerpt: Excerpt | None = None
    page: PageState | None = None
    shows_page: bool = True
    is_changed: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Reopening:
    """A run that is fetched from the history, ``with_request`` with what was asked.

    ``problem`` is why that was not possible.
    """

    run_id: str
    with_request: bool
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One task."""

    request: AskRequest = NOTHING_ASKED
    plan: PlanState = PlanState()
    run: RunState | None = None
    evidence: EvidenceState = EvidenceState()
    is_open: bool = False
    is_run_awaited: bool = False  # Run was asked before the price was known
    reopening: Reopening | None = None
    is_elsewhere: bool = False  # the run goes on in another process, which alone can stop it
    follow_up: str = ""  # typed as the next question on the same documents
    is_useful: bool | None = None  # what the person said of the run
    told: str = ""  # where the report was written
    aside: Problem | None = None  # why a word or a report could not be kept

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.is_running

    @property
    def can_run(self) -> bool:
        has_task = bool(self.request.task.strip())
        plannable = self.plan.phase in (PlanPhase.PLANNING, PlanPhase.READY)
        return self.is_open and has_task and plannable and not self.is_running

    @property
    def can_follow_up(self) -> bool:
        """There is an answer to ask further about, and something is asked."""
        has_result = self.run is not None and self.run.result is not None
        return self.is_open and has_result and bool(self.follow_up.strip())

    @property
    def is_untouched(self) -> bool:
        """Nothing was typed, chosen or run here."""
        return self.run is None and self.reopening is None and self.request == NOTHING_ASKED
