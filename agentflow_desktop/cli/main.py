"""The entry of the command line: help, version, and the way to one command.

Written without a library, so that help costs an interpreter's start and no more: a command's
module, and typer with it, is imported only when that command runs.
"""

import difflib
import sys
from collections.abc import Sequence

from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.root import COMMANDS, UsageRefused, parse_root, root_help
from agentflow_desktop.cli.streams import leave_stdout, open_missing_streams


def main(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    open_missing_streams()
    try:
        options = parse_root(arguments)
    except UsageRefused as refusal:
        return _refuse(str(refusal))
    first = options.rest[0] if options.rest else "--help"
    if first in ("--help", "-h", "help"):
        return _say(root_help())
    if first == "--version":
        from importlib.metadata import version

        return _say(f"agentflow {version('agentflow-desktop')}\n")
    if first not in COMMANDS:
        close = difflib.get_close_matches(first, COMMANDS, n=1)
        what = "option" if first.startswith("-") else "command"
        hint = f" Did you mean {close[0]}?" if close else ""
        return _refuse(f"There is no {what} {first}.{hint}")
    timing = None
    if options.debug:
        from agentflow_desktop.core.timing import TimingProfile

        timing = TimingProfile()
        timing.start()
    from agentflow_desktop.cli.dispatch import run_command

    return run_command(first, options, timing)


def _say(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        leave_stdout()
        if isinstance(error, BrokenPipeError):
            return ExitCode.PIPE_CLOSED
        sys.stderr.write(f"The output can't be written: {error.strerror}.\n")
        return ExitCode.STORAGE
    return ExitCode.OK


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\nTry: agentflow --help\n")
    return ExitCode.INPUT
