"""Turns what the orchestrator shows into the run's events."""

from decimal import Decimal

from agentflow_desktop.core.events import (
    CostRecorded,
    StepOutput,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import Badge, Role
from agentflow_desktop.core.runs import RunContext
from agentflow_desktop.llm.caller import AttemptRecord
from agentflow_desktop.llm.claims import Answer, IssueResponse, Review
from agentflow_desktop.llm.structured import PartialText
from agentflow_desktop.workflows.ask.model import (
    DRAFT_KIND,
    NOTICE_KIND,
    REVIEW_KIND,
    AskDraft,
    AskNotice,
    AskReview,
)


class StepObserver:
    """Follows one call: its readable text, its attempts, its notices."""

    def __init__(self, watcher: "EventWatcher", step_id: str) -> None:
        self._watcher = watcher
        self._step_id = step_id
        self._text = PartialText()

    async def on_text(self, text: str) -> None:
        visible = self._text.feed(text)
        if visible:
            self._watcher.publish_text(self._step_id, visible)

    async def on_restart(self, reason: str) -> None:
        self._text = PartialText()
        self._watcher.publish_text(self._step_id, "", restart=True)

    async def on_attempt(self, record: AttemptRecord) -> None:
        await self._watcher.record(self._step_id, record)

    async def on_notice(self, message: str) -> None:
        await self._watcher.show_notice(message)


class EventWatcher:
    """Emits the events of a run's model steps and keeps their sums and badges."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._step_id = ""
        self.cost_usd: Decimal = ZERO_USD
        self.badges: tuple[Badge, ...] = ()

    async def begin_step(self, title: str, role: Role, model: str) -> StepObserver:
        self._step_id = new_id("step")
        await self._context.emit(
            StepStarted(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=self._step_id,
                title=title,
                role=role,
                model=model,
            )
        )
        return StepObserver(self, self._step_id)

    async def show_draft(
        self, answer: Answer, iteration: int, responses: tuple[IssueResponse, ...]
    ) -> None:
        await self._emit_output(DRAFT_KIND, AskDraft(answer, iteration, responses))

    async def show_review(self, review: Review, iteration: int) -> None:
        await self._emit_output(REVIEW_KIND, AskReview(review, iteration))

    async def show_notice(self, message: str) -> None:
        await self._emit_output(NOTICE_KIND, AskNotice(message))

    def publish_text(self, step_id: str, text: str, *, restart: bool = False) -> None:
        self._context.publish(
            TextDelta(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=step_id,
                text=text,
                restart=restart,
            )
        )

    async def record(self, step_id: str, record: AttemptRecord) -> None:
        """Tell what an attempt cost, and remember what a reader must know of it."""
        self.cost_usd += record.cost_usd
        self._note(Badge.ESTIMATED_COST, applies=record.is_estimated)
        self._note(Badge.OTHER_MODEL_SERVED, applies=record.is_other_model)
        await self._context.emit(
            CostRecorded(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=step_id,
                attempt_id=record.attempt_id,
                model=record.model,
                served_model=record.served_model,
                input_tokens=record.usage.input_tokens,
                output_tokens=record.usage.output_tokens,
                cost_usd=record.cost_usd,
                is_estimated=record.is_estimated,
            )
        )

    def _note(self, badge: Badge, *, applies: bool) -> None:
        if applies and badge not in self.badges:
            self.badges = (*self.badges, badge)

    async def _emit_output(self, kind: str, body: AskDraft | AskReview | AskNotice) -> None:
        await self._context.emit(
            StepOutput(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=self._step_id,
                kind=kind,
                body=body,
            )
        )
