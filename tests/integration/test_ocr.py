"""Pages that are pictures: told without the extra, read by a process of its own with it."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from agentflow_desktop.adapters.readers.directory_reader import reader_version
from agentflow_desktop.adapters.readers.page_drawer import ProcessPageDrawer
from agentflow_desktop.adapters.readers.picture_reader import ocr_command
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import FileReading, FileState, Selection
from agentflow_desktop.documents.quotes import check_quote
from support.office_files import eml_bytes
from support.pdf_files import bars_pdf_bytes, pdf_bytes, scanned_pdf_bytes
from support.reading import open_reader, read_all
from support.small_ocr import SMALL_OCR

SHEET = Path(__file__).parents[2] / "resources/examples/battery/cell-datasheet.pdf"
BARS = bars_pdf_bytes((60, 700, 300, 20), (60, 600, 200, 20))
DYING = (SMALL_OCR[0], "-c", "import sys; sys.stdin.readline(); sys.stdin.readline()")


async def read_one(
    directory: Path,
    content: bytes,
    *,
    name: str = "a.pdf",
    ocr: tuple[str, ...] | None = SMALL_OCR,
    workflow: WorkflowSettings | None = None,
) -> dict[str, FileReading]:
    folder = directory / "documents"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    async with open_reader(directory, ocr=ocr, workflow=workflow) as reader:
        return await read_all(reader, folder)


async def test_without_the_extra_a_picture_is_told_with_the_command_that_helps(
    tmp_path: Path,
) -> None:
    reading = (await read_one(tmp_path, BARS, ocr=None))["a.pdf"]

    assert reading.state is FileState.FAILED
    assert reading.reason == (
        "1 page is a picture; install the OCR extra to read them: "
        "pip install 'agentflow-desktop[ocr]'"
    )


async def test_a_page_that_is_a_picture_is_read_in_rows(tmp_path: Path) -> None:
    document = (await read_one(tmp_path, BARS))["a.pdf"].document

    assert document is not None
    assert document.text == (
        "This is the printed line number 1 here.\nThis is the printed line number 2 here."
    )
    assert set(document.from_pictures) == {1}
    assert document.notes == ("Pages 1: read from pictures, where letters may be mistaken.",)


async def test_quotes_out_of_a_picture_may_differ_in_letters_but_never_in_figures(
    tmp_path: Path,
) -> None:
    document = (await read_one(tmp_path, BARS))["a.pdf"].document
    assert document is not None

    exact = check_quote(document, "the printed line number 2 here")
    close = check_quote(document, "This is the pr1nted line number 2 here.")
    letter = check_quote(document, "This is the prlnted line number 2 here.")
    figure = check_quote(document, "This is the printed line number 3 here.")

    assert (exact.state, exact.is_from_ocr, exact.place()) == (QuoteState.EXACT, True, "a.pdf:p1:2")
    assert (letter.state, letter.line) == (QuoteState.CLOSE, 2)
    assert close.state is QuoteState.NOT_FOUND
    assert figure.state is QuoteState.NOT_FOUND


async def test_the_quote_is_marked_on_the_picture(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(BARS)
    selection = Selection(directories=(folder,))
    drawer = ProcessPageDrawer(workflow=WorkflowSettings(), performance=PerformanceSettings())
    async with open_reader(tmp_path, ocr=SMALL_OCR) as reader:
        sources = SourceQueries(reader, drawer)
        document = (await sources.source_text(selection, "a.pdf")).document
        assert document is not None
        found = check_quote(document, "This is the printed line number 2 here.")
        assert found.start is not None
        assert found.end is not None
        image = await sources.page_image(selection, "a.pdf", 1, (found.start, found.end), 595)
        await drawer.close()

    (box,) = image.quote_boxes
    assert image.is_from_ocr
    assert abs(box.left - 60) <= 2
    assert abs(box.right - 260) <= 2
    assert abs(box.top - (842 - 620)) <= 2
    assert abs(box.bottom - (842 - 600)) <= 2


async def test_a_page_with_text_is_not_read_again(tmp_path: Path) -> None:
    document = (await read_one(tmp_path, pdf_bytes([["Plain text."], []])))["a.pdf"].document

    assert document is not None
    assert document.text == "Plain text.\n\n"
    assert document.from_pictures == {}
    assert document.notes == ("Page 2 has no text layer.",)


async def test_a_scan_within_a_mail_is_read(tmp_path: Path) -> None:
    mail = eml_bytes(attachments={"scan.pdf": BARS})
    readings = await read_one(tmp_path, mail, name="m.eml")

    document = readings["m.eml/scan.pdf"].document
    assert document is not None
    assert check_quote(document, "the printed line number 1").is_from_ocr


async def test_no_more_pictures_are_read_than_settings_allow(tmp_path: Path) -> None:
    workflow = WorkflowSettings(max_ocr_pages=1)
    mail = eml_bytes(attachments={"a.pdf": BARS, "b.pdf": bars_pdf_bytes((60, 500, 90, 9))})
    readings = await read_one(tmp_path, mail, name="m.eml", workflow=workflow)

    assert readings["m.eml/a.pdf"].state is FileState.READ
    assert "at most 1 are read (workflow.max_ocr_pages)" in readings["m.eml/b.pdf"].reason


@pytest.mark.allow_log_warnings
async def test_a_lost_process_costs_its_page_and_is_no_lasting_fact(tmp_path: Path) -> None:
    reading = (await read_one(tmp_path, BARS, ocr=DYING))["a.pdf"]

    assert reading.document is None
    assert reading.reason.startswith("Pages 1: pictures that could not be read: its process ended")
    assert reading.is_passing


def test_another_reading_of_the_same_bytes_has_another_version() -> None:
    usual, roomy = PerformanceSettings(), PerformanceSettings(reader_memory_mb=2_048)
    plain = reader_version(WorkflowSettings(), usual, has_ocr=False)
    larger = reader_version(WorkflowSettings(), roomy, has_ocr=False)
    with_ocr = reader_version(WorkflowSettings(), usual, has_ocr=True)
    fewer = reader_version(WorkflowSettings(max_ocr_pages=3), usual, has_ocr=True)

    assert "pypdfium2 " in plain
    assert len({plain, larger, with_ocr, fewer}) == 4


@pytest.mark.skipif(find_spec("rapidocr") is None, reason="the OCR extra is not installed")
@pytest.mark.parametrize("name", ["scan.pdf", "scan.png"])
async def test_a_scanned_page_is_read_by_the_extra_without_a_network(
    tmp_path: Path, name: str
) -> None:
    command = ocr_command()
    assert command is not None
    content = scanned_pdf_bytes(SHEET.read_bytes(), dpi=216)
    if name.endswith(".png"):
        content = _as_png(content)
    readings = await read_one(tmp_path, content, name=name, ocr=tuple(command))

    document = readings[name].document
    assert document is not None, readings[name].reason
    found = check_quote(document, "The charge current is limited to 0.5C")
    assert found.state.is_found
    assert found.is_from_ocr
    assert check_quote(document, "limited to 0.6C, which is 2400 mA").state is QuoteState.NOT_FOUND


def _as_png(content: bytes) -> bytes:
    """The first page of a PDF as a PNG file."""
    import pypdfium2
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage

    bitmap = pypdfium2.PdfDocument(content)[0].render(scale=2)
    image = QImage(
        bytes(bitmap.buffer),
        bitmap.width,
        bitmap.height,
        bitmap.stride,
        QImage.Format.Format_BGR888,
    )
    target = QBuffer()
    target.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(target, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(target.data().data())
