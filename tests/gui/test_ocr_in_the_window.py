"""Pages that are pictures: what to do without OCR, and whose reading a quote rests on with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from agentflow_desktop.adapters.readers.page_drawer import ProcessPageDrawer
from agentflow_desktop.app.source_queries import SourceQueries
from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.desktop.screens.tasks.documents_table import DocumentRows
from agentflow_desktop.desktop.screens.tasks.evidence_pane import EvidencePane
from agentflow_desktop.desktop.screens.tasks.ocr_note import OcrNote
from agentflow_desktop.desktop.screens.tasks.page_view import PageView
from agentflow_desktop.desktop.screens.tasks.quote_line import QuoteLine, quote_badges
from agentflow_desktop.desktop.screens.tasks.quotes_list import QuotesList
from agentflow_desktop.desktop.screens.tasks.state import EvidencePhase, EvidenceState, PageState
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.desktop.widgets.badge import Badge
from agentflow_desktop.documents.document import INSTALL_OCR, FileState, Selection
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.llm.claims import Answer, Claim
from agentflow_desktop.workflows.ask.model import FileLine
from support.gui_loop import FOUND, run_with_loop
from support.pdf_files import bars_pdf_bytes
from support.reading import open_reader
from support.small_ocr import SMALL_OCR
from support.tasks_stage import words_of

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SCANNED = replace(FOUND, file="scan.pdf", is_from_ocr=True)
BARS = bars_pdf_bytes((60, 700, 300, 20), (60, 600, 200, 20))


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Iterator[Theme]:
    yield Theme(qapp, "light")
    qapp.setStyleSheet("")


async def unread(folder: Path) -> tuple[FileLine, ...]:
    """What a reader without OCR says of the folder."""
    async with open_reader(folder / "state", ocr=None) as reader:
        files = await reader.survey(Selection(directories=(folder,)))
        readings = [reading async for reading in reader.read(files)]
    return tuple(FileLine(r.file.name, r.state, r.reason, None, 900) for r in readings)


def test_a_file_of_pictures_says_what_to_do_and_hands_over_the_command(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        (tmp_path / "scan.pdf").write_bytes(BARS)
        files = await unread(tmp_path)
        assert files[0].state is FileState.FAILED
        row = DocumentRows(files=files)[0]
        assert row.status == "no OCR"
        assert INSTALL_OCR in row.tip
        note = OcrNote(theme)
        note.show_files(files)
        assert note.isVisible()
        assert "1 file needs OCR" in words_of(note)
        assert "scan.pdf has pages that are pictures." in note.accessibleName()
        assert INSTALL_OCR in note.accessibleName()
        note.copy_button.click()
        assert QGuiApplication.clipboard().text() == INSTALL_OCR
        note.show_files((FileLine("cell.md", FileState.READ, "", 22, 80),))
        assert not note.isVisible()
        note.deleteLater()

    run_with_loop(qapp, work)


@pytest.mark.parametrize("state", list(QuoteState))
def test_every_state_of_a_quote_has_a_badge_and_what_ocr_read_one_more(
    qapp: QApplication, theme: Theme, state: QuoteState
) -> None:
    plain = Evidence("a.pdf", "d1", "A quote.", state)
    scanned = replace(plain, is_from_ocr=True)
    for evidence, count in ((plain, 1), (scanned, 2)):
        assert len(quote_badges(evidence)) == count
        line = QuoteLine(theme, evidence, lambda _: None)
        assert len(line.findChildren(Badge)) == count
        line.deleteLater()


def test_the_list_of_quotes_names_those_that_ocr_read(qapp: QApplication, theme: Theme) -> None:
    quotes = QuotesList(theme)
    quotes.show_answer(Answer("t", (Claim("C1", "x", (FOUND, SCANNED)),)))
    model = quotes.model()
    told = [model.data(model.index(n, 0), Qt.ItemDataRole.DisplayRole) for n in range(2)]
    assert [words.endswith("read by OCR, exact") for words in told] == [False, True]
    quotes.resize(380, 120)
    quotes.show()
    assert not quotes.grab().isNull()
    quotes.close()
    quotes.deleteLater()


def test_the_evidence_pane_tells_of_ocr_beside_the_place(qapp: QApplication, theme: Theme) -> None:
    pane = EvidencePane(theme)
    pane.show()
    for evidence, is_told in ((SCANNED, True), (FOUND, False)):
        state = EvidenceState(EvidencePhase.LOADING, evidence, 1)
        pane.header.show_evidence(state, 1)
        badges = [badge for badge in pane.header.findChildren(Badge) if badge.isVisible()]
        assert [badge.text for badge in badges] == (["read by OCR"] if is_told else [])
    pane.close()
    pane.deleteLater()


def test_the_picture_of_a_page_is_lit_where_ocr_read_the_quote(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def work() -> None:
        folder = tmp_path / "documents"
        folder.mkdir()
        (folder / "scan.pdf").write_bytes(BARS)
        drawer = ProcessPageDrawer(workflow=WorkflowSettings(), performance=PerformanceSettings())
        chosen = Selection(directories=(folder,))
        async with open_reader(tmp_path, ocr=SMALL_OCR) as reader:
            sources = SourceQueries(reader, drawer)
            document = (await sources.source_text(chosen, "scan.pdf")).document
            assert document is not None
            quote = check_quote(document, "the printed line number 2 here")
            assert quote.start is not None
            assert quote.end is not None
            span = (quote.start, quote.end)
            image = await sources.page_image(chosen, "scan.pdf", 1, span, 595)
            await drawer.close()
        assert quote_badges(quote)[0][0] == "read by OCR"
        view, bare = PageView(theme), PageView(theme)
        view.show_page(PageState(1, 1, image))
        bare.show_page(PageState(1, 1, replace(image, quote_boxes=())))
        lit = view._sheet.quote_rect
        assert lit is not None
        around = lit.adjusted(-4, -4, 4, 4)
        assert view._sheet.grab(around).toImage() != bare._sheet.grab(around).toImage()
        above = around.translated(0, -around.height())
        assert view._sheet.grab(above).toImage() == bare._sheet.grab(above).toImage()
        bare.deleteLater()
        view.deleteLater()

    run_with_loop(qapp, work)
