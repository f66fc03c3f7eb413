"""A run as the screen shows it, and how each event changes it. Plain data, no Qt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from agentflow_desktop.core.events import (
    CostRecorded,
    RouteChosen,
    RunCancelled,
    RunEnded,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepOutput,
    StepProgress,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.money import ZERO_USD
from agentflow_desktop.core.routing import Role, Route
from agentflow_desktop.desktop.problem import Problem
from agentflow_desktop.llm.claims import Answer
from agentflow_desktop.workflows.ask.model import (
    AskDraft,
    AskFiles,
    AskFindings,
    AskNotice,
    AskQuestions,
    AskRequest,
    AskResult,
    AskReview,
    AskStep,
    FileLine,
)

StepBody = AskFiles | AskQuestions | AskStep | AskFindings | AskDraft | AskReview
"""What a step gave, where that can be shown below its line."""


class RunPhase(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its process ended before it did


class StepPhase(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # the run ended before the step did


@dataclass(frozen=True, slots=True)
class StepState:
    """A step. ``text`` is what has streamed so far, ``notices`` what the program says of it."""

    step_id: str
    title: str
    role: Role | None
    model: str
    started_at: datetime
    phase: StepPhase = StepPhase.RUNNING
    ended_at: datetime | None = None
    done: int = 0
    total: int | None = None
    unit: str = ""
    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = ZERO_USD
    is_estimated: bool = False
    served_model: str = ""
    notices: tuple[str, ...] = ()
    output: StepBody | None = None

    def duration_s(self, now: datetime) -> float:
        return max(0.0, ((self.ended_at or now) - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class RunState:
    """A run from its start to its end, with the request that it answers."""

    run_id: str
    title: str
    request: AskRequest
    started_at: datetime
    phase: RunPhase = RunPhase.RUNNING
    is_cancelling: bool = False
    route: Route | None = None
    files: tuple[FileLine, ...] = ()
    steps: tuple[StepState, ...] = ()
    notices: tuple[str, ...] = ()
    answer: Answer | None = None
    result: AskResult | None = None
    problem: Problem | None = None
    cost_usd: Decimal = ZERO_USD
    duration_s: float | None = None

    @property
    def is_running(self) -> bool:
        return self.phase is RunPhase.RUNNING

    @property
    def current_step(self) -> StepState | None:
        """The step that is at work now; of several, the one that was begun last."""
        at_work = (step for step in reversed(self.steps) if step.phase is StepPhase.RUNNING)
        return next(at_work, None)

    @property
    def streamed_text(self) -> str:
        """What the planner is writing now, empty while nobody writes an answer."""
        step = self.current_step
        return step.text if step is not None and step.role is Role.PLANNER else ""


def advance(run: RunState, event: RunEvent) -> RunState:
    """The run after the event."""
    if isinstance(event, RunEnded):
        return _end(run, event)
    match event:
        case RunStarted():
            return replace(run, title=event.title, started_at=event.at)
        case RouteChosen():
            return replace(run, route=event.route)
        case StepStarted():
            step = StepState(event.step_id, event.title, event.role, event.model, event.at)
            return replace(run, steps=(*_finish_before(run, event), step))
        case StepProgress() | TextDelta() | CostRecorded():
            return _advance_step(run, event)
        case StepOutput():
            return _take_output(run, event)
        case _:
            assert_never(event)


def _advance_step(run: RunState, event: StepProgress | TextDelta | CostRecorded) -> RunState:
    match event:
        case StepProgress():
            return _change_step(
                run,
                event.step_id,
                lambda s: replace(s, done=event.done, total=event.total, unit=event.unit),
            )
        case TextDelta():
            return _change_step(
                run,
                event.step_id,
                lambda s: replace(s, text=event.text if event.restart else s.text + event.text),
            )
        case CostRecorded():
            changed = _change_step(run, event.step_id, lambda s: _charge(s, event))
            return replace(changed, cost_usd=run.cost_usd + event.cost_usd)


def _charge(step: StepState, event: CostRecorded) -> StepState:
    return replace(
        step,
        input_tokens=step.input_tokens + event.input_tokens,
        output_tokens=step.output_tokens + event.output_tokens,
        cost_usd=step.cost_usd + event.cost_usd,
        is_estimated=step.is_estimated or event.is_estimated,
        served_model=event.served_model,
    )


def _change_step(run: RunState, step_id: str, change: Callable[[StepState], StepState]) -> RunState:
    return replace(run, steps=tuple(change(s) if s.step_id == step_id else s for s in run.steps))


def _take_output(run: RunState, event: StepOutput) -> RunState:
    body = event.body
    if isinstance(body, AskNotice):
        noted = _change_step(
            run, event.step_id, lambda s: replace(s, notices=(*s.notices, body.message))
        )
        return replace(noted, notices=(*run.notices, body.message))
    if isinstance(body, AskRequest):
        return replace(run, request=body)
    if not isinstance(body, StepBody):
        return run
    changed = _change_step(
        run,
        event.step_id,
        lambda s: replace(s, output=body, phase=StepPhase.DONE, ended_at=event.at),
    )
    match body:
        case AskDraft():
            return replace(changed, answer=body.answer)
        case AskFiles():
            return replace(changed, files=body.files)
        case AskReview() | AskQuestions() | AskStep() | AskFindings():
            return changed


def _finish_before(run: RunState, event: StepStarted) -> tuple[StepState, ...]:
    """The steps when another begins. Packs are read side by side: of them none ends another."""
    if event.role is not Role.HEAVY:
        return _finish_steps(run.steps, event.at)
    return tuple(
        step if step.role is Role.HEAVY else _finish_steps((step,), event.at)[0]
        for step in run.steps
    )


def interrupt(run: RunState, at: datetime) -> RunState:
    """The run whose process ended at about that time."""
    steps = _finish_steps(run.steps, at, StepPhase.STOPPED)
    duration_s = max(0.0, (at - run.started_at).total_seconds())
    return replace(run, phase=RunPhase.INTERRUPTED, steps=steps, duration_s=duration_s)


def _finish_steps(
    steps: tuple[StepState, ...], at: datetime, phase: StepPhase = StepPhase.DONE
) -> tuple[StepState, ...]:
    return tuple(
        replace(s, phase=phase, ended_at=at) if s.phase is StepPhase.RUNNING else s for s in steps
    )


def _end(run: RunState, event: RunSucceeded | RunFailed | RunCancelled) -> RunState:
    is_success = isinstance(event, RunSucceeded)
    phase = StepPhase.DONE if is_success else StepPhase.STOPPED
    ended = replace(
        run,
        steps=_finish_steps(run.steps, event.at, phase),
        cost_usd=event.cost_usd,
        duration_s=event.duration_s,
        is_cancelling=False,
    )
    match event:
        case RunSucceeded():
            result = event.result
            if not isinstance(result, AskResult):  # a run of another kind, looked at in history
                return replace(ended, phase=RunPhase.SUCCEEDED)
            return replace(
                ended,
                phase=RunPhase.SUCCEEDED,
                result=result,
                answer=result.answer,
                route=result.route,
                files=result.files,
            )
        case RunFailed():
            problem = Problem(event.message, event.hint)
            return replace(ended, phase=RunPhase.FAILED, problem=problem)
        case RunCancelled():
            return replace(ended, phase=RunPhase.CANCELLED)
