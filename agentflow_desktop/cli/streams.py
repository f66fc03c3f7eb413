"""The process's own streams where one is closed, its reader went away or its disk is full."""

import os
import sys
from pathlib import Path


def open_missing_streams() -> None:
    """Give a stream that was closed by the caller to nobody, so that it can be written to.

    Else the next file that is opened, a database for instance, would get its number, and child
    processes would take that for their output.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def leave_stdout() -> None:
    """Nothing takes stdout any more: what is still buffered must not fail at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
