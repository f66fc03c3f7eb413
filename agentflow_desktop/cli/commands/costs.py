"""``agentflow costs``: what was spent, exact to the last digit of the ledger."""

from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.cost_queries import days_between
from agentflow_desktop.app.cost_tables import lines_csv
from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.csv_file import CsvFile
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import AsJson, CsvTarget, FromDay, ToDay, given_day, new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import local_time
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.money import exact_usd, format_usd
from agentflow_desktop.llm.budget import Period, Spending
from agentflow_desktop.llm.costs import CostGroup, CostLine, CostSums, total_of
from agentflow_desktop.llm.forecast import LEAST_DAYS, MonthOutlook

app = new_app("Show what was spent.")
_LINES: TypeAdapter[list[CostLine]] = TypeAdapter(list[CostLine])
_SUMS: TypeAdapter[dict[str, Spending | MonthOutlook]] = TypeAdapter(
    dict[str, Spending | MonthOutlook]
)


@app.command()
def costs(
    context: typer.Context,
    by: Annotated[
        CostGroup | None, typer.Option(help="Sum by this; with a range, by day if not said.")
    ] = None,
    *,
    from_day: FromDay = None,
    to_day: ToDay = None,
    as_json: AsJson = False,
    csv: CsvTarget = None,
) -> int:
    """Show what was spent: today, this month with a forecast and in all; or in a range of days,
    by day, week, month, model, kind of task or run."""
    if as_json and csv is not None:
        raise InputRefused("--json and --csv exclude each other.", hint="Give one of them.")
    first, last = given_day("--from", from_day), given_day("--to", to_day)
    target = CsvFile(csv) if csv is not None else None
    invocation = invocation_of(context)
    if by is None and first is None and last is None and target is None:
        return invocation.run(lambda opened: _sums(invocation, opened, as_json=as_json))
    group = by or CostGroup.DAY

    async def work(application: Application) -> int:
        door = application.queries.costs
        days = days_between(first, last, await door.first_day(), door.today())
        lines = list(await door.lines(days, group))
        if as_json:
            text = _LINES.dump_json(lines).decode()
        elif target is not None:
            text = await target.take(lines_csv(group, lines))
        else:
            text = lines_table(group, lines)
        await invocation.terminal.show(text)
        return ExitCode.OK

    return invocation.run(work)


async def _sums(invocation: Invocation, application: Application, *, as_json: bool) -> int:
    door = application.queries.costs
    spending, month = await door.spending(), await door.outlook(door.today())
    if as_json:
        text = _SUMS.dump_json({"spending": spending, "outlook": month}).decode()
    else:
        text = f"{spending_text(spending)}\n{outlook_text(month)}"
    await invocation.terminal.show(text)
    return ExitCode.OK


def spending_text(spending: Spending) -> str:
    """The sums by time with limits, and what kept results saved."""
    rows = [
        ("today", *_period_cells(spending.today), exact_usd(spending.daily_limit_usd)),
        ("this month", *_period_cells(spending.month), exact_usd(spending.monthly_limit_usd)),
        ("in all", *_period_cells(spending.total), ""),
    ]
    heads = ("", "calls", "spent", "average", "reserved", "tokens in", "tokens out", "limit")
    return "\n".join(
        [
            as_table(heads, rows, right=range(1, 8)),
            f"saved by kept results: {exact_usd(spending.saved_by_cache_usd)}",
            f"the day ends {local_time(spending.resets_day_at)}, "
            f"the month {local_time(spending.resets_month_at)}",
        ]
    )


def outlook_text(month: MonthOutlook) -> str:
    """Where the month leads, and how that was found."""
    if month.forecast_usd is None:
        return f"forecast: after {LEAST_DAYS} days with the ledger"
    words = (
        f"forecast: {format_usd(month.forecast_usd)} +- {format_usd(month.spread_usd)} this month,"
        f" from the mean of the last {month.sampled_days} days by weekday"
    )
    if month.reached_on is None:
        return words
    return f"{words}; the limit is passed on {month.reached_on.isoformat()}"


def lines_table(group: CostGroup, lines: Sequence[CostLine]) -> str:
    """The groups as aligned columns, and their sum."""
    heads = (
        group.value, "calls", "spent", "average", "reserved", "tokens in", "cached", "tokens out",
        "thinking", "",
    )  # fmt: skip
    rows = [(line.group, *_cells(line.sums), _note(line)) for line in lines]
    rows.append(("total", *_cells(total_of(line.sums for line in lines)), ""))
    return as_table(heads, rows, right=range(1, 9))


def _note(line: CostLine) -> str:
    notes = [f"served as {', '.join(line.served)}"] if line.served else []
    if line.sums.unknown_calls:
        notes.append(f"{line.sums.unknown_calls:,} of unknown cost, counted at the hold")
    if line.sums.estimated_calls:
        notes.append(f"{line.sums.estimated_calls:,} estimated")
    return "; ".join([*notes, line.title] if line.title else notes)


def _cells(sums: CostSums) -> tuple[str, ...]:
    return (
        f"{sums.calls:,}",
        exact_usd(sums.spent_usd),
        exact_usd(round(sums.average_usd, 9)),
        exact_usd(sums.reserved_usd),
        f"{sums.input_tokens:,}",
        f"{sums.cached_input_tokens:,}",
        f"{sums.output_tokens:,}",
        f"{sums.thinking_tokens:,}",
    )


def _period_cells(period: Period) -> tuple[str, ...]:
    return (
        f"{period.calls:,}",
        exact_usd(period.spent_usd),
        exact_usd(round(period.average_usd, 9)),
        exact_usd(period.reserved_usd),
        f"{period.input_tokens:,}",
        f"{period.output_tokens:,}",
    )
