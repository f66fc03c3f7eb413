"""Reports of a run through the door: four formats, printed by a child process, written whole."""

import asyncio
import json
from pathlib import Path

import psutil
import pypdfium2
import pytest

from agentflow_desktop.adapters.pdf_printer import ProcessPdfPrinter
from agentflow_desktop.app.report_queries import ReportFormat
from agentflow_desktop.app.wiring import Application, open_application
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import RunFailed, RunSucceeded
from support.ask_home import TASK, AskHome


async def run(app: Application, home: AskHome, task: str = TASK) -> str:
    handle = app.runs.start(home.request(task))
    async for event in handle.events():
        if isinstance(event, (RunSucceeded, RunFailed)):
            return handle.run_id
    raise AssertionError("the run did not end")


def pdf_text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return texts


async def test_a_run_is_exported_in_every_format(
    tmp_path: Path, nothing_blocks_the_loop: None
) -> None:
    home = await asyncio.to_thread(AskHome, tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id = await run(app, home)
        made = {form: await app.queries.reports.export(run_id, form) for form in ReportFormat}

    assert json.loads(made[ReportFormat.JSON])["run"]["run_id"] == run_id
    assert made[ReportFormat.MARKDOWN].startswith(b"# ")
    assert made[ReportFormat.HTML].startswith(b"<!DOCTYPE html>")
    page = await asyncio.to_thread(pdf_text, made[ReportFormat.PDF])
    assert "Standard charge current is 0.5C, maximum 140 A." in page[0]
    assert f"1 of {len(page)}" in page[0]
    assert run_id in page[-1]


async def test_a_report_takes_the_place_of_a_file_only_with_leave(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    path = tmp_path / "answer.html"
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id = await run(app, home)
        reports = app.queries.reports
        first = await reports.write(run_id, path, may_replace=False)
        with pytest.raises(InputRefused) as refused:
            await reports.write(run_id, path, may_replace=False)
        second = await reports.write(run_id, path, may_replace=True)
        with pytest.raises(InputRefused, match="no ending that says how to write it"):
            await reports.write(run_id, tmp_path / "answer.doc", may_replace=True)

    assert (first, second) == (False, True)
    assert refused.value.message == f"{path} exists."


async def test_a_run_without_a_result_has_no_report(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    async with open_application(home.overrides(), environ=home.environ) as app:
        run_id = await run(app, home, task=" ")
        with pytest.raises(InputRefused) as refused:
            await app.queries.reports.export(run_id, ReportFormat.PDF)

    assert refused.value.message == f"The run {run_id} has no result (failed)."


async def test_long_pages_are_numbered_and_nothing_named_in_them_is_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<p>SECRET</p>", encoding="utf-8")
    picture = f'<img src="{secret.as_uri()}" alt="x">'
    rows = "".join(f"<p>Line {number}</p>" for number in range(150))

    pages = pdf_text(await ProcessPdfPrinter().print_html(f"{picture}{rows}"))

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "".join(page.split()).endswith(f"{number}of{len(pages)}")
    assert "149" in pages[-1]
    assert "SECRET" not in "".join(pages)


@pytest.mark.parametrize("turns", [1, 40])
async def test_a_cancelled_export_leaves_no_process_behind(turns: int) -> None:
    printing = asyncio.ensure_future(ProcessPdfPrinter().print_html("<p>Line</p>"))
    for _ in range(turns):
        await asyncio.sleep(0)
    printing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await printing

    children = psutil.Process().children(recursive=True)
    assert [c for c in children if "print-pdf" in " ".join(c.cmdline())] == []
