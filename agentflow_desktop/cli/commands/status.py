"""``agentflow status``: what is configured, running and spent."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.queries import Status
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import visible
from agentflow_desktop.cli.wording import byte_size, count, local_time
from agentflow_desktop.core.money import exact_usd

app = new_app("Show what is configured, running and spent.")
_STATUS: TypeAdapter[Status] = TypeAdapter(Status)


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the status as JSON.")] = False,
) -> int:
    """Show what is configured, running and spent."""
    invocation = invocation_of(context)
    return invocation.run(lambda opened: _show(invocation, opened, as_json=as_json))


async def _show(invocation: Invocation, application: Application, *, as_json: bool) -> int:
    found = await application.queries.status()
    text = _STATUS.dump_json(found).decode() if as_json else visible(status_text(found))
    await invocation.terminal.show(text)
    return ExitCode.OK


def status_text(found: Status) -> str:
    """The status as lines for a person."""
    lines = [
        f"{role.value}: {line.name} ({line.model} at {line.address}), {line.price}"
        for line in found.models
        for role in line.roles
    ]
    names = ", ".join(line.name for line in found.models if not line.roles)
    if names:
        lines.append(f"other models: {names}")
    lines.append(f"running: {count(len(found.running), 'run')}")
    lines += [
        f"  {run.run_id}  since {local_time(run.started_at)}  {run.title}" for run in found.running
    ]
    spending = found.spending
    lines += [
        f"spent today: {exact_usd(spending.today.spent_usd)} "
        f"of {exact_usd(spending.daily_limit_usd)}, until {local_time(spending.resets_day_at)}",
        f"spent this month: {exact_usd(spending.month.spent_usd)} "
        f"of {exact_usd(spending.monthly_limit_usd)}, "
        f"until {local_time(spending.resets_month_at)}",
        f"reserved now: {exact_usd(spending.total.reserved_usd)}",
        f"kept results: {found.cache.entries:,}, {byte_size(found.cache.byte_count)}, "
        f"saved {exact_usd(found.cache.saved_usd)}",
        f"database: {found.database_path}, {byte_size(found.database_bytes)}",
        f"logs: {found.log_directory}",
    ]
    return "\n".join(lines)
