"""``--csv FILE``: where a table is written, checked before the work; ``-`` is stdout."""

import asyncio
from pathlib import Path

from agentflow_desktop.app.wiring import check_target, write_whole
from agentflow_desktop.cli.invocation import given_path
from agentflow_desktop.core.errors import InputRefused

_STDOUT = "-"


class CsvFile:
    """A table's destination. Raises InputRefused at once if it can't be written there."""

    def __init__(self, name: str) -> None:
        self._path: Path | None = None
        if name == _STDOUT:
            return
        if not name:
            raise InputRefused("--csv names no file.", hint="Name one, or give - to print it.")
        self._path = given_path(Path(name))
        check_target(self._path)

    async def take(self, text: str) -> str:
        """Write the table; gives what to print: the table itself, or a sentence.

        Raises StorageError if the disk refuses.
        """
        if self._path is None:
            return text.rstrip("\n")
        content = text.encode()
        was_there = await asyncio.to_thread(write_whole, self._path, content, may_replace=True)
        return f"{'Replaced' if was_there else 'Wrote'} {self._path}"
