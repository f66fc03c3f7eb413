"""What models and documents wrote, in the window: no picture is loaded, no link leads anywhere."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QTextDocument, QTextFragment
from PySide6.QtWidgets import QApplication

from agentflow_desktop.core.evidence import Evidence, QuoteState
from agentflow_desktop.desktop.formatting import as_plain_tip, place_words
from agentflow_desktop.desktop.screens.tasks.answer_document import put_paragraphs, write_answer
from agentflow_desktop.desktop.screens.tasks.answer_view import AnswerView
from agentflow_desktop.desktop.theme import Theme
from agentflow_desktop.llm.claims import Answer, Claim

HOSTILE = (
    "![x](file:///etc/hostname.png)",
    "[click](http://127.0.0.1:1/x?q=secret)",
    "<http://127.0.0.1:1/> and https://127.0.0.1:1/ and www.example.org",
    "[1]: http://127.0.0.1:1/\n\n[1] [a][1] ![a][1]",
    "[![in a link](file:///a.png)](http://127.0.0.1:1/)",
    "<img src='file:///a.png'><a href='http://127.0.0.1:1/'>b</a><script>c</script>",
    "| a | b |\n|---|---|\n| ![x](a.png) | [y](http://127.0.0.1:1/) |",
    "- [item](cite:1)\n- ![x](//host/share/x.png)\n\n> [quoted](http://127.0.0.1:1/)",
    "# [head](http://127.0.0.1:1/)",
)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def fragments(document: QTextDocument) -> Iterator[QTextFragment]:
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            yield iterator.fragment()
            iterator += 1
        block = block.next()


def check_inert(document: QTextDocument, links: set[str]) -> None:
    for fragment in fragments(document):
        look = fragment.charFormat()
        assert not look.isImageFormat(), fragment.text()
        if look.isAnchor() or look.anchorHref():
            assert look.anchorHref() in links, fragment.text()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_has_no_pictures_and_no_links_but_its_citations(text: str, theme: Theme) -> None:
    quote = Evidence("<img src=x>.md", "d", "<img src='file:///a.png'>", QuoteState.EXACT, line=1)
    claims = (Claim("C1", text, (quote,)), Claim("C2", text, ()))
    document = QTextDocument()

    write_answer(document, Answer(text, claims), theme, lit_number=None, shows_passages=True)

    check_inert(document, {"cite:1"})


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_that_streams_has_none_at_all(text: str, theme: Theme) -> None:
    document = QTextDocument()

    put_paragraphs(document, 0, [text, text], theme)

    check_inert(document, set())


def test_the_view_loads_nothing_and_opens_nothing(theme: Theme) -> None:
    view = AnswerView(theme)
    view.show_answer(Answer("", (Claim("C1", HOSTILE[0], ()),)), None)

    assert view.loadResource(2, "file:///etc/hostname") is None
    assert not view.openLinks()
    assert not view.openExternalLinks()
    view.close()


def test_a_tooltip_shows_markup_as_it_is() -> None:
    assert as_plain_tip("a and b") == "a and b"
    tip = as_plain_tip("<img src='file:///a.png'>.md, 3 kB\nread")
    assert "<img" not in tip
    document = QTextDocument()
    document.setHtml(tip)
    assert document.toPlainText() == "<img src='file:///a.png'>.md, 3 kB\nread"


def test_a_row_of_a_sheet_is_said_as_such() -> None:
    found = Evidence("h.xlsx", "d", "F1", QuoteState.EXACT, 2, 4, 4, 0, 2, section="Fuses")
    assert place_words(found) == "h.xlsx, sheet Fuses, row 4"
