"""``agentflow board``: a board with the battery guard's firmware, so far a simulated one."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from agentflow_desktop.app.wiring import Application, read_pack_config
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.following import follow
from agentflow_desktop.cli.invocation import given_path, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.output_file import OutputFile
from agentflow_desktop.cli.selftest import selftest_text
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.hardware.pack_config import read_values
from agentflow_desktop.workflows.board.job import refuse_what_can_not_be
from agentflow_desktop.workflows.board.model import Override, SelftestRequest, SelftestResult

app = new_app("Test a board with the battery guard's firmware, so far a simulated one.")


@app.callback()
def board() -> None:
    """A board with the battery guard's firmware, so far a simulated one."""


@app.command()
def selftest(
    context: typer.Context,
    *,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Test the firmware on a simulated pack.")
    ] = False,
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Build the firmware with another value than the design has, past all checks; may "
            "be given again.",
        ),
    ] = None,
    pack_config: Annotated[
        Path | None,
        typer.Option(
            "--pack-config",
            metavar="FILE",
            help="The design's limits, as lines of name: value; what it leaves out is as in the "
            "reference pack.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the report there: .md, .html, .pdf or .json."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the events of the run, one JSON object a line.")
    ] = False,
) -> int:
    """Drive a simulated pack through every protection and show where each trips, how fast, and what
    releases it. Without --output no report file is written; the run is in the history, which
    exports it later. Exit code 9 if a row fails."""
    invocation = invocation_of(context)
    target = OutputFile(given_path(output)) if output is not None else None
    design = read_pack_config(given_path(pack_config)) if pack_config is not None else {}
    request = SelftestRequest(
        is_simulated=simulated,
        design=tuple(Override(name, values) for name, values in design.items()),
        overrides=tuple(map(_override, override or ())),
    )
    refuse_what_can_not_be(request)

    async def end(result: object) -> int:
        assert isinstance(result, SelftestResult)
        if not as_json:
            await invocation.terminal.show(await asyncio.to_thread(selftest_text, result))
        return ExitCode.OK if result.is_passed else ExitCode.NOT_PROVED

    async def work(opened: Application) -> int:
        return await follow(invocation, opened, request, end, target, as_json=as_json)

    return invocation.run(work)


def _override(text: str) -> Override:
    name, equals, values = text.partition("=")
    if not equals:
        raise InputRefused(
            f"{text!r} is no override.", hint="Write NAME=VALUE, e.g. cell_ov_trip_mv=3800."
        )
    name = name.strip()
    return Override(name, read_values(name, values.split(",")))
