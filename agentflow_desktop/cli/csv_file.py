"""``--csv FILE``: where a table is written, checked before the work; ``-`` is stdout."""

import asyncio
from pathlib import Path

from agentflow_desktop.app.wiring import replace_text
from agentflow_desktop.cli.invocation import given_path
from agentflow_desktop.core.errors import InputRefused, StorageError

_STDOUT = "-"


class CsvFile:
    """A table's destination. Raises InputRefused at once if there is no folder for it."""

    def __init__(self, name: str) -> None:
        self._path: Path | None = None
        if name == _STDOUT:
            return
        self._path = given_path(Path(name))
        if not name or self._path.is_dir() or not self._path.absolute().parent.is_dir():
            raise InputRefused(
                f"{name or 'Nothing'} can't be written as a file.",
                hint="Name a file in a folder that is there, or - to print it.",
            )

    async def take(self, text: str) -> str:
        """Write the table; gives what to print: the table itself, or a sentence.

        Raises StorageError if the disk refuses.
        """
        if self._path is None:
            return text.rstrip("\n")
        try:
            await asyncio.to_thread(replace_text, self._path, text)
        except OSError as error:
            raise StorageError(
                f"{self._path} can't be written: {error.strerror}.", hint="Choose another place."
            ) from error
        return f"Wrote {self._path}"
