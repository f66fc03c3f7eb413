"""``agentflow licences``: under which licences the program and its parts may be used."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import list_licences
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.core.licences import Licence

app = new_app("Show the licences of the program and of what is shipped with it.")
_LICENCES: TypeAdapter[tuple[Licence, ...]] = TypeAdapter(tuple[Licence, ...])


@app.command()
def licences(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Show the licences of the program and of what is shipped with it."""
    found = list_licences()
    rows = [(part.component, part.version, part.expression) for part in found]
    table = as_table(("what", "version", "licence"), rows)
    text = _LICENCES.dump_json(found).decode() if as_json else table
    invocation_of(context).terminal.print(text)
    return ExitCode.OK
