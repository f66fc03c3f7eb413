"""A run of the history as its events tell it. Plain data, no Qt."""

from collections.abc import Sequence

from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.desktop.screens.history.state import Preview, PreviewPhase
from agentflow_desktop.desktop.screens.tasks.run_state import RunState, advance
from agentflow_desktop.workflows.ask.follow_up import kept_request
from agentflow_desktop.workflows.ask.model import AskRequest


def preview_of(summary: RunSummary, events: Sequence[RunEvent]) -> Preview:
    """The run as it stood when the last of its events was stored."""
    request = kept_request(events)
    asked = request or AskRequest(summary.title)
    run = RunState(summary.run_id, summary.title, asked, summary.started_at)
    for event in events:
        run = advance(run, event)
    return Preview(PreviewPhase.READY, run, request)
