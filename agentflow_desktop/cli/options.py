"""What the commands' parsers have in common."""

from datetime import date
from typing import Annotated

import typer

from agentflow_desktop.core.errors import InputRefused

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FromDay = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="The first day, as 2026-11-23.")
]
ToDay = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last day; today if not said.")
]
CsvTarget = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help="Write CSV there; - prints it.")
]


def new_app(summary: str) -> typer.Typer:
    """An empty parser: plain help that works on every terminal, no start-up cost for looks."""
    return typer.Typer(
        help=summary,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def given_day(option: str, text: str | None) -> date | None:
    """The day that was given. Raises InputRefused for what is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputRefused(
            f"{option} {text!r} is no day.", hint="Write it as 2026-11-23."
        ) from error
