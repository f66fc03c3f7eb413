"""What an event of a question tells of its run for the lists and the search of history."""

from agentflow_desktop.core.events import RunEvent, RunSucceeded, StepOutput
from agentflow_desktop.core.history import RunFacts, core_facts
from agentflow_desktop.llm.claims import Answer
from agentflow_desktop.workflows.ask.model import AskDraft, AskRequest, AskResult


def ask_facts(event: RunEvent) -> RunFacts:
    """The task as it was asked, the answer as it stands after the event, and its badges."""
    match event:
        case StepOutput(body=AskRequest() as request):
            return RunFacts(task=request.task, task_kind=request.task_kind)
        case StepOutput(body=AskDraft(answer=answer)):
            return RunFacts(answer=_text(answer))
        case RunSucceeded(result=AskResult() as result):
            return RunFacts(task=result.task, answer=_text(result.answer), badges=result.badges)
        case _:
            return core_facts(event)


def _text(answer: Answer) -> str:
    """What a person reads of it, with the quotes: of the built-in engine they are the answer."""
    parts = [answer.title]
    for claim in answer.claims:
        parts += [claim.text, *(evidence.quote for evidence in claim.evidence)]
    return "\n\n".join(parts)
