"""``agentflow database``: backups, and the ways out when it is damaged. Nothing is deleted."""

import sys
from typing import Annotated

import typer

from agentflow_desktop.app.wiring import Application, list_backups, restore_backup, set_aside
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import byte_size, local_time
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.errors import InputRefused

app = new_app("Check and back up the database, go back to a backup, or start fresh.")
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list")
def list_all(context: typer.Context) -> int:
    """List the backups, newest first."""
    invocation = invocation_of(context)
    database = invocation.start().database_path
    rows = [
        (local_time(b.made_at), b.reason, byte_size(b.path.stat().st_size), str(b.path))
        for b in list_backups(database)
    ]
    heads = ("made at", "why", "size", "where")
    invocation.terminal.print(as_table(heads, rows, right=(2,)) if rows else "No backups yet.")
    return ExitCode.OK


@app.command()
def check(context: typer.Context) -> int:
    """Have SQLite check the database. Exit code 6 if it is damaged."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        found = await application.queries.upkeep.check_database()
        if found:
            await invocation.terminal.show(f"The database is damaged: {found}")
            invocation.terminal.note("agentflow database restore")
            return ExitCode.STORAGE
        await invocation.terminal.show("The database is sound.")
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def backup(context: typer.Context) -> int:
    """Copy the database now. The newest five copies made so are kept."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        path = await application.queries.upkeep.back_up()
        await invocation.terminal.show(f"Copied the database to {path}.")
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def restore(context: typer.Context, yes: Yes = False) -> int:
    """Put the newest good backup in the database's place; the present file is kept aside."""
    invocation = invocation_of(context)
    database = invocation.start().database_path
    _confirm(invocation, "What was done since the newest good backup will not be seen.", yes=yes)
    backup, kept = restore_backup(database, SystemClock().now())
    invocation.terminal.print(f"Restored the backup of {local_time(backup.made_at)}.")
    if kept is not None:
        invocation.terminal.print(f"The former database is kept as {kept}.")
    return ExitCode.OK


@app.command("start-fresh")
def start_fresh(context: typer.Context, yes: Yes = False) -> int:
    """Begin with an empty database; the present file is kept aside."""
    invocation = invocation_of(context)
    database = invocation.start().database_path
    _confirm(invocation, "History and ledger begin anew: limits count from zero.", yes=yes)
    kept = set_aside(database, SystemClock().now())
    invocation.terminal.print(
        f"The former database is kept as {kept}." if kept else "There was no database."
    )
    return ExitCode.OK


def _confirm(invocation: Invocation, consequence: str, *, yes: bool) -> None:
    """Ask before a step that other running copies of the program would not survive."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputRefused(
            "This changes the database and needs a yes.", hint="Give --yes if you mean it."
        )
    invocation.terminal.note("Close the window and end other commands first.")
    invocation.terminal.note(consequence)
    invocation.terminal.stream("Go on? [y/N] ")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise typer.Abort
