"""``agentflow costs``: what was spent, exact to the last digit of the ledger."""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import TypeAdapter

from agentflow_desktop.app.wiring import Application
from agentflow_desktop.cli.exit_codes import ExitCode
from agentflow_desktop.cli.invocation import Invocation, invocation_of
from agentflow_desktop.cli.options import new_app
from agentflow_desktop.cli.terminal import as_table
from agentflow_desktop.cli.wording import exact_usd, local_time
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.llm.budget import CostRow, Period, Spending

app = new_app("Show what was spent.")
_ROWS: TypeAdapter[list[CostRow]] = TypeAdapter(list[CostRow])
_SPENDING: TypeAdapter[Spending] = TypeAdapter(Spending)


class Grouping(StrEnum):
    """What costs can be summed by."""

    DAY = "day"
    MODEL = "model"
    KIND = "kind"


@app.command()
def costs(
    context: typer.Context,
    by: Annotated[Grouping | None, typer.Option(help="Sum by this; else by time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV; by day if not said.")] = False,
) -> int:
    """Show what was spent: today, this month and in all, or by day, model or kind of task."""
    if as_json and as_csv:
        raise InputRefused("--json and --csv exclude each other.", hint="Give one of them.")
    invocation = invocation_of(context)
    if by is None and as_csv:
        by = Grouping.DAY
    if by is None:
        return invocation.run(lambda opened: _sums(invocation, opened, as_json=as_json))
    return invocation.run(
        lambda opened: _groups(invocation, opened, by, as_json=as_json, as_csv=as_csv)
    )


async def _sums(invocation: Invocation, application: Application, *, as_json: bool) -> int:
    spending = await application.queries.spending()
    text = _SPENDING.dump_json(spending).decode() if as_json else spending_text(spending)
    await invocation.terminal.show(text)
    return ExitCode.OK


async def _groups(
    invocation: Invocation,
    application: Application,
    by: Grouping,
    *,
    as_json: bool,
    as_csv: bool,
) -> int:
    rows = list(await application.queries.costs_by(by.value))
    if as_json:
        text = _ROWS.dump_json(rows).decode()
    else:
        text = rows_csv(by, rows) if as_csv else rows_table(by, rows)
    await invocation.terminal.show(text)
    return ExitCode.OK


def spending_text(spending: Spending) -> str:
    """The sums by time with limits, and what kept results saved."""
    rows = [
        ("today", *_cells(spending.today), exact_usd(spending.daily_limit_usd)),
        ("this month", *_cells(spending.month), exact_usd(spending.monthly_limit_usd)),
        ("in all", *_cells(spending.total), ""),
    ]
    table = as_table(("", *_HEADS, "limit"), rows, right=(1, 2, 3, 4, 5, 6, 7))
    return "\n".join(
        [
            table,
            f"saved by kept results: {exact_usd(spending.saved_by_cache_usd)}",
            f"the day ends {local_time(spending.resets_day_at)}, "
            f"the month {local_time(spending.resets_month_at)}",
        ]
    )


def rows_table(by: Grouping, rows: Sequence[CostRow]) -> str:
    """The groups as aligned columns."""
    cells = [(row.group, *_cells(row.period)) for row in rows]
    return as_table((by.value, *_HEADS), cells, right=(1, 2, 3, 4, 5, 6))


def rows_csv(by: Grouping, rows: Sequence[CostRow]) -> str:
    """The groups as CSV with exact dollars, without a line feed at the end."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([by.value, "calls", "spent_usd", "reserved_usd", "tokens_in", "tokens_out"])
    for row in rows:
        period = row.period
        writer.writerow(
            [
                _as_text_cell(row.group),
                period.calls,
                f"{period.spent_usd:f}",
                f"{period.reserved_usd:f}",
                period.input_tokens,
                period.output_tokens,
            ]
        )
    return text.getvalue().rstrip("\n")


_HEADS = ("calls", "spent", "average", "reserved", "tokens in", "tokens out")


def _cells(period: Period) -> tuple[str, ...]:
    return (
        f"{period.calls:,}",
        exact_usd(period.spent_usd),
        exact_usd(round(period.average_usd, 9)),
        exact_usd(period.reserved_usd),
        f"{period.input_tokens:,}",
        f"{period.output_tokens:,}",
    )


def _as_text_cell(text: str) -> str:
    """A server chooses its models' names: none may be a formula to a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
