"""The two streams of a command: results on stdout, progress on stderr.

Text that a model or a file contributed is shown without control characters, so that it can't
drive the terminal. ANSI codes go to a terminal that knows them, never into a pipe or a file.
"""

import asyncio
import os
import re
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CLEAR_LINE = "\r\x1b[K"


def visible(text: str) -> str:
    """The text with control and direction characters replaced, line feeds and tabs kept."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


class OutputClosed(Exception):
    """The reader of stdout went away."""


class OutputRefused(Exception):
    """What stdout is written to takes no more, a full disk for instance; the text says why."""


class Terminal:
    """Writes to both streams. The awaitable methods never hold up the loop.

    A result that nobody reads any more raises OutputClosed, one that can't be written
    OutputRefused; progress that nobody reads is lost.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.err = err
        self._out = out
        self._has_status = False
        is_plain = os.environ.get("TERM") == "dumb" or "NO_COLOR" in os.environ
        self.is_rich_out = out.isatty() and not is_plain
        self.is_rich_err = err.isatty() and not is_plain

    def print(self, text: str) -> None:
        """A result, with a line feed."""
        self.clear_status()
        with _told():
            self._out.write(f"{text}\n")
            self._out.flush()

    def note(self, text: str) -> None:
        """A line of progress."""
        self.clear_status()
        self._write_err(f"{visible(text)}\n")

    def stream(self, text: str) -> None:
        """A piece of a text that is coming in."""
        self._write_err(visible(text))

    def status(self, text: str) -> None:
        """A line that the next one replaces; nothing where the terminal can't do that."""
        if self.is_rich_err:
            self._write_err(f"{_CLEAR_LINE}{visible(text)}")
            self._has_status = True

    def clear_status(self) -> None:
        if self._has_status:
            self._has_status = False
            self._write_err(_CLEAR_LINE)

    def _write_err(self, text: str) -> None:
        with suppress(OSError):
            self.err.write(text)
            self.err.flush()

    async def show(self, text: str) -> None:
        """A result, written off the loop: a pager may take its time."""
        await asyncio.to_thread(self.print, text)

    async def show_markdown(self, text: str) -> None:
        """Markdown, drawn where stdout is a terminal, else as it is."""
        await asyncio.to_thread(self._print_markdown if self.is_rich_out else self.print, text)

    def _print_markdown(self, text: str) -> None:
        from rich.console import Console
        from rich.markdown import Markdown

        self.clear_status()
        with _told():
            Console(file=self._out).print(Markdown(text, hyperlinks=False))


@contextmanager
def _told() -> Generator[None]:
    """Why stdout took no more, as OutputClosed or OutputRefused."""
    try:
        yield
    except BrokenPipeError as error:
        raise OutputClosed from error
    except OSError as error:
        raise OutputRefused(error.strerror or str(error)) from error


def open_terminal() -> Terminal:
    """The terminal over this process's streams; a character they can't show is escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    return Terminal(sys.stdout, sys.stderr)


def as_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Columns of text under their heads; ``right`` are the columns that are right-aligned."""
    cells = [list(heads), *[[visible(cell).replace("\n", " ") for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    lines = [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)
