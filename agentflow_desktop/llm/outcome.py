"""What the one who asked sees of a tier's work, step by step, and what it gives in the end."""

from dataclasses import dataclass
from typing import Protocol

from agentflow_desktop.core.routing import Badge, Role
from agentflow_desktop.llm.calls import CallObserver
from agentflow_desktop.llm.claims import (
    Answer,
    Finding,
    IssueResponse,
    PlannedQuestion,
    Review,
    StopReason,
)
from agentflow_desktop.llm.step_format import ChosenStep


class StepWatcher(CallObserver, Protocol):
    """Follows one step: what its call shows, and what code made of the reply."""

    async def show_draft(
        self, answer: Answer, iteration: int, responses: tuple[IssueResponse, ...]
    ) -> None: ...

    async def show_review(self, review: Review, iteration: int) -> None: ...

    async def show_questions(self, questions: tuple[PlannedQuestion, ...]) -> None: ...

    async def show_step(self, step: ChosenStep, number: int, refusal: str) -> None:
        """The planner named a step; ``refusal`` says why it is not done, empty if it is."""
        ...

    async def show_findings(self, findings: tuple[Finding, ...]) -> None: ...


class Watcher(Protocol):
    """Begins the steps. Several may go on at once."""

    async def begin_step(self, title: str, role: Role | None, model: str) -> StepWatcher:
        """A model is about to be asked, or code to work (``role`` None); what the call shows goes
        to the step."""
        ...

    async def show_notice(self, message: str) -> None:
        """A sentence that the person must see."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer that stands at the end, and why the work ended there."""

    answer: Answer
    review: Review | None
    responses: tuple[IssueResponse, ...]
    stop_reason: StopReason
    iterations: int
    badges: tuple[Badge, ...]
