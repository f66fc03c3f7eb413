"""``agentflow health``: can everything that is needed be used?"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.queries import HealthCheck
from agentflow_desktop.app.wiring import Application, Configuration
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.core.errors import StorageError

app = new_app("Check that models, keys, database and tools can be used.")
_CHECKS: TypeAdapter[list[HealthCheck]] = TypeAdapter(list[HealthCheck])


@app.command()
def health(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> int:
    """Check that models, keys, database and tools can be used. Exit code 7 if not."""
    invocation = invocation_of(context)
    configuration = invocation.start()
    try:
        return invocation.run(
            lambda opened: _check(invocation, opened, as_json=as_json), configuration
        )
    except StorageError as error:
        return _check_the_rest(invocation, configuration, error, as_json=as_json)


def _check_the_rest(
    invocation: Invocation, configuration: Configuration, failure: StorageError, *, as_json: bool
) -> int:
    """A program without a usable database doesn't open: all else is checked beside an empty one.

    Raises StorageError if it does not open there either.
    """
    row = HealthCheck("database", is_usable=False, message=failure.message, hint=failure.hint)
    with tempfile.TemporaryDirectory(prefix="agentflow-") as folder:
        folders = replace(configuration.paths.folders, data=Path(folder), cache=Path(folder))
        elsewhere = replace(configuration, paths=replace(configuration.paths, folders=folders))
        return invocation.run(
            lambda opened: _check(invocation, opened, as_json=as_json, instead=row), elsewhere
        )


async def _check(
    invocation: Invocation,
    application: Application,
    *,
    as_json: bool,
    instead: HealthCheck | None = None,
) -> int:
    """Show all checks; ``instead`` takes the place of the one of the same subject."""
    checks = list(await application.queries.health())
    if instead is not None:
        checks = [instead if check.subject == instead.subject else check for check in checks]
    if as_json:
        await invocation.terminal.show(_CHECKS.dump_json(checks).decode())
    else:
        await invocation.terminal.show(checks_table(checks))
    is_usable = all(check.is_usable or not check.is_required for check in checks)
    return ExitCode.OK if is_usable else ExitCode.UNHEALTHY


def checks_table(checks: list[HealthCheck]) -> str:
    """One line a check, with the next step below what can't be used."""
    rows = [
        (
            "ok" if check.is_usable else ("FAILED" if check.is_required else "not usable"),
            check.subject,
            f"{check.message}{f' ({check.hint})' if check.hint and not check.is_usable else ''}",
        )
        for check in checks
    ]
    return as_table(("state", "what", "found"), rows)
