"""``agentflow logs``: the end of the log, as the window shows it too."""

from typing import Annotated

import typer

from agentflow_desktop.app.wiring import read_log_tail
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import visible
from agentflow_desktop.cli.wording import local_time
from agentflow_desktop.core.log_lines import LogLevel, LogLine

app = new_app("Show the end of the log.")
_MOST = 100_000


@app.command()
def logs(
    context: typer.Context,
    level: Annotated[
        LogLevel, typer.Option("--level", help="The least important lines to show.")
    ] = LogLevel.INFO,
    run: Annotated[str, typer.Option("--run", help="Only lines of this run's id.")] = "",
    lines: Annotated[int, typer.Option("--lines", min=1, max=_MOST, help="How many.")] = 50,
) -> int:
    """Show the last lines of the newest log file, oldest first. Keys are never in it."""
    invocation = invocation_of(context)
    directory = invocation.start().log_directory
    tail = read_log_tail(directory, most=lines, least=level, run_id=run)
    for line in tail.lines:
        invocation.terminal.print(visible(log_words(line)))
    if not tail.lines:
        where = tail.path or directory
        invocation.terminal.note(f"No such line in {where}.")
    return ExitCode.OK


def log_words(line: LogLine) -> str:
    """One record in one line; a traceback stays below it."""
    fields = {key: text for key, text in line.fields.items() if key != "exception"}
    words = " ".join(f"{key}={text}" for key, text in fields.items())
    first = f"{local_time(line.at)} {line.level.value:<8} {line.event} {words}".rstrip()
    trace = line.fields.get("exception", "")
    return f"{first}\n{trace}" if trace else first
