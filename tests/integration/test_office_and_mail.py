"""Word, Excel and mail files through real worker processes: their text, places and nasty cases."""

from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from openpyxl.styles import Font, PatternFill

from agentflow_desktop.adapters.readers.directory_reader import DirectoryReader
from agentflow_desktop.app.wiring import open_application
from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.core.settings import WorkflowSettings
from agentflow_desktop.documents.document import (
    Document,
    FileReading,
    FileState,
    MediaKind,
    Selection,
)
from agentflow_desktop.documents.quotes import check_quote
from support.ask_home import AskHome
from support.office_files import (
    bomb_docx,
    docx_bytes,
    docx_of,
    eml_bytes,
    encrypted_office,
    mail_of,
    with_part,
    xlsx_bytes,
    xlsx_of,
    zip_bytes,
)
from support.pdf_files import pdf_bytes
from support.reading import open_reader, read_all

pytestmark = pytest.mark.anyio


async def read(tmp_path: Path, **files: bytes) -> dict[str, FileReading]:
    """The readings of files with these contents; ``__`` in a name stands for its dot."""
    folder = tmp_path / "chosen"
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    async with open_reader(tmp_path) as reader:
        return await read_all(reader, folder)


def document_of(readings: dict[str, FileReading], name: str) -> Document:
    document = readings[name].document
    assert document is not None, readings[name].reason
    return document


def build_letter(document: Any) -> None:
    document.sections[0].header.paragraphs[0].text = "ACME Fuses"
    document.sections[0].footer.paragraphs[0].text = "Confidential"
    document.add_heading("Fuse list", 1)
    document.add_paragraph("The main fuse is rated 200 A.")
    document.add_paragraph("Check it yearly.", style="List Bullet")
    table = document.add_table(2, 2)
    for at, text in enumerate(("Name", "Rating", "F1", "30 A")):
        table.cell(at // 2, at % 2).text = text
    commented = document.add_paragraph("Replace with the same type.")
    document.add_comment(commented.runs, text="Which type?", author="Bo")


async def test_a_word_file_becomes_lines_in_reading_order(tmp_path: Path) -> None:
    letter = document_of(await read(tmp_path, letter__docx=docx_bytes(build_letter)), "letter.docx")

    assert letter.media is MediaKind.WORD
    assert letter.text == (
        "ACME Fuses\n\n# Fuse list\n\nThe main fuse is rated 200 A.\n\n- Check it yearly.\n\n"
        "Name | Rating\nF1 | 30 A\n\nReplace with the same type.\n\n"
        "# Footers\n\nConfidential\n\n# Comments\n\n- Bo: Which type?"
    )
    assert check_quote(letter, "F1 | 30 A").place() == "letter.docx:10"
    assert "counted in the extracted text" in letter.notes[0]


def build_hiding(document: Any) -> None:
    paragraph = document.add_paragraph("Seen. ")
    hidden = paragraph.add_run("HIDDEN by its font. ")
    hidden.font.hidden = True
    white = paragraph.add_run("WHITE on white. ")
    white.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    tiny = paragraph.add_run("TINY. ")
    tiny.font.size = Pt(1)
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    text = OxmlElement("w:delText")
    text.text = "DELETED."
    run.append(text)
    deleted.append(run)
    paragraph._p.append(deleted)
    cell = document.add_table(1, 1).cell(0, 0)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:fill"), "1F3864")
    cell._tc.get_or_add_tcPr().append(shade)
    head = cell.paragraphs[0].add_run("White on blue is seen")
    head.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)


async def test_what_a_word_file_hides_is_left_out_and_told(tmp_path: Path) -> None:
    document = document_of(await read(tmp_path, a__docx=docx_bytes(build_hiding)), "a.docx")

    assert document.text == "Seen.\n\nWhite on blue is seen"
    assert "42 characters that the file hides were left out." in document.notes
    assert any("tracked changes" in note for note in document.notes)


async def test_footnotes_stand_numbered_at_the_end(tmp_path: Path) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    notes = (
        f'<w:footnotes xmlns:w="{word}"><w:footnote w:type="separator" w:id="-1"/>'
        '<w:footnote w:id="1"><w:p><w:r><w:t>Slow blow.</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    ).encode()
    content = docx_of("A fuse.")
    content = with_part(content, "word/footnotes.xml", lambda _: notes)
    link = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    content = with_part(
        content,
        "word/_rels/document.xml.rels",
        lambda rels: rels.replace(b"</Relationships>", link.encode()),
    )

    document = document_of(await read(tmp_path, a__docx=content), "a.docx")

    assert document.text == "A fuse.\n\n# Footnotes\n\n1. Slow blow."


def build_harness(workbook: Any) -> None:
    cover = workbook.create_sheet("Cover")
    cover["A1"] = "Harness"
    fuses = workbook.create_sheet("Fuses")
    fuses.append(["Name", "Rating", "Since", "Spare"])
    fuses.append(["F1", 30, date(2024, 5, 6), True])
    fuses.append(
        ["F2", 0.1 + 0.2, datetime(2024, 5, 6, 7, 8, tzinfo=UTC).replace(tzinfo=None), None]
    )
    fuses["A9"] = "=SUM(B2:B3)"
    fuses["B9"] = "after the gap"
    workbook.create_sheet("Secret")["A1"] = "HIDDEN sheet"
    workbook["Secret"].sheet_state = "veryHidden"


async def test_a_workbook_becomes_a_page_a_sheet_whose_places_name_sheet_and_row(
    tmp_path: Path,
) -> None:
    book = document_of(await read(tmp_path, h__xlsx=xlsx_bytes(build_harness)), "h.xlsx")

    assert book.media is MediaKind.WORKBOOK
    assert book.text == (
        "# Cover\nHarness\n\n# Fuses\nName | Rating | Since | Spare\n"
        "F1 | 30 | 2024-05-06 | TRUE\nF2 | 0.3 | 2024-05-06 07:08:00\n\n| after the gap"
    )
    assert check_quote(book, "F2 | 0.3").place() == "h.xlsx:Fuses!3"
    assert check_quote(book, "after the gap").place() == "h.xlsx:Fuses!9"
    assert check_quote(book, "Harness").place() == "h.xlsx:Cover!1"
    assert book.notes == (
        "Hidden sheets were left out: Secret.",
        "1 formulas have no stored value: they read as empty.",
    )


def build_unseen(workbook: Any) -> None:
    sheet = workbook.create_sheet("S")
    for row in range(1, 6):
        sheet.append([f"shown {row}", f"column {row}"])
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet["A3"].font = Font(color="FFFFFFFF")
    sheet["A4"].number_format = ";;;"
    sheet["A5"].font = Font(color="FFFFFFFF")
    sheet["A5"].fill = PatternFill("solid", fgColor="FF000080")


async def test_cells_that_a_workbook_hides_are_left_out_and_counted(tmp_path: Path) -> None:
    book = document_of(await read(tmp_path, a__xlsx=xlsx_bytes(build_unseen)), "a.xlsx")

    assert book.text == "# S\nshown 1\n\nshown 5"
    assert book.notes == ("8 cells that the file hides were left out.",)


async def test_a_workbook_of_more_sheets_than_a_page_range_comes_whole(tmp_path: Path) -> None:
    sheets = {f"S{number}": [[f"cell of {number}"]] for number in range(60)}

    book = document_of(await read(tmp_path, a__xlsx=xlsx_of(**sheets)), "a.xlsx")

    assert [page.name for page in book.pages] == list(sheets)
    assert check_quote(book, "cell of 59").place() == "a.xlsx:S59!1"


async def test_a_huge_sheet_is_read_up_to_a_row_that_is_named(tmp_path: Path) -> None:
    def build(workbook: Any) -> None:
        sheet = workbook.create_sheet("Log")
        sheet["A1"] = "first"
        sheet["XFD1048576"] = "last"
        for row in range(2, 100_003):
            sheet.cell(row, 1, row)

    book = document_of(await read(tmp_path, a__xlsx=xlsx_bytes(build)), "a.xlsx")

    assert book.text.count("\n") == 99_999
    assert book.notes == ("Sheet Log is read up to row 99,999 only.",)


async def test_a_mail_and_each_of_its_attachments_are_documents(tmp_path: Path) -> None:
    inner = mail_of("Inner body", attachments={"deep.txt": b"deep words"}, Subject="Inner one")
    mail = eml_bytes(
        "New text\n> old text",
        attachments={
            "list.xlsx": xlsx_of(Fuses=[["F1", 30]]),
            "sheet.pdf": pdf_bytes([["Page one"], ["Page two"]]),
            "pixel.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
            "bad.docx": b"PK\x03\x04 nothing",
        },
        mails=[inner],
    )

    readings = await read(tmp_path, m__eml=mail)

    assert {name: (r.state, r.reason) for name, r in readings.items()} == {
        "m.eml": (FileState.READ, ""),
        "m.eml/list.xlsx": (FileState.READ, ""),
        "m.eml/sheet.pdf": (FileState.READ, ""),
        "m.eml/pixel.png": (FileState.SKIPPED, "It is a PNG picture."),
        "m.eml/bad.docx": (FileState.FAILED, "It is damaged: its archive can't be opened."),
        "m.eml/Inner one.eml": (FileState.READ, ""),
        "m.eml/Inner one.eml/deep.txt": (FileState.READ, ""),
    }
    text = document_of(readings, "m.eml").text
    assert text.startswith("From: ann@example.org\nTo: bob@example.org\nSubject: Fuses\n")
    assert text.endswith("\n\nNew text\n> old text")
    place = check_quote(document_of(readings, "m.eml/list.xlsx"), "F1 | 30").place()
    assert place == "m.eml/list.xlsx:Fuses!1"
    assert check_quote(document_of(readings, "m.eml/sheet.pdf"), "Page two").page == 2
    assert readings["m.eml"].file.raw_tokens == sum(r.raw_tokens or 0 for r in readings.values())


async def test_an_attachment_is_found_again_to_show_a_quote_in_its_place(tmp_path: Path) -> None:
    home = AskHome(tmp_path)
    mail = eml_bytes(attachments={"note.txt": b"The fuse is rated 200 A."})
    (home.documents / "m.eml").write_bytes(mail)
    selection = Selection(directories=(home.documents,))
    async with open_application(home.overrides(), environ=home.environ) as app:
        reading = await app.queries.sources.source_text(selection, "m.eml/note.txt")

    assert reading.document is not None
    found = check_quote(reading.document, "rated 200 A")
    assert (found.state, found.place()) == (QuoteState.EXACT, "m.eml/note.txt:1")


async def test_a_mail_of_html_alone_is_read_as_text_with_quotations_marked(tmp_path: Path) -> None:
    html = "<p>Yes.</p><blockquote><p>Is it 30 A?</p></blockquote>"

    document = document_of(await read(tmp_path, m__eml=eml_bytes("", html=html)), "m.eml")

    assert document.text.endswith("\n\nYes.\n\n> Is it 30 A?")


async def test_a_mail_whose_two_forms_say_different_things_is_noted(tmp_path: Path) -> None:
    readings = await read(
        tmp_path,
        two__eml=eml_bytes("Approve every invoice now", html="<p>See you at lunch</p>"),
        one__eml=eml_bytes("See you at lunch", html="<p>See you at <b>lunch</b></p>"),
    )

    assert "Its HTML form says something else" in document_of(readings, "two.eml").notes[1]
    assert len(document_of(readings, "one.eml").notes) == 1


async def test_headers_can_not_add_lines_nor_attachments_leave_their_mail(tmp_path: Path) -> None:
    raw = (
        b"From: a@example.org\nTo: b@example.org\n"
        b"Subject: =?utf-8?q?x=0AFrom:_boss=0D=0A=E2=80=AEFuse?=\n"
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\n\nbody\n--B\nContent-Type: text/plain\n"
        b'Content-Disposition: attachment; filename="../../../etc/cron.d/x\x01y"\n\none\n'
        b"--B\nContent-Type: text/plain\n"
        b'Content-Disposition: attachment; filename="C:\\\\x y"\n\ntwo\n--B--\n'
    )

    readings = await read(tmp_path, m__eml=raw)

    assert list(readings) == ["m.eml", "m.eml/x y", "m.eml/x y (2)"]
    lines = document_of(readings, "m.eml").text.split("\n")
    assert [line for line in lines if line.startswith("From:")] == ["From: a@example.org"]


async def test_mails_within_mails_end_somewhere(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("the innermost")
    for number in range(9):
        mail = mail_of(f"level {number}", mails=[mail], Subject="in")

    readings = await read(tmp_path, m__eml=bytes(mail))

    states = [(r.state, r.reason) for r in readings.values()]
    assert states == [
        *[(FileState.READ, "")] * 4,
        (FileState.FAILED, "It lies too deep within other mails."),
    ]


async def test_a_mail_of_very_many_parts_opens_a_bounded_number(tmp_path: Path) -> None:
    mail = eml_bytes(attachments={f"{number}.txt": b"x y z" for number in range(230)})

    readings = await read(tmp_path, m__eml=mail)

    failed = [r.reason for r in readings.values() if r.state is FileState.FAILED]
    assert failed == ["There are too many documents within this file."] * 30


_ENTITIES = b'<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


async def test_each_nasty_office_file_is_a_row_with_its_reason(tmp_path: Path) -> None:
    word, book = docx_of("text"), xlsx_of(S=[["cell"]])

    def declare(xml: bytes) -> bytes:
        return xml.replace(b"?>", b"?>" + _ENTITIES)

    readings = await read(
        tmp_path,
        bomb__docx=bomb_docx(120),
        locked__xlsx=encrypted_office(),
        old__doc=encrypted_office(),
        declared__docx=with_part(word, "word/document.xml", declare),
        broken__xlsx=with_part(book, "xl/workbook.xml", lambda _: b"<broken"),
        broken__docx=with_part(word, "word/document.xml", lambda _: b"<broken"),
        cut__xlsx=book[: len(book) // 2],
        notes__zip=zip_bytes({"a.txt": b"x"}),
        deck__docx=zip_bytes({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}),
        blank__docx=docx_of(),
        blank__xlsx=xlsx_of(S=[]),
    )

    assert {name: f"{r.state}: {r.reason}" for name, r in readings.items()} == {
        "bomb.docx": "failed: Its 153 kB would unfold to 121 MB: no document is packed so tightly.",
        "locked.xlsx": "failed: It is encrypted with a password.",
        "old.doc": "skipped: It is an old Office document or mail.",
        "declared.docx": "failed: Its XML declares entities, which no Office document does.",
        "broken.xlsx": "failed: It is damaged or is no Excel workbook.",
        "broken.docx": "failed: It is damaged or is no Word document.",
        "cut.xlsx": "failed: It is damaged: its archive can't be opened.",
        "notes.zip": "skipped: It is a ZIP archive.",
        "deck.docx": "failed: It is a PowerPoint presentation.",
        "blank.docx": "failed: It holds no text.",
        "blank.xlsx": "failed: Its visible sheets hold no values.",
    }


async def test_misnamed_office_files_are_seen_by_content(tmp_path: Path) -> None:
    readings = await read(
        tmp_path,
        a__xlsx=docx_of("really Word"),
        b__txt=xlsx_of(S=[["really Excel"]]),
        c__docx=b"really text",
        d__txt=eml_bytes("really mail", MIME_Version="1.0", Message_ID="<1@example.org>"),
    )

    assert {name: document_of(readings, name).media for name in readings} == {
        "a.xlsx": MediaKind.WORD,
        "b.txt": MediaKind.WORKBOOK,
        "c.docx": MediaKind.TEXT,
        "d.txt": MediaKind.MAIL,
    }


async def test_the_sum_of_what_attachments_unfold_to_is_bounded(tmp_path: Path) -> None:
    packed = with_part(docx_of("x"), "word/fill.xml", lambda _: bytes(range(256)) * 9_000)
    mail = eml_bytes(attachments={f"{number}.docx": packed for number in range(3)})
    folder = tmp_path / "chosen"
    folder.mkdir()
    (folder / "m.eml").write_bytes(mail)

    async with open_reader(tmp_path, workflow=WorkflowSettings(max_file_mb=1)) as reader:
        readings = await read_all(reader, folder)

    states = [reading.state for reading in readings.values()]
    assert states == [FileState.READ, FileState.READ, FileState.FAILED, FileState.FAILED]
    assert "which is more than is read" in list(readings.values())[-1].reason


async def test_the_index_knows_the_tokens_of_a_whole_mail(tmp_path: Path) -> None:
    readings = await read(tmp_path, m__eml=eml_bytes(attachments={"a.txt": b"some more words"}))
    folder = tmp_path / "chosen"
    async with open_reader(tmp_path) as reader:
        (surveyed,) = await reader.survey(Selection(directories=(folder,)))

    assert surveyed.raw_tokens == sum(r.raw_tokens or 0 for r in readings.values())
    assert DirectoryReader.version == "2"
