"""``agentflow cache``: kept results."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.cost_queries import days_between
from agentflow_desktop.app.cost_tables import uses_csv
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.csv_file import CsvFile
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import AsJson, CsvTarget, FromDay, ToDay, given_day, new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import byte_size, count, local_time
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.money import exact_usd
from agentflow_desktop.llm.cache import CacheLine, CacheStats, CacheUse, uses_by
from agentflow_desktop.llm.costs import CostGroup

app = new_app("Show and clear kept results.")
_LINES: TypeAdapter[list[CacheLine]] = TypeAdapter(list[CacheLine])
_STATS: TypeAdapter[CacheStats] = TypeAdapter(CacheStats)

_USES: TypeAdapter[list[CacheUse]] = TypeAdapter(list[CacheUse])

_SHOWN_KEY = 12
_LONG_AGO = date(2020, 1, 1)  # before the first version


class Step(StrEnum):
    """The periods that uses can be summed by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@app.command()
def stats(context: typer.Context, as_json: AsJson = False) -> int:
    """Show how much is kept, how often it was of use, and what it saved."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        found = await application.queries.cache.stats()
        text = _STATS.dump_json(found).decode() if as_json else stats_text(found)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def uses(
    context: typer.Context,
    by: Annotated[Step, typer.Option(help="Sum by this.")] = Step.DAY,
    *,
    from_day: FromDay = None,
    to_day: ToDay = None,
    as_json: AsJson = False,
    csv: CsvTarget = None,
) -> int:
    """Show over time how often results were found, missed or too old, and what that saved."""
    if as_json and csv is not None:
        raise InputRefused("--json and --csv exclude each other.", hint="Give one of them.")
    first, last = given_day("--from", from_day), given_day("--to", to_day)
    target = CsvFile(csv) if csv is not None else None
    invocation, step = invocation_of(context), CostGroup(by)

    async def work(application: Application) -> int:
        days = days_between(first, last, _LONG_AGO, application.queries.costs.today())
        found = list(uses_by(await application.queries.cache.uses(days), step))
        if as_json:
            text = _USES.dump_json(found).decode()
        elif target is not None:
            text = await target.take(uses_csv(step, found))
        else:
            text = uses_table(step, found)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command("list")
def list_lines(context: typer.Context, as_json: AsJson = False) -> int:
    """List the kept results, newest first."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        lines = list(await application.queries.cache.lines())
        await invocation.terminal.show(
            _LINES.dump_json(lines).decode() if as_json else lines_table(lines)
        )
        return ExitCode.OK

    return invocation.run(work)


@app.command()
def invalidate(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The key of a kept result, or how it begins.")],
) -> int:
    """Remove the results whose key begins so."""
    return _remove(invocation_of(context), lambda opened: opened.queries.cache.invalidate(key))


@app.command("clear-old")
def clear_old(context: typer.Context) -> int:
    """Remove the results that are too old to be used."""
    return _remove(invocation_of(context), lambda opened: opened.queries.cache.clear_old())


@app.command()
def clear(context: typer.Context) -> int:
    """Remove every kept result. The ledger and the history stay."""
    return _remove(invocation_of(context), lambda opened: opened.queries.cache.clear())


def stats_text(found: CacheStats) -> str:
    """The statistics as lines."""
    return "\n".join(
        [
            f"kept: {count(found.entries, 'result')}, {byte_size(found.byte_count)}",
            f"hits: {found.hits:,}, misses: {found.misses:,}, too old: {found.stale:,}",
            f"saved: {exact_usd(found.saved_usd)}, {found.saved_s:,.1f} s",
            *([f"oldest kept at: {local_time(found.oldest_at)}"] if found.oldest_at else []),
        ]
    )


def uses_table(step: CostGroup, found: Sequence[CacheUse]) -> str:
    """One line a period."""
    rows = [
        (
            use.day.isoformat(),
            f"{use.hits:,}",
            f"{use.misses:,}",
            f"{use.stale:,}",
            exact_usd(use.saved_usd),
            f"{use.saved_s:,.1f} s",
        )
        for use in found
    ]
    heads = (step.value, "hits", "misses", "too old", "saved", "time saved")
    return as_table(heads, rows, right=range(1, 6))


def lines_table(lines: list[CacheLine]) -> str:
    """One line a result."""
    rows = [
        (
            line.key[:_SHOWN_KEY],
            local_time(line.stored_at),
            "yes" if line.is_fresh else "too old",
            exact_usd(line.cost_usd),
            byte_size(line.byte_count),
            f"{line.hits:,}",
            line.title,
        )
        for line in lines
    ]
    heads = ("key", "kept at", "fresh", "cost", "size", "hits", "task")
    return as_table(heads, rows, right=(3, 4, 5))


def _remove(invocation: Invocation, remove: Callable[[Application], Awaitable[int]]) -> int:
    async def work(application: Application) -> int:
        removed = await remove(application)
        await invocation.terminal.show(f"Removed {count(removed, 'result')}.")
        return ExitCode.OK

    return invocation.run(work)
