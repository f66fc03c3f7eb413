"""What the commands' parsers have in common."""

import typer


def new_app(summary: str) -> typer.Typer:
    """An empty parser: plain help that works on every terminal, no start-up cost for looks."""
    return typer.Typer(
        help=summary,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
