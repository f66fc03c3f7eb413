"""``--output FILE``: where a result is also written, checked before anything is spent."""

from pathlib import Path

from agentflow_desktop.app.report_queries import ReportQueries, format_of_name
from agentflow_desktop.app.wiring import check_target


class OutputFile:
    """A file to be written. Raises InputRefused at once if that can't come to pass."""

    def __init__(self, path: Path) -> None:
        format_of_name(path)
        check_target(path)
        self._path = path

    async def write(self, reports: ReportQueries, run_id: str) -> str:
        """Write the run's report; gives a sentence that says what was done. Who names a file on
        the command line agrees to replace it. Raises StorageError if the disk refuses."""
        was_there = await reports.write(run_id, self._path, may_replace=True)
        return f"{'Replaced' if was_there else 'Wrote'} {self._path}"
