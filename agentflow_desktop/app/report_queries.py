"""The door to reports: a run that has a result, as a document to keep."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, assert_never

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.history import RunHistory
from agentflow_desktop.workflows.ask import report as answer
from agentflow_desktop.workflows.ask import report_html as answer_html
from agentflow_desktop.workflows.ask import report_markdown as answer_markdown
from agentflow_desktop.workflows.board import report as selftest
from agentflow_desktop.workflows.board import report_html as selftest_html
from agentflow_desktop.workflows.board import report_markdown as selftest_markdown

Report = answer.Report | selftest.SelftestReport


class ReportFormat(StrEnum):
    """A form that a report can have. The value is the ending of its file's name."""

    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"


class PdfPrinter(Protocol):
    async def print_html(self, page: str) -> bytes:
        """The page as a PDF. Raises StorageError if it can't be made."""
        ...


class FileWriter(Protocol):
    def __call__(self, path: Path, content: bytes, *, may_replace: bool) -> bool:
        """Write a file whole or not at all; gives whether it replaced one. Raises InputRefused
        if there is one that may not be replaced, and StorageError if the disk refuses."""
        ...


class ReportQueries:
    """Reports of runs, in any format. Safe to await on the window's loop."""

    def __init__(self, history: RunHistory, printer: PdfPrinter, write_file: FileWriter) -> None:
        self._history = history
        self._printer = printer
        self._write_file = write_file

    async def export(self, run_id_prefix: str, form: ReportFormat) -> bytes:
        """The content of a report's file.

        Raises InputRefused unless exactly one run begins so and has a result, and StorageError
        if a PDF can't be printed.
        """
        summary = await self._history.find(run_id_prefix)
        events = await self._history.events(summary.run_id)
        report = await asyncio.to_thread(_report_of, events)
        if report is None:
            raise InputRefused(
                f"The run {summary.run_id} has no result ({summary.state.value}).",
                hint="agentflow history show tells what it did.",
            )
        if form is ReportFormat.PDF:
            return await self._printer.print_html(await asyncio.to_thread(_to_html, report))
        return await asyncio.to_thread(_content, report, form)

    async def write(self, run_id_prefix: str, path: Path, *, may_replace: bool) -> bool:
        """Write a report in the format that the file's ending names; gives whether it took the
        place of another file.

        Raises as ``export`` and ``format_of_name`` do, InputRefused if a file is there that may
        not be replaced, and StorageError if the disk refuses.
        """
        content = await self.export(run_id_prefix, format_of_name(path))
        return await asyncio.to_thread(self._write_file, path, content, may_replace=may_replace)


def format_of_name(path: Path) -> ReportFormat:
    """The format that a file's name asks for. Raises InputRefused if it names none."""
    endings = {".markdown": ReportFormat.MARKDOWN, ".htm": ReportFormat.HTML}
    endings |= {f".{form.value}": form for form in ReportFormat}
    form = endings.get(path.suffix.lower())
    if form is None:
        raise InputRefused(
            f"{path} has no ending that says how to write it.",
            hint="End the name in .md for Markdown, .html, .pdf or .json.",
        )
    return form


def _report_of(events: Sequence[RunEvent]) -> Report | None:
    """The report of a run of whatever workflow."""
    return answer.report_of(events) or selftest.report_of(events)


def _to_html(report: Report) -> str:
    match report:
        case answer.Report():
            return answer_html.to_html(report)
        case selftest.SelftestReport():
            return selftest_html.to_html(report)


def _to_markdown(report: Report) -> str:
    match report:
        case answer.Report():
            return answer_markdown.to_markdown(report)
        case selftest.SelftestReport():
            return selftest_markdown.to_markdown(report)


def _to_json(report: Report) -> str:
    match report:
        case answer.Report():
            return answer.to_json(report)
        case selftest.SelftestReport():
            return selftest.to_json(report)


def _content(report: Report, form: ReportFormat) -> bytes:
    match form:
        case ReportFormat.MARKDOWN:
            text = _to_markdown(report)
        case ReportFormat.HTML:
            text = _to_html(report)
        case ReportFormat.JSON:
            text = _to_json(report)
        case ReportFormat.PDF:
            raise AssertionError("a PDF is printed")
        case _:
            assert_never(form)
    return text.encode("utf-8", "replace")
