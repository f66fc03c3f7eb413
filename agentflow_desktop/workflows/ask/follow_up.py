"""From a run in history to the next question on the same documents."""

from collections.abc import Sequence
from dataclasses import replace

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunEvent, RunSucceeded, StepOutput
from agentflow_desktop.llm.exchange import Exchange
from agentflow_desktop.workflows.ask.model import AskRequest, AskResult


def kept_request(events: Sequence[RunEvent]) -> AskRequest | None:
    """What a run was asked; None for a run of a version that did not keep it."""
    bodies = (event.body for event in events if isinstance(event, StepOutput))
    return next((body for body in bodies if isinstance(body, AskRequest)), None)


def follow_up(events: Sequence[RunEvent], task: str) -> AskRequest:
    """A further question to what a run was asked of: the same documents, extra text, kind and
    check, with the run's own exchange behind those before it. The route is by size again.

    Raises InputRefused for a run without an answer, or one whose request was not kept.
    """
    request = kept_request(events)
    if request is None:
        raise InputRefused(
            "That run does not say what it was asked: an earlier version made it.",
            hint="Choose the files again and ask anew.",
        )
    result = next(
        (
            event.result
            for event in events
            if isinstance(event, RunSucceeded) and isinstance(event.result, AskResult)
        ),
        None,
    )
    if result is None:
        raise InputRefused(
            "That run has no answer to ask further about.",
            hint="Ask its question again first.",
        )
    return ask_further(request, result, task)


def ask_further(request: AskRequest, result: AskResult, task: str) -> AskRequest:
    """As ``follow_up``, from what was asked and what came of it."""
    exchange = Exchange(request.task, result.answer.markdown())
    return replace(request, task=task, tier=None, earlier=(*request.earlier, exchange))
