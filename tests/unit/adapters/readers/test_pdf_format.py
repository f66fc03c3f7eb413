"""PDF text that a person can see, and nothing that was put there for a model alone."""

import pytest

from agentflow_desktop.adapters.readers.pdf_format import PdfReader
from support.pdf_files import drawn_pdf_bytes, pdf_bytes, shown_text

SEEN = shown_text("Seen by all.", at="60 760")


def read(content: bytes) -> tuple[str, tuple[str, ...]]:
    parsed = PdfReader().read(content, "key", 0, 10, 100)
    assert parsed.pages is not None
    return parsed.pages[0], parsed.notes


@pytest.mark.parametrize(
    "hidden",
    [
        shown_text("HIDDEN words", before="3 Tr"),
        shown_text("HIDDEN words", before="1 1 1 rg"),
        shown_text("HIDDEN words", before="1 g"),
        shown_text("HIDDEN words", size=0.5),
        shown_text("HIDDEN words", before="0.05 0 0 0.05 60 700 Tm"),
        shown_text("HIDDEN words", at="60 -200"),
        shown_text("HIDDEN words", at="2000 700"),
        "q 1 1 1 rg 50 690 300 30 re f Q\n" + shown_text("HIDDEN words", before="1 1 1 rg"),
    ],
)
def test_text_that_nobody_can_see_is_left_out_and_counted(hidden: str) -> None:
    text, notes = read(drawn_pdf_bytes(SEEN + hidden + shown_text("And this.", at="60 600")))

    assert text.split() == "Seen by all. And this.".split()
    assert notes == ("Page 1: 12 characters that nobody can see were left out.",)


def test_white_text_on_a_dark_ground_is_seen() -> None:
    ground = "q 0 0 0.5 rg 50 690 300 30 re f Q\n"
    text, notes = read(drawn_pdf_bytes(ground + shown_text("White on blue", before="1 1 1 rg")))

    assert (text, notes) == ("White on blue", ())


def test_outlined_and_ordinary_text_stays_as_it_was() -> None:
    outlined = shown_text("Outlined", before="1 1 1 rg 1 Tr")

    assert read(drawn_pdf_bytes(SEEN + outlined)) == ("Seen by all.\nOutlined", ())
    assert read(pdf_bytes([["one", "two"]])) == ("one\ntwo", ())


def test_the_text_layer_of_a_scan_is_read() -> None:
    picture = "q 500 0 0 700 40 100 cm BI /W 1 /H 1 /CS /G /BPC 8 ID A EI Q\n"
    layer = shown_text("Scanned words", before="3 Tr", at="60 500")

    assert read(drawn_pdf_bytes(picture + layer)) == ("Scanned words", ())
