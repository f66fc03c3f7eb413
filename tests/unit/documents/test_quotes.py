"""Quotes are found where they stand, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.core.evidence import QuoteState
from agentflow_desktop.documents.document import Document, MediaKind, Page
from agentflow_desktop.documents.normal_form import HyphenBreak, normal_form
from agentflow_desktop.documents.quotes import check_quote

# Words, marks and white space that the normal form folds, joined at random.
_PIECES = st.sampled_from(
    "cell|4.2|V| |  |\n|\t|\u00a0|-\n|\u2013|\ufb01t|\u201cx\u201d|e\u0301|\u00e9|\u00ad|\u200b|"
    "\u2026|\uff21|\u7535\u6c60|.|,|max".split("|")
)
_TEXTS = st.lists(_PIECES, max_size=40).map("".join)


def document_of(text: str) -> Document:
    return Document(name="notes.txt", digest="d", media=MediaKind.TEXT, text=text)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The limit\nis 4.2 V \u2013 max", "limit is 4.2 V - max"),
        ("international inter-\nnational law", "inter-national law"),
        ("an inter-\nnational law", "international law"),
        ("a well-\nknown fact", "well-known fact"),
        ("a well-\nknown fact", "well- known fact"),
        ("an e\ufb03cient \u201ccell\u201d", 'efficient "cell"'),
        ("a cafe\u0301 noir", "caf\u00e9 noir"),
        ("a so\u00adft hyphen", "soft hyphen"),
        ("one\u00a0\u00a0space", "one space"),
        ("\uff14\uff18\uff10\uff10 mAh", "4800 mAh"),
    ],
)
def test_a_quote_that_differs_only_in_form_is_found_with_its_place(text: str, quote: str) -> None:
    found = check_quote(document_of(text), quote)

    assert found.state is QuoteState.SPACES
    assert found.start is not None
    assert found.end is not None
    forms = [normal_form(text[found.start : found.end], b).text for b in HyphenBreak]
    assert any(form in (normal_form(quote, b).text for b in HyphenBreak) for form in forms)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("it is 14.25 V", "4.25 V"),
        ("it is 4.25 V", "it is 4.2"),
        ("it is 4.25 V", "it is 4"),
        ("down to -20 degC", "20 degC"),
        ("this is unsafe now", "safe now"),
        ("verify_quote(x)", "verify"),
    ],
)
def test_a_quote_never_cuts_a_word_or_a_number(text: str, quote: str) -> None:
    assert check_quote(document_of(text), quote).state is QuoteState.NOT_FOUND


def test_a_range_and_a_script_without_spaces_may_be_cut() -> None:
    assert check_quote(document_of("20-50 V dc"), "50 V dc").state is QuoteState.EXACT
    text = "\u7535\u6c60\u5145\u7535\u9650\u5236\u4e3a"
    assert check_quote(document_of(text), text[2:6]).state is QuoteState.EXACT


def test_a_quote_in_several_places_is_ambiguous_and_leads_to_the_first() -> None:
    found = check_quote(document_of("one\nthe same\nthe same\n"), "the same")

    assert found.state is QuoteState.AMBIGUOUS
    assert (found.line, found.start) == (2, 4)


@pytest.mark.parametrize("quote", ["", "  ", "4.", "V 5", "...!", "\u200b\u200b\u200b"])
def test_a_quote_of_fewer_than_three_word_characters_is_not_found(quote: str) -> None:
    assert check_quote(document_of("V 5 4. ...!"), quote).state is QuoteState.NOT_FOUND


def test_a_quote_on_a_page_has_the_line_within_that_page() -> None:
    text = "first page\n\nsecond page\nwith a limit"
    document = Document(
        name="a.pdf",
        digest="d",
        media=MediaKind.PDF,
        text=text,
        pages=(Page(1, 0, 10), Page(2, 12, len(text))),
    )

    found = check_quote(document, "with a limit")

    assert found.place() == "a.pdf:p2:2"


@given(_TEXTS, st.sampled_from(HyphenBreak), st.data())
def test_the_map_leads_back_to_text_with_the_same_normal_form(
    text: str, hyphen_break: HyphenBreak, data: st.DataObject
) -> None:
    form = normal_form(text, hyphen_break)
    if not form.text:
        return
    start = data.draw(st.integers(0, len(form.text) - 1))
    end = data.draw(st.integers(start + 1, len(form.text)))

    at, until = form.source_range(start, end)

    assert 0 <= at < until <= len(text)
    wanted = form.text[start:end].strip()
    assert wanted in normal_form(text[at:until], hyphen_break).text or not wanted


@given(_TEXTS)
def test_a_normal_form_taken_as_a_quote_leads_to_text_that_reads_the_same(text: str) -> None:
    document = document_of(f"Before.\n\n{text}\n\nAfter.")
    quote = normal_form(text, HyphenBreak.JOINED).text

    found = check_quote(document, quote)

    if found.state is QuoteState.SPACES:
        assert found.start is not None
        assert found.end is not None
        there = document.text[found.start : found.end]
        forms = {normal_form(there, hyphen_break).text for hyphen_break in HyphenBreak}
        assert normal_form(quote, HyphenBreak.JOINED).text in forms


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_and_any_quote_have_an_answer(text: str, quote: str) -> None:
    found = check_quote(document_of(text), quote)

    assert (found.start is None) == (found.state is QuoteState.NOT_FOUND)
