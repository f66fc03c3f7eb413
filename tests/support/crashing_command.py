"""The command line with one more command, ``crash``: a bug whose message holds the key.

python tests/support/crashing_command.py crash VARIABLE
"""

import os
import sys
from types import ModuleType
from typing import Annotated

import typer

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.dispatch import run_command
from agentflow_desktop.cli.invocation import invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.root import parse_root


def crash(context: typer.Context, variable: Annotated[str, typer.Argument()]) -> int:
    """Fail as a bug would, with the key of this variable in hand."""

    async def work(_: Application) -> int:
        raise RuntimeError(f"sent {{'Authorization': 'Bearer {os.environ[variable]}'}}")

    return invocation_of(context).run(work)


def main() -> int:
    """Run the command as the program itself would."""
    module = ModuleType("agentflow_desktop.cli.commands.crash")
    module.__dict__["app"] = new_app("Crash.")
    module.__dict__["app"].command()(crash)
    sys.modules[module.__name__] = module
    return run_command("crash", parse_root(sys.argv[1:]), None)


if __name__ == "__main__":
    sys.exit(main())
