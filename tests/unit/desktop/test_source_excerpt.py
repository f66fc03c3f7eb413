"""The part of a document that the evidence pane is given."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.desktop.screens.tasks.source_excerpt import (
    CHARACTERS_EACH_WAY,
    LINES_EACH_WAY,
    cut_excerpt,
)
from agentflow_desktop.documents.document import Document, MediaKind, Page


def make(text: str, pages: tuple[Page, ...] = ()) -> Document:
    return Document(name="a.txt", digest="d", media=MediaKind.TEXT, text=text, pages=pages)


def test_a_small_document_is_shown_whole_with_its_quote_lit() -> None:
    text = "one\ntwo\nthree\n"
    excerpt = cut_excerpt(make(text), 4, (4, 7))
    assert excerpt.text == text
    assert excerpt.text[excerpt.lit_start : excerpt.lit_end] == "two"
    assert excerpt.numbers[:3] == (1, 2, 3)
    assert excerpt.earlier_at is None
    assert excerpt.later_at is None


def test_five_megabytes_give_a_few_hundred_lines_around_the_quote() -> None:
    text = "".join(
        f"line {number} of a long log file, padded to be long\n" for number in range(1, 100_001)
    )
    at = text.index("line 50000 ")
    excerpt = cut_excerpt(make(text), at, (at, at + 10))
    lines = excerpt.text.split("\n")
    assert len(lines) <= 2 * LINES_EACH_WAY + 2
    assert excerpt.text[excerpt.lit_start : excerpt.lit_end] == "line 50000"
    assert lines[0].startswith(f"line {excerpt.numbers[0]} ")
    assert lines[-1].startswith(f"line {excerpt.numbers[-1]} ")


def test_paging_on_reaches_every_line_of_the_document_and_ends() -> None:
    text = "\n".join(f"L{number}" for number in range(1, 2_001))
    document = make(text)
    excerpt, seen = cut_excerpt(document, 0), set[int]()
    seen.update(excerpt.numbers)
    while excerpt.later_at is not None:
        excerpt = cut_excerpt(document, excerpt.later_at)
        seen.update(excerpt.numbers)
    assert seen == set(range(1, 2_001))
    while excerpt.earlier_at is not None:
        excerpt = cut_excerpt(document, excerpt.earlier_at)
    assert excerpt.numbers[0] == 1


def test_one_endless_line_is_cut() -> None:
    excerpt = cut_excerpt(make("x" * 5_000_000), 2_500_000, (2_500_000, 2_500_010))
    assert len(excerpt.text) <= 2 * CHARACTERS_EACH_WAY + 10
    assert excerpt.lit_end - excerpt.lit_start == 10


def test_an_excerpt_of_a_paged_document_is_one_page() -> None:
    text = "a1\na2\nb1\nb2\n"
    pages = (Page(1, 0, 6), Page(2, 6, 12))
    excerpt = cut_excerpt(make(text, pages), 9, (9, 11))
    assert (excerpt.page, excerpt.page_count) == (2, 2)
    assert excerpt.text.startswith("b1\nb2")
    assert excerpt.numbers[:2] == (1, 2)
    assert excerpt.earlier_at is not None
    assert cut_excerpt(make(text, pages), excerpt.earlier_at).page == 1


def test_an_empty_document_gives_an_empty_excerpt() -> None:
    excerpt = cut_excerpt(make(""), 0)
    assert excerpt.text == ""
    assert excerpt.earlier_at is None
    assert excerpt.later_at is None


@given(st.text(alphabet="ab\n", max_size=400), st.data())
def test_what_is_lit_is_what_was_quoted(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    excerpt = cut_excerpt(make(text), start, (start, end))
    assert excerpt.text[excerpt.lit_start : excerpt.lit_end] in (text[start:end], "")
    assert text[excerpt.start : excerpt.end] == excerpt.text
