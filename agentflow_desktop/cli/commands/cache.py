"""``agentflow cache``: kept results."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import byte_size, count, exact_usd, local_time
from agentflow_desktop.llm.cache import CacheLine, CacheStats

app = new_app("Show and clear kept results.")
_LINES: TypeAdapter[list[CacheLine]] = TypeAdapter(list[CacheLine])
_STATS: TypeAdapter[CacheStats] = TypeAdapter(CacheStats)

_SHOWN_KEY = 12
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def stats(context: typer.Context, as_json: AsJson = False) -> int:
    """Show how much is kept, how often it was of use, and what it saved."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        found = await application.queries.cache_stats()
        text = _STATS.dump_json(found).decode() if as_json else stats_text(found)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


@app.command("list")
def list_lines(context: typer.Context, as_json: AsJson = False) -> int:
    """List the kept results, newest first."""
    invocation = invocation_of(context)

    async def work(application: Application) -> int:
        lines = list(await application.queries.cache_lines())
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
        ]
    )


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
