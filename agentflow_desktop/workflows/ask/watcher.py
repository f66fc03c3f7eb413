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
from agentflow_desktop.llm.calls import AttemptRecord
from agentflow_desktop.llm.claims import Answer, Finding, IssueResponse, PlannedQuestion, Review
from agentflow_desktop.llm.step_format import ChosenStep
from agentflow_desktop.llm.structured import PartialText
from agentflow_desktop.workflows.ask.model import (
    DRAFT_KIND,
    FINDINGS_KIND,
    NOTICE_KIND,
    QUESTIONS_KIND,
    REVIEW_KIND,
    STEP_KIND,
    AskDraft,
    AskFindings,
    AskNotice,
    AskQuestions,
    AskReview,
    AskStep,
)


class StepObserver:
    """Follows one step: its call's readable text, attempts and notices, and what came of it."""

    def __init__(self, watcher: "EventWatcher", step_id: str, role: Role | None) -> None:
        self._watcher = watcher
        self._step_id = step_id
        self._role = role
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
        await self._watcher.emit_output(self._step_id, NOTICE_KIND, AskNotice(message))

    async def on_stand_in(self, model: str) -> None:
        self._watcher.note_stand_in(self._role, model)

    async def show_draft(
        self, answer: Answer, iteration: int, responses: tuple[IssueResponse, ...]
    ) -> None:
        body = AskDraft(answer, iteration, responses)
        await self._watcher.emit_output(self._step_id, DRAFT_KIND, body)

    async def show_review(self, review: Review, iteration: int) -> None:
        body = AskReview(review, iteration)
        await self._watcher.emit_output(self._step_id, REVIEW_KIND, body)

    async def show_questions(self, questions: tuple[PlannedQuestion, ...]) -> None:
        body = AskQuestions(questions)
        await self._watcher.emit_output(self._step_id, QUESTIONS_KIND, body)

    async def show_step(self, step: ChosenStep, number: int, refusal: str) -> None:
        body = AskStep(number, step.tool, step.sub_goal, step.context, refusal, step.reason)
        await self._watcher.emit_output(self._step_id, STEP_KIND, body)

    async def show_findings(self, findings: tuple[Finding, ...]) -> None:
        body = AskFindings(findings)
        await self._watcher.emit_output(self._step_id, FINDINGS_KIND, body)


class EventWatcher:
    """Emits the events of a run's model steps and keeps their sums and badges."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._step_id = ""
        self.cost_usd: Decimal = ZERO_USD
        self._noted: tuple[Badge, ...] = ()
        self._asked: dict[Role | None, set[str]] = {role: set() for role in (*Role, None)}

    def badges(self, of_outcome: tuple[Badge, ...]) -> tuple[Badge, ...]:
        """What a reader must know: what the tier says, and what came up in the calls. A fallback
        that also played the other role has verified itself."""
        found = [*of_outcome, *self._noted]
        is_shared = bool(self._asked[Role.PLANNER] & self._asked[Role.HEAVY])
        if Badge.FALLBACK in found and is_shared and Badge.NOT_VERIFIED not in found:
            found.insert(0, Badge.SELF_VERIFIED)
        return tuple(dict.fromkeys(found))

    async def begin_step(self, title: str, role: Role | None, model: str) -> StepObserver:
        step_id = self._step_id = new_id("step")
        await self._context.emit(
            StepStarted(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=step_id,
                title=title,
                role=role,
                model=model,
            )
        )
        self._asked[role].add(model)
        return StepObserver(self, step_id, role)

    async def show_notice(self, message: str) -> None:
        await self.emit_output(self._step_id, NOTICE_KIND, AskNotice(message))

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

    def note_stand_in(self, role: Role | None, model: str) -> None:
        """Remember that a fallback was asked in a role."""
        self._asked[role].add(model)
        self._note(Badge.FALLBACK, applies=True)

    def _note(self, badge: Badge, *, applies: bool) -> None:
        if applies and badge not in self._noted:
            self._noted = (*self._noted, badge)

    async def emit_output(
        self,
        step_id: str,
        kind: str,
        body: AskDraft | AskReview | AskQuestions | AskStep | AskFindings | AskNotice,
    ) -> None:
        """Emit what a step gave."""
        await self._context.emit(
            StepOutput(
                run_id=self._context.run_id,
                at=self._context.clock.now(),
                step_id=step_id,
                kind=kind,
                body=body,
            )
        )
