"""A run of the history as the screen showed it. Plain data, no Qt."""

from collections.abc import Sequence
from dataclasses import replace

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.runs import RunState as StoredState
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.screens.tasks.run_state import (
    RunPhase,
    RunState,
    advance,
    interrupt,
)
from agentflow_desktop.workflows.ask.model import KIND, AskRequest


def replay(summary: RunSummary, events: Sequence[RunEvent]) -> RunState:
    """The run after all of its stored events.

    Of a run that was stored without its request the task is known, its files are not.
    Raises InputRefused for a run of another kind of work.
    """
    if summary.kind != KIND:
        raise InputRefused(
            "This run is of another kind of work.",
            hint="Its report has what it found: export it.",
        )
    unknown = AskRequest(task=summary.title)
    run = RunState(summary.run_id, summary.title, unknown, summary.started_at)
    for event in events:
        run = advance(run, event)
    if run.request is unknown and run.result is not None:
        run = replace(run, request=replace(unknown, task=run.result.task))
    if summary.state is StoredState.INTERRUPTED and run.phase is RunPhase.RUNNING:
        run = interrupt(run, events[-1].at if events else summary.started_at)
    return run
