"""``agentflow health``: can everything that is needed be used?"""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.queries import HealthCheck
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table

app = new_app("Check that models, keys, database and tools can be used.")
_CHECKS: TypeAdapter[list[HealthCheck]] = TypeAdapter(list[HealthCheck])


@app.command()
def health(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> int:
    """Check that models, keys, database and tools can be used. Exit code 7 if not."""
    invocation = invocation_of(context)
    return invocation.run(lambda opened: _check(invocation, opened, as_json=as_json))


async def _check(invocation: Invocation, application: Application, *, as_json: bool) -> int:
    checks = list(await application.queries.health())
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
