"""Runs one command: imports its module, calls it, turns errors into sentences and exit codes.

The command line's one handler of errors.
"""

import importlib
from pathlib import Path
from typing import Any

import typer
from structlog import get_logger

from agentflow_desktop.cli.exit_codes import ExitCode, code_of_error
from agentflow_desktop.cli.invocation import Invocation
from agentflow_desktop.cli.root import RootOptions
from agentflow_desktop.cli.streams import leave_stdout
from agentflow_desktop.cli.terminal import OutputClosed, OutputRefused, Terminal, open_terminal
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.core.timing import TimingProfile

_log = get_logger(__name__)

_PYDANTIC_PREFIX = "Value error, "  # which typer shows before the reason


def run_command(name: str, options: RootOptions, timing: TimingProfile | None) -> int:
    """Run a command of ``cli.commands`` and give its exit code."""
    overrides = Overrides(
        values=options.values,
        config_file=Path(options.config_file) if options.config_file else None,
        debug=options.debug,
    )
    terminal = open_terminal()
    invocation = Invocation(overrides, terminal, timing)
    invocation.mark("import the program")
    try:
        return _call(name, options.rest[1:], invocation)
    except Exception as error:  # noqa: BLE001  (the face's one handler; the rest is a bug)
        return _tell(error, name, invocation)
    except KeyboardInterrupt:
        terminal.note("Cancelled.")
        return ExitCode.CANCELLED
    finally:
        invocation.close()
        if timing is not None:
            terminal.note(timing.stop())


def _call(name: str, arguments: list[str], invocation: Invocation) -> int:
    module = importlib.import_module(f"agentflow_desktop.cli.commands.{name}")
    app: typer.Typer = module.app
    command = typer.main.get_command(app)
    if len(app.registered_commands) > 1 and not arguments:
        arguments = ["--help"]
    invocation.mark("import the command")
    try:
        code: Any = command.main(
            arguments, prog_name=f"agentflow {name}", standalone_mode=False, obj=invocation
        )
    except SystemExit as error:  # how the parser ends if nobody reads its help
        raise OutputClosed from error
    return int(code or ExitCode.OK)


def _tell(error: Exception, name: str, invocation: Invocation) -> int:
    terminal = invocation.terminal
    match error:
        case typer.TyperException():
            # A usage error knows the command that it is about: "agentflow models test".
            context = getattr(error, "ctx", None)
            command = context.command_path if context is not None else f"agentflow {name}"
            message = error.format_message().replace(_PYDANTIC_PREFIX, "")
            terminal.note(f"{message}\nTry: {command} --help")
            return ExitCode.INPUT
        case typer.Abort():
            terminal.note("Cancelled.")
            return ExitCode.CANCELLED
        case OutputClosed():
            leave_stdout()
            return ExitCode.PIPE_CLOSED
        case OutputRefused():
            leave_stdout()
            terminal.note(f"The output can't be written: {error}.")
            return ExitCode.STORAGE
        case AgentFlowError():
            _log.info("command_failed", command=name, error=str(error), detail=error.detail)
            terminal.note(f"Error: {error.message}")
            if error.hint:
                terminal.note(error.hint)
            return code_of_error(type(error).__name__)
        case _:
            tell_crash(error, invocation)
            return ExitCode.BUG


def tell_crash(error: Exception, invocation: Invocation, run_id: str = "") -> None:
    """Write the crash report of a bug and say where it is."""
    terminal: Terminal = invocation.terminal
    _log.error("crash", error=type(error).__name__, run_id=run_id, exc_info=error)
    terminal.note("The program made a mistake. This is a bug of AgentFlow, not yours.")
    try:
        path = invocation.session.report_crash(error, run_id)
    except OSError as failure:
        terminal.note(f"The crash report can't be written ({failure.strerror}): {error!r}")
        return
    terminal.note(f"Crash report: {path}")
