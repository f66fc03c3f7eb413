"""What an event of a self-test tells of its run for the lists and the search of history."""

from agentflow_desktop.core.events import RunEvent, RunSucceeded, StepOutput
from agentflow_desktop.core.history import RunFacts, core_facts
from agentflow_desktop.workflows.board.model import SelftestRequest, SelftestResult
from agentflow_desktop.workflows.board.wording import summary_text


def board_facts(event: RunEvent) -> RunFacts:
    """What was overridden, and once it stands, what passed and what failed."""
    match event:
        case StepOutput(body=SelftestRequest(overrides=overrides)):
            return RunFacts(task="self-test " + " ".join(override.name for override in overrides))
        case RunSucceeded(result=SelftestResult() as result):
            failed = [f"{row.protection}: {row.reason}" for row in result.failed]
            outcome = "self-test, all pass" if result.is_passed else "self-test with FAIL"
            return RunFacts(answer="\n".join([summary_text(result), *failed]), task_kind=outcome)
        case _:
            return core_facts(event)
