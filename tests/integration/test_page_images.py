"""Pages as pictures: the quote is marked where its letters are drawn, by a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agentflow_desktop.adapters.readers.page_drawer import ProcessPageDrawer
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.document import Document, Selection
from agentflow_desktop.documents.page_image import MAX_PIXELS, PageImage, PixelBox
from agentflow_desktop.documents.quotes import check_quote
from support.office_files import eml_bytes
from support.pdf_files import drawn_pdf_bytes, pdf_bytes, shown_text
from support.reading import open_reader

SHEET = Path(__file__).parents[2] / "resources/examples/battery/cell-datasheet.pdf"


@asynccontextmanager
async def opened(directory: Path, *, timeout_s: float = 60.0) -> AsyncIterator[SourceQueries]:
    performance = PerformanceSettings(reader_timeout_s=timeout_s)
    drawer = ProcessPageDrawer(workflow=WorkflowSettings(), performance=performance)
    async with open_reader(directory) as reader:
        try:
            yield SourceQueries(reader, drawer)
        finally:
            await drawer.close()


async def marked(
    directory: Path, content: bytes, quote: str, *, width_px: int = 595, name: str = "a.pdf"
) -> PageImage:
    """The page of a quote, with the quote marked."""
    folder = directory / "documents"
    folder.mkdir(exist_ok=True)
    (folder / name.partition("/")[0]).write_bytes(content)
    selection = Selection(directories=(folder,))
    async with opened(directory) as sources:
        document = await document_of(sources, selection, name)
        page, span = place(document, quote)
        return await sources.page_image(selection, name, page, span, width_px)


async def document_of(sources: SourceQueries, selection: Selection, name: str) -> Document:
    reading = await sources.source_text(selection, name)
    assert reading.document is not None, reading.reason
    return reading.document


def place(document: Document, quote: str) -> tuple[int, tuple[int, int]]:
    found = check_quote(document, quote)
    assert found.state.is_found, document.text
    assert found.page is not None
    assert found.start is not None
    assert found.end is not None
    return found.page, (found.start, found.end)


def inked(image: PageImage) -> list[tuple[int, int]]:
    """The dark pixels of a page, as x and y."""
    rows = range(image.height_px)
    stride = image.width_px * 4
    return [
        (x // 4, y)
        for y in rows
        for x in range(0, stride, 4)
        if image.pixels[y * stride + x + 1] < 128
    ]


def holds(box: PixelBox, x: int, y: int) -> bool:
    return box.left <= x < box.right and box.top <= y < box.bottom


async def test_the_marked_pixels_are_those_of_the_quote_and_no_others(tmp_path: Path) -> None:
    image = await marked(tmp_path, pdf_bytes([["one", "wanted words", "three"]]), "wanted words")
    blank = await marked(tmp_path, pdf_bytes([["one", "", "three"]]), "three")

    ink, others = set(inked(image)), set(inked(blank))
    (box,) = image.quote_boxes
    assert (image.width_px, image.height_px, image.page, image.page_count) == (595, 842, 1, 1)
    assert ink > others
    assert all(holds(box, x, y) for x, y in ink - others)
    assert not any(holds(box, x, y) for x, y in others)


async def test_a_quote_over_two_lines_has_a_box_for_each(tmp_path: Path) -> None:
    content = pdf_bytes([["ahead of it", "begins here", "ends there", "after it"]])

    image = await marked(tmp_path, content, "begins here ends")

    first, second = image.quote_boxes
    assert first.bottom <= second.top + 4
    assert first.left == second.left
    assert first.right > second.right


async def test_text_that_nobody_sees_does_not_shift_the_mark(tmp_path: Path) -> None:
    plain = shown_text("Before it.", at="60 760") + shown_text("The quote.", at="60 700")
    hidden = shown_text("HIDDEN words " * 5, before="3 Tr", at="60 730")

    seen = await marked(tmp_path, drawn_pdf_bytes(plain), "The quote.")
    shifted = await marked(tmp_path, drawn_pdf_bytes(hidden + plain), "The quote.")

    assert seen.quote_boxes == shifted.quote_boxes
    assert len(seen.quote_boxes) == 1


@pytest.mark.parametrize(
    ("extra", "size", "corner"),
    [
        ("/Rotate 90", (842, 595), (700 + 11, 60)),  # the bottom of the page comes to the left
        ("/Rotate 180", (595, 842), (595 - 60, 700)),
        ("/Rotate 270", (842, 595), (842 - 700, 595 - 60)),
        ("/CropBox [50 600 350 800]", (300, 200), (10, 100)),
    ],
)
async def test_turned_and_cut_pages_are_marked_where_their_letters_are(
    tmp_path: Path, extra: str, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    content = drawn_pdf_bytes(shown_text("The quote.", at="60 700"), page_extra=extra)

    image = await marked(tmp_path, content, "The quote.", width_px=size[0])

    (box,) = image.quote_boxes
    ink = inked(image)
    assert (image.width_px, image.height_px) == size
    assert ink
    assert all(holds(box, x, y) for x, y in ink)
    assert min(abs(box.left - corner[0]), abs(box.right - corner[0])) <= 12
    assert min(abs(box.top - corner[1]), abs(box.bottom - corner[1])) <= 12


async def test_letters_that_run_upwards_are_one_box(tmp_path: Path) -> None:
    upwards = shown_text("The quote.", before="0 1 -1 0 300 300 Tm")

    image = await marked(tmp_path, drawn_pdf_bytes(upwards), "The quote.")

    (box,) = image.quote_boxes
    assert box.bottom - box.top > 3 * (box.right - box.left)
    assert all(holds(box, x, y) for x, y in inked(image))


async def test_the_data_sheet_of_the_example_is_marked_in_its_table(tmp_path: Path) -> None:
    quote = "below 0 °C charging not permitted"
    image = await marked(tmp_path, SHEET.read_bytes(), quote, width_px=1200)

    limit, current = image.quote_boxes  # the row's two cells
    assert image.width_px == 1200
    assert limit.right < current.left
    assert abs(limit.top - current.top) <= 1
    ink = inked(image)
    assert all(any(holds(box, x, y) for x, y in ink) for box in image.quote_boxes)


async def test_a_pdf_within_a_mail_is_drawn(tmp_path: Path) -> None:
    mail = eml_bytes(attachments={"sheet.pdf": pdf_bytes([["The fuse is rated 200 A."]])})

    image = await marked(tmp_path, mail, "rated 200 A", name="m.eml/sheet.pdf")

    assert len(image.quote_boxes) == 1


async def test_a_page_is_never_drawn_larger_than_may_be(tmp_path: Path) -> None:
    image = await marked(tmp_path, pdf_bytes([["words"]]), "words", width_px=1_000_000)

    assert image.width_px * image.height_px <= MAX_PIXELS
    assert len(image.pixels) == image.width_px * image.height_px * 4


async def test_only_the_page_with_the_quote_is_marked(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(pdf_bytes([["first"], ["second"]]))
    selection = Selection(directories=(folder,))
    async with opened(tmp_path) as sources:
        _, span = place(await document_of(sources, selection, "a.pdf"), "second")
        first = await sources.page_image(selection, "a.pdf", 1, span, 300)
        second = await sources.page_image(selection, "a.pdf", 2, span, 300)
        unmarked = await sources.page_image(selection, "a.pdf", 2, None, 300)

    assert (first.quote_boxes, first.page, first.page_count) == ((), 1, 2)
    assert len(second.quote_boxes) == 1
    assert unmarked.quote_boxes == ()
    assert unmarked.pixels == second.pixels


@pytest.mark.parametrize(
    ("name", "page", "said"),
    [
        ("a.pdf", 9, "a.pdf has no page 9."),
        ("note.txt", 1, "note.txt has no page 1."),
        ("gone.pdf", 1, "gone.pdf is not there any more."),
    ],
)
async def test_what_has_no_such_page_is_refused_in_a_sentence(
    tmp_path: Path, name: str, page: int, said: str
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(pdf_bytes([["first"]]))
    (folder / "note.txt").write_text("A note.", encoding="utf-8")
    async with opened(tmp_path) as sources:
        with pytest.raises(InputRefused) as refused:
            await sources.page_image(Selection(directories=(folder,)), name, page, None, 300)

    assert refused.value.message == said


@pytest.mark.allow_log_warnings
async def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_drawn(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    endless = "q 1 0 0 RG 0 0 m " + "500 800 l 3 7 l " * 400_000 + "S Q\n"
    (folder / "slow.pdf").write_bytes(drawn_pdf_bytes(shown_text("words") + endless * 4))
    (folder / "quick.pdf").write_bytes(pdf_bytes([["words"]]))
    selection = Selection(directories=(folder,))
    async with opened(tmp_path, timeout_s=1.5) as sources:
        await document_of(sources, selection, "slow.pdf")
        with pytest.raises(InputRefused) as refused:
            await sources.page_image(selection, "slow.pdf", 1, None, 4000)
        drawn = await sources.page_image(selection, "quick.pdf", 1, None, 100)

    assert "it took longer than 1.5 s" in refused.value.message
    assert drawn.width_px == 100


async def test_who_stops_waiting_leaves_the_drawer_usable(
    tmp_path: Path, nothing_blocks_the_loop: None
) -> None:
    folder = tmp_path / "documents"
    await asyncio.to_thread(folder.mkdir)
    await asyncio.to_thread((folder / "a.pdf").write_bytes, pdf_bytes([["first"]]))
    selection = Selection(directories=(folder,))
    async with opened(tmp_path) as sources:
        await document_of(sources, selection, "a.pdf")
        left = asyncio.create_task(sources.page_image(selection, "a.pdf", 1, None, 2000))
        await asyncio.sleep(0.01)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        drawn = await sources.page_image(selection, "a.pdf", 1, None, 100)

    assert drawn.width_px == 100
