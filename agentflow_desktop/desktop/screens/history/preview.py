"""A run of the history as its events tell it. Plain data, no Qt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.runs import RunState as RunStatus
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.screens.history.state import Preview, PreviewPhase
from agentflow_desktop.desktop.screens.tasks.run_state import (
    RunState,
    StepPhase,
    StepState,
    advance,
)
from agentflow_desktop.workflows.ask.follow_up import kept_request
from agentflow_desktop.workflows.ask.model import AskRequest


def preview_of(summary: RunSummary, events: Sequence[RunEvent]) -> Preview:
    """The run as it stood when the last of its events was stored."""
    request = kept_request(events)
    asked = request or AskRequest(summary.title)
    run = RunState(summary.run_id, summary.title, asked, summary.started_at)
    for event in events:
        run = advance(run, event)
    if summary.state is RunStatus.INTERRUPTED and events:
        run = replace(run, steps=tuple(_stopped(step, events[-1].at) for step in run.steps))
    return Preview(PreviewPhase.READY, run, request)


def _stopped(step: StepState, at: datetime) -> StepState:
    """The step as its process left it."""
    if step.phase is not StepPhase.RUNNING:
        return step
    return replace(step, phase=StepPhase.STOPPED, ended_at=at)
