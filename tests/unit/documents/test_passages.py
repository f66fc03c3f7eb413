"""Texts are cut into passages that stand for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.documents.document import MediaKind
from agentflow_desktop.documents.passages import split_passages


def bodies(text: str, media: MediaKind) -> list[str]:
    return [text[p.start : p.end] for p in split_passages(text, media)]


def test_paragraphs_carry_the_heading_above_them() -> None:
    text = "# Pack\n\nIntro line.\n\n## Charging\nLimit is 8 A.\nMore.\n\nLast."

    passages = split_passages(text, MediaKind.MARKDOWN)

    assert bodies(text, MediaKind.MARKDOWN) == ["Intro line.", "Limit is 8 A.\nMore.", "Last."]
    assert [p.heading for p in passages] == ["Pack", "Charging", "Charging"]


def test_rows_of_a_table_carry_its_header_and_are_whole_lines() -> None:
    text = "name,value\nlimit,8\nfuse,15\n"

    passages = split_passages(text, MediaKind.TABLE)

    assert bodies(text, MediaKind.TABLE) == ["limit,8", "fuse,15"]
    assert {p.header for p in passages} == {"name,value"}


def test_rows_of_a_markdown_table_leave_out_the_rule() -> None:
    text = "| A | B |\n|---|:--|\n| 1 | 2 |\n| 3 | 4 |\n"

    assert bodies(text, MediaKind.MARKDOWN) == ["| 1 | 2 |", "| 3 | 4 |"]


def test_code_is_cut_at_blank_lines_and_named_by_its_definition() -> None:
    text = "import x\n\ndef first():\n    a = 1\n\n    return a\n\nclass Second:\n    pass\n"

    passages = split_passages(text, MediaKind.CODE)

    assert [p.heading for p in passages] == ["", "def first", "def first", "class Second"]


def test_a_fenced_block_keeps_its_blank_lines_apart_from_headings() -> None:
    text = "Text.\n\n```\n# not a heading\n\nx = 1\n```\n\nAfter."

    passages = split_passages(text, MediaKind.MARKDOWN)

    assert [p.heading for p in passages] == ["", "", ""]
    assert "# not a heading" in bodies(text, MediaKind.MARKDOWN)[1]


def test_numbered_headings_in_a_pdf_part_its_text() -> None:
    text = "1 Electrical data\nCapacity 4800 mAh\n2 Charging\nCharge at constant current."

    passages = split_passages(text, MediaKind.PDF)

    assert [p.heading for p in passages] == ["1 Electrical data", "2 Charging"]


def test_a_long_paragraph_is_cut_at_a_sentence() -> None:
    text = "\n".join("This sentence fills one line of a rather long paragraph." for _ in range(40))

    parts = bodies(text, MediaKind.TEXT)

    assert len(parts) > 2
    assert all(part.endswith(".") for part in parts)


@pytest.mark.parametrize("media", list(MediaKind))
@given(text=st.text(st.sampled_from("ab |#-`1.,:\n\n  "), max_size=120))
def test_passages_are_in_order_do_not_overlap_and_hold_no_blank_ends(
    media: MediaKind, text: str
) -> None:
    at = 0
    for passage in split_passages(text, media):
        assert at <= passage.start < passage.end <= len(text)
        assert text[passage.start : passage.end].strip()
        at = passage.end
