"""``agentflow run``: ask a question about files."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.asking import ask
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, given_path, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.cli.plan import plan_json, plan_text
from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.workflows.ask.follow_up import follow_up
from agentflow_desktop.workflows.ask.model import AskRequest

_MODES = ", ".join(VerificationMode)

app = new_app("Ask a question about files.")


@app.command()
def run(  # noqa: PLR0917  (typer calls it by keyword)
    context: typer.Context,
    task: Annotated[str, typer.Option(metavar="TEXT", help="What you want to know.")],
    file: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A file to answer from; may be given again."),
    ] = None,
    directory: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="A folder to answer from; may be given again."),
    ] = None,
    extra: Annotated[
        str, typer.Option("--context", metavar="TEXT", help="More text to go by.")
    ] = "",
    follow_up_of: Annotated[
        str,
        typer.Option(
            "--follow-up",
            metavar="RUN",
            help="Ask further: take the files and what was asked before from this run.",
        ),
    ] = "",
    kind: Annotated[
        TaskKind | None,
        typer.Option(help="What the task is about. Default: general; in a follow-up as before."),
    ] = None,
    route: Annotated[Tier | None, typer.Option(help="Take this route, whatever the size.")] = None,
    check: Annotated[
        VerificationMode | None,
        typer.Option(metavar="MODE", help=f"What the reviewer looks for: {_MODES}."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show route, price and files; spend nothing.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither use nor keep a result.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the events of the run, one JSON object a line.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a report: .md, .html, .pdf or .json."),
    ] = None,
    planner: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model that proposes.")
    ] = None,
    heavy: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model that verifies.")
    ] = None,
    planner_fallback: Annotated[
        str | None, typer.Option(metavar="NAME", help="Asked if the planner can't be.")
    ] = None,
    heavy_fallback: Annotated[
        str | None, typer.Option(metavar="NAME", help="Asked if the heavy model can't be.")
    ] = None,
) -> int:
    """Ask a question about files and get an answer with checked quotes."""
    invocation = invocation_of(context)
    invocation.change("models.planner", planner)
    invocation.change("models.heavy", heavy)
    invocation.change("models.planner_fallback", planner_fallback)
    invocation.change("models.heavy_fallback", heavy_fallback)
    target = OutputFile(given_path(output)) if output is not None else None

    async def request_in(opened: Application) -> AskRequest:
        asked = await _followed(opened, follow_up_of, task) if follow_up_of else AskRequest(task)
        return replace(
            asked,
            selection=Selection(
                (*asked.selection.files, *(given_path(path) for path in file or ())),
                (*asked.selection.directories, *(given_path(path) for path in directory or ())),
            ),
            context=extra or asked.context,
            task_kind=kind or asked.task_kind,
            tier=route,
            check=check or asked.check,
            use_cache=not no_cache,
        )

    async def work(opened: Application) -> int:
        request = await request_in(opened)
        if dry_run:
            return await _plan(invocation, opened, request, as_json=as_json)
        return await ask(invocation, opened, request, target, as_json=as_json)

    return invocation.run(work)


async def _followed(application: Application, run: str, task: str) -> AskRequest:
    _, events = await application.queries.history.run_events(run)
    return follow_up(events, task)


async def _plan(
    invocation: Invocation, application: Application, request: AskRequest, *, as_json: bool
) -> int:
    plan = await application.queries.plan_ask(request)
    await invocation.terminal.show(plan_json(plan) if as_json else plan_text(plan))
    return ExitCode.OK
