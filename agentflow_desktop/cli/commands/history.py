"""``agentflow history``: earlier runs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.answer import print_answer
from agentflow_desktop.cli.asking import ask
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import given_path, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.cli.progress import Progress
from agentflow_desktop.cli.run_filter import badge_of, mark_of, since_of, until_of, usd_of
from agentflow_desktop.cli.selftest import selftest_text
from agentflow_desktop.cli.terminal import Terminal, as_table
from agentflow_desktop.cli.wording import count, local_time
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.events import RunEvent, RunFailed, RunSucceeded
from agentflow_desktop.core.history import UNDO_FOR, RunFilter
from agentflow_desktop.core.money import exact_usd
from agentflow_desktop.core.routing import Badge, TaskKind
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.workflows.ask.model import AskResult
from agentflow_desktop.workflows.board.model import SelftestResult

app = new_app("Find, show, rate, export and delete earlier runs.")
_RUN: TypeAdapter[RunSummary] = TypeAdapter(RunSummary)
_RUNS: TypeAdapter[list[RunSummary]] = TypeAdapter(list[RunSummary])

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")]
RunIds = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="The runs' ids, or how they begin.")
]


@app.command("list")
def list_runs(  # noqa: PLR0917  (typer calls it by keyword)
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    before: Annotated[
        str, typer.Option(metavar="RUN", help="Go on after this run of an earlier list.")
    ] = "",
    search: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Only runs with these words in task or answer."),
    ] = "",
    state: Annotated[RunState | None, typer.Option(help="Only runs in this state.")] = None,
    kind: Annotated[TaskKind | None, typer.Option(help="Only this kind of task.")] = None,
    model: Annotated[str, typer.Option(metavar="NAME", help="Only runs of this model.")] = "",
    badge: Annotated[
        str, typer.Option(metavar="BADGE", help=f"Only with this badge: {', '.join(Badge)}.")
    ] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="Begun on this day or later.")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="Begun on this day or before.")] = "",
    at_least: Annotated[str, typer.Option(metavar="USD", help="That cost this or more.")] = "",
    useful: Annotated[bool, typer.Option("--useful", help="Only marked useful.")] = False,
    not_useful: Annotated[
        bool, typer.Option("--not-useful", help="Only marked not useful.")
    ] = False,
    unmarked: Annotated[bool, typer.Option("--unmarked", help="Only without a mark.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List earlier runs, newest first."""
    wanted = RunFilter(
        text=search,
        state=state,
        task_kind=kind or "",
        model=model,
        badge=badge_of(badge),
        mark=mark_of(is_useful=useful, is_not_useful=not_useful, is_unmarked=unmarked),
        since=since_of(since),
        until=until_of(until),
        at_least_usd=usd_of(at_least),
    )
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        history = application.queries.history
        runs = list(await history.runs(wanted, limit=limit, before=before or None))
        if wanted.text and (notice := await history.search_notice()):
            invocation.terminal.note(notice)
        if not runs and not as_json:
            invocation.terminal.note("No such run." if wanted != RunFilter() else "No runs yet.")
            return ExitCode.OK
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
        summary, events = await application.queries.history.run_events(run)
        terminal = invocation.terminal
        progress = Progress(terminal, is_quiet=as_json)
        if not as_json:
            state = f"{summary.state.value}, {local_time(summary.started_at)}"
            terminal.note(f"{summary.run_id}: {summary.title} ({state})")
            for line in _marks(summary):
                terminal.note(line)
        for event in events:
            if as_json:
                await terminal.show(application.codec.encode(event))
            progress.show(event)
        if not as_json:
            await _show_result(terminal, events)
        failure = next((event for event in events if isinstance(event, RunFailed)), None)
        if not as_json and failure is not None:
            terminal.note(f"Error: {failure.message}")
            if failure.hint:
                terminal.note(failure.hint)
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


@app.command()
def rate(
    context: typer.Context,
    run: RunId,
    is_useful: Annotated[
        bool | None, typer.Option("--useful/--not-useful", help="Neither takes the mark away.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help='Why, for yourself; "" takes it away.')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Say whether the answer of a run was useful to you."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        rated = await application.queries.history.rate(run, is_useful, note)
        word = "\n".join(_marks(rated)) or "Not marked"
        text = _RUN.dump_json(rated).decode() if as_json else f"{rated.run_id}: {word}"
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def delete(context: typer.Context, runs: RunIds) -> int:
    """Delete runs; their cost stays accounted for. ``undelete`` brings them back for an hour."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        deleted = await application.queries.history.delete(runs)
        hours = int(UNDO_FOR.total_seconds() // 3_600)
        await invocation.terminal.show(f"Deleted {count(len(deleted), 'run')}.")
        them, name = ("it", deleted[0].run_id) if len(deleted) == 1 else ("them", "RUN...")
        invocation.terminal.note(
            f'For {count(hours, "hour")} "agentflow history undelete {name}" brings {them} back.'
        )
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def undelete(context: typer.Context, runs: RunIds) -> int:
    """Bring deleted runs back."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        back = await application.queries.history.undelete(runs)
        await invocation.terminal.show(f"Brought {count(len(back), 'run')} back.")
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def again(
    context: typer.Context,
    run: RunId,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither use nor keep a result.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the events of the run, one JSON object a line.")
    ] = False,
) -> int:
    """Ask what a run asked, of the same files as they are now."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        request = await application.queries.history.request(run)
        if no_cache:
            request = replace(request, use_cache=False)
        return await ask(invocation, application, request, None, as_json=as_json)

    return invocation.run(work)


def runs_table(runs: Sequence[RunSummary]) -> str:
    """One line a run."""
    rows = [
        (
            run.run_id,
            local_time(run.started_at),
            run.state.value,
            exact_usd(run.cost_usd),
            _USE[run.is_useful],
            run.title,
        )
        for run in runs
    ]
    return as_table(("run", "started", "state", "cost", "useful", "task"), rows, right=(3,))


_USE = {True: "yes", False: "no", None: ""}


def _marks(run: RunSummary) -> list[str]:
    """What the person said of the run, and that it is deleted."""
    lines: list[str] = []
    if run.is_useful is not None:
        lines.append("Marked useful" if run.is_useful else "Marked not useful")
    if run.note:
        lines.append(f"Note: {run.note}")
    if run.deleted_at is not None:
        lines.append(f"Deleted {local_time(run.deleted_at)}")
    return lines


async def _show_result(terminal: Terminal, events: Sequence[RunEvent]) -> None:
    """What a run that succeeded gave, as its own command shows it."""
    for event in events:
        match event:
            case RunSucceeded(result=AskResult() as result):
                await print_answer(terminal, result, SystemClock().now())
            case RunSucceeded(result=SelftestResult() as result):
                await terminal.show(selftest_text(result))
            case _:
                pass
