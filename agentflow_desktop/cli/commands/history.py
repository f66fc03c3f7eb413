"""``agentflow history``: earlier runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.answer import print_answer
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import given_path, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.cli.progress import Progress
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import exact_usd, local_time
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.events import RunEvent, RunFailed, RunSucceeded
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.workflows.ask.model import AskResult

app = new_app("List, show and export earlier runs.")
_RUNS: TypeAdapter[list[RunSummary]] = TypeAdapter(list[RunSummary])

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")]


@app.command("list")
def list_runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only runs whose task has this text.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List earlier runs, newest first."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        runs = list(await application.queries.history(limit=limit, text=search))
        text = _RUNS.dump_json(runs).decode() if as_json else runs_table(runs)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def show(
    context: typer.Context,
    run: RunId,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run's events, one JSON object a line.")
    ] = False,
) -> int:
    """Show what a run did and gave."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        summary, events = await application.queries.run_events(run)
        terminal = invocation.terminal
        progress = Progress(terminal, is_quiet=as_json)
        if not as_json:
            state = f"{summary.state.value}, {local_time(summary.started_at)}"
            terminal.note(f"{summary.run_id}: {summary.title} ({state})")
        for event in events:
            if as_json:
                await terminal.show(application.codec.encode(event))
            progress.show(event)
        result = _result_of(events)
        if not as_json and result is not None:
            await print_answer(terminal, result, SystemClock().now())
        failure = next((event for event in events if isinstance(event, RunFailed)), None)
        if not as_json and failure is not None:
            terminal.note(f"Error: {failure.message}")
        if not as_json:
            terminal.note(f"Cost {exact_usd(summary.cost_usd)}")
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def export(
    context: typer.Context,
    run: RunId,
    output: Annotated[
        Path, typer.Option(metavar="FILE", help="The file: .md, .html, .pdf or .json.")
    ],
) -> int:
    """Write the result of a run to a file."""
    invocation = invocation_of(context)
    target = OutputFile(given_path(output))

    async def work(application: Application) -> int:
        await invocation.terminal.show(await target.write(application.queries.reports, run))
        return ExitCode.OK

    return invocation.run(work)


def runs_table(runs: Sequence[RunSummary]) -> str:
    """One line a run."""
    rows = [
        (
            run.run_id,
            local_time(run.started_at),
            run.state.value,
            exact_usd(run.cost_usd),
            run.title,
        )
        for run in runs
    ]
    return as_table(("run", "started", "state", "cost", "task"), rows, right=(3,))


def _result_of(events: Sequence[RunEvent]) -> AskResult | None:
    for event in events:
        if isinstance(event, RunSucceeded) and isinstance(event.result, AskResult):
            return event.result
    return None
