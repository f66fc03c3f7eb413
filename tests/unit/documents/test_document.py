"""Every character of a document has its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.documents.document import Document, MediaKind, Page, Span


def document(text: str, **more: object) -> Document:
    return Document(name="a.txt", digest="0", media=MediaKind.TEXT, text=text, **more)  # type: ignore[arg-type]


@given(st.text(alphabet="ab\n", max_size=60), st.data())
def test_lines_are_those_that_counting_line_ends_gives(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = document(text).span(start, end)
    assert span.line == text.count("\n", 0, start) + 1
    assert span.end_line == text.count("\n", 0, max(start, end - 1)) + 1


def test_a_line_of_a_paged_document_counts_within_its_page() -> None:
    text = "one\ntwo\nthree\nfour"
    paged = document(text, pages=(Page(1, 0, 8), Page(2, 8, 18)))
    assert paged.span(4, 7) == Span(1, 2, 2, 4, 7)
    assert paged.span(8, 13) == Span(2, 1, 1, 8, 13)
    assert paged.span(14, 18) == Span(2, 2, 2, 14, 18)


def test_lines_that_extraction_dropped_are_counted_by_the_file() -> None:
    html = document("title\nbody", source_lines=(3, 17))
    assert (html.span(0, 5).line, html.span(6, 10).line) == (3, 17)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 4)])
def test_a_place_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no such span"):
        document("abc").span(start, end)
