"""A run started at the terminal: its events as they come, Ctrl-C, its result and its end."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import FrameType

from agentflow_desktop.app.runs import RunHandle
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.dispatch import tell_crash
from agentflow_desktop.cli.exit_codes import ExitCode, code_of_error
from agentflow_desktop.cli.invocation import Invocation
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.cli.progress import Progress
from agentflow_desktop.core.events import (
    RunCancelled,
    RunEnded,
    RunFailed,
    RunSucceeded,
    StepStarted,
)

ShowResult = Callable[[object], Awaitable[int]]
"""Shows a run's result and gives the exit code."""


async def follow(
    invocation: Invocation,
    application: Application,
    request: object,
    show_result: ShowResult,
    target: OutputFile | None,
    *,
    as_json: bool,
) -> int:
    """Run the request to its end, shown as it goes on; gives the exit code."""
    terminal = invocation.terminal
    progress = Progress(terminal, is_quiet=as_json)
    handle = application.runs.start(request)
    step = "start"
    with _cancelling(handle):
        async for event in handle.events():
            if as_json:
                await terminal.show(application.codec.encode(event))
            progress.show(event)
            if isinstance(event, StepStarted):
                invocation.mark(f"run: {step}")
                step = event.title
            if isinstance(event, RunEnded):
                invocation.mark(f"run: {step}")
                code = await _end(
                    invocation, application, handle, event, show_result, target=target
                )
                if not as_json:
                    Progress.show_cost(terminal, event)
                return code
    raise AssertionError("a run's events end with a RunEnded")


async def _end(
    invocation: Invocation,
    application: Application,
    handle: RunHandle,
    ended: RunEnded,
    show_result: ShowResult,
    *,
    target: OutputFile | None,
) -> int:
    terminal = invocation.terminal
    match ended:
        case RunSucceeded(result=result):
            code = await show_result(result)
            if target is not None:
                terminal.note(await target.write(application.queries.reports, handle.run_id))
            return code
        case RunFailed():
            terminal.note(f"Error: {ended.message}")
            if ended.hint:
                terminal.note(ended.hint)
            if handle.bug is not None:
                tell_crash(handle.bug, invocation, handle.run_id)
            return code_of_error(ended.error)
        case RunCancelled():
            terminal.note("Cancelled.")
            return ExitCode.CANCELLED


@contextmanager
def _cancelling(handle: RunHandle) -> Generator[None]:
    """Ctrl-C and SIGTERM cancel the run, whose end then comes as an event."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def cancel(_number: int = 0, _frame: FrameType | None = None) -> None:
        loop.call_soon_threadsafe(handle.cancel)

    for number in numbers:
        if os.name == "nt":  # its loop knows no signals
            signal.signal(number, cancel)
        else:
            loop.add_signal_handler(number, cancel)
    try:
        yield
    finally:
        for number in numbers:
            if os.name != "nt":
                loop.remove_signal_handler(number)
            signal.signal(number, before[number])
