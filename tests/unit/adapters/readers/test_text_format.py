"""Text keeps every character in its place; a form it breaks is only noted."""

import pytest

from agentflow_desktop.adapters.readers.content import ContentKind, sniff
from agentflow_desktop.adapters.readers.text_format import decode, read_text
from agentflow_desktop.documents.document import MediaKind


@pytest.mark.parametrize(
    ("name", "media", "text", "note"),
    [
        ("a.json", MediaKind.DATA, '{"a": 1}', ""),
        ("a.json", MediaKind.DATA, '{"a": 1,\nb}', "Not valid JSON (line 2"),
        ("a.json", MediaKind.DATA, "[" * 200_000, "Nested too deeply"),
        ("a.yaml", MediaKind.DATA, "a: [1, 2]\n", ""),
        ("a.yaml", MediaKind.DATA, "a: [1, 2\nb: 3\n", "Not valid YAML (line"),
        ("a.csv", MediaKind.TABLE, "a;b\n1;2\n", ""),
        ("a.csv", MediaKind.TABLE, "a,b\n1,2,3\n", "Row 2 has 3 columns"),
        ("a.tsv", MediaKind.TABLE, "a\tb\n1,5\t2\n", ""),
    ],
)
def test_a_form_that_is_broken_is_noted_and_the_text_kept(
    name: str, media: MediaKind, text: str, note: str
) -> None:
    parsed = read_text(text.encode(), media, name)

    assert parsed.text == text
    assert "".join(parsed.notes).startswith(note)
    assert bool(parsed.notes) == bool(note)


def test_aliases_in_yaml_are_not_expanded() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
    )

    assert read_text(bomb.encode(), MediaKind.DATA, "a.yaml").notes == ()


def test_bytes_that_break_their_own_mark_are_shown_as_replaced() -> None:
    text, notes = decode(b"\xef\xbb\xbfgood \xff bad")

    assert text == "good \ufffd bad"
    assert "Some bytes are not" in notes[0]


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"%PDF-1.7 ...", "a.txt", ContentKind.PDF),
        (b"junk\n%PDF-1.7 ...", "a.pdf", ContentKind.PDF),
        (b"A note on %PDF-1.7 headers", "a.md", ContentKind.TEXT),
        (b"PK\x03\x04....", "a.txt", ContentKind.BINARY),
        (b"text with one \x00 in it", "a.txt", ContentKind.BINARY),
        (b"\x01\x02\x03\x04\x05abc", "a.txt", ContentKind.BINARY),
        ("plain \u00e9 \U0001f50b".encode(), "a.bin", ContentKind.TEXT),
        (b"", "a.txt", ContentKind.TEXT),
    ],
)
def test_content_says_what_a_file_is(head: bytes, name: str, kind: ContentKind) -> None:
    assert sniff(head, name).kind is kind
