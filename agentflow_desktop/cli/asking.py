"""A question asked at the terminal, and its answer."""

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.answer import print_answer
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.following import follow
from agentflow_desktop.cli.invocation import Invocation
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.workflows.ask.model import AskRequest, AskResult


async def ask(
    invocation: Invocation,
    application: Application,
    request: AskRequest,
    target: OutputFile | None,
    *,
    as_json: bool,
) -> int:
    """Run the request to its end, shown as it goes on; gives the exit code."""

    async def show_result(result: object) -> int:
        assert isinstance(result, AskResult)
        if not as_json:
            await print_answer(invocation.terminal, result, SystemClock().now())
        return ExitCode.OK

    return await follow(invocation, application, request, show_result, target, as_json=as_json)
