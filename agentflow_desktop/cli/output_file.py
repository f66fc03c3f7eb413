"""``--output FILE``: where a result is also written, checked before anything is spent."""

import os
from pathlib import Path

from agentflow_desktop.app.wiring import replace_text
from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.workflows.ask.model import AskResult
from agentflow_desktop.workflows.ask.report import to_json, to_markdown

_WRITERS = {".md": to_markdown, ".markdown": to_markdown, ".json": to_json}


class OutputFile:
    """A file to be written. Raises InputRefused at once if that can't come to pass."""

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in _WRITERS:
            raise InputRefused(
                f"{path} has no ending that says how to write it.",
                hint="End the name in .md for Markdown or .json for JSON.",
            )
        if path.is_dir():
            raise InputRefused(f"{path} is a folder.", hint="Give the name of a file in it.")
        if not path.absolute().parent.is_dir():
            raise InputRefused(
                f"There is no folder {path.absolute().parent}.", hint="Make it, or choose another."
            )
        if not os.access(path.absolute().parent, os.W_OK):
            raise InputRefused(
                f"You may not write to {path.absolute().parent}.", hint="Choose another folder."
            )
        self._path = path

    def write(self, result: AskResult) -> str:
        """Write the result whole or not at all; gives a sentence that says what was done.

        Raises StorageError if the disk refuses.
        """
        text = _WRITERS[self._path.suffix.lower()](result)
        was_there = self._path.exists()
        try:
            replace_text(self._path, text)
        except OSError as error:
            raise StorageError(
                f"{self._path} can't be written: {error.strerror}.",
                hint='The answer is kept: see "agentflow history export".',
            ) from error
        return f"{'Replaced' if was_there else 'Wrote'} {self._path}"
