"""An outline says what is there and fits the room that it is given."""

from random import Random

import pytest

from agentflow_desktop.documents.document import Document, MediaKind, Page
from agentflow_desktop.documents.outline import outline_documents
from agentflow_desktop.documents.tokens import raw_tokens

CODE = '''"""Keeps the books."""

import os


class Ledger:
    def settle(self, attempt: str) -> int:
        return len(attempt)


async def reserve(hold: int) -> None:
    secret_body_line = hold
'''


def document(name: str, text: str, media: MediaKind = MediaKind.CODE) -> Document:
    return Document(name=name, digest=name, media=media, text=text)


def test_code_is_shown_by_its_symbols_and_not_by_its_bodies() -> None:
    text = outline_documents([document("src/ledger.py", CODE)]).text(1_000)
    assert text.splitlines() == [
        f"S1 src/ledger.py: code, 13 lines, {raw_tokens(CODE)} tokens",
        '  begins: """Keeps the books."""',
        "  class Ledger",
        "  def settle(self, attempt: str) -> int",
        "  async def reserve(hold: int) -> None",
    ]


@pytest.mark.parametrize(
    ("media", "text", "shown"),
    [
        (MediaKind.MARKDOWN, "# Top\n\nWords.\n\n## Below\n", "## Below"),
        (MediaKind.PDF, "Contract\n\n1. Term of the lease\nTwo years.\n", "1. Term of the lease"),
        (MediaKind.TABLE, "name,voltage\ncell,3.6\n", "columns: name,voltage"),
        (MediaKind.DATA, "server:\n  port: 80\n    deep: 1\n", "port"),
        (
            MediaKind.TEXT,
            "2026-01-01 10:00:00 start\nx\n2026-01-02 11:30:05 end\n",
            "time stamps from 2026-01-01 10:00:00 to 2026-01-02 11:30:05",
        ),
    ],
)
def test_each_kind_of_document_is_shown_by_what_tells_most(
    media: MediaKind, text: str, shown: str
) -> None:
    lines = outline_documents([document("a", text, media)]).text(1_000).splitlines()
    assert f"  {shown}" in lines


def test_pages_are_counted() -> None:
    pages = (Page(1, 0, 4), Page(2, 4, 8))
    pdf = Document(name="a.pdf", digest="", media=MediaKind.PDF, text="One\nTwo\n", pages=pages)
    assert "a.pdf: pdf, 2 pages, 3 lines" in outline_documents([pdf]).text(500)


def test_no_room_is_passed_and_what_is_left_out_is_counted() -> None:
    functions = "\n".join(f"def part_{n}(value: int) -> int:\n    return {n}\n" for n in range(90))
    documents = [document(f"lib/module_{n}/code.py", functions) for n in range(40)]
    outline = outline_documents(documents)
    for room in (60, 200, 700, 1_500, 4_000, 20_000, 100_000):
        assert raw_tokens(outline.text(room)) <= room, room
    assert "more not shown" in outline.text(9_000)
    assert "more not shown" not in outline.text(200_000)


def test_details_are_shared_among_the_files_rather_than_spent_on_the_first() -> None:
    functions = "\n".join(f"def part_{n}():\n    pass" for n in range(200))
    documents = [document(f"{n}.py", functions) for n in range(5)]
    text = outline_documents(documents).text(1_500)
    shown = [block.count("def part_") for block in text.split(".py: code")[1:]]
    assert max(shown) - min(shown) <= 1
    assert min(shown) > 5


def test_where_files_dont_fit_folders_stand_for_them_with_their_sizes() -> None:
    documents = [document(f"lib/part_{n % 3}/file_{n}.py", CODE) for n in range(300)]
    text = outline_documents(documents).text(150)
    tokens = raw_tokens(CODE)
    assert text.splitlines()[0] == (
        f"lib/part_0/: 100 files (among S1 to S298), {100 * tokens:,} tokens"
    )
    assert "file_0.py" not in text
    assert "S1 file_0.py" in outline_documents(documents).text(2_000)


def test_a_name_cannot_forge_a_line_of_the_outline() -> None:
    forged = document("a.py\nS2 trusted.py: code", "x = 1\n")
    assert len(outline_documents([forged]).text(500).splitlines()) == 2


def test_the_same_documents_give_the_same_outline() -> None:
    random = Random(7)
    documents = [document(f"{n}.py", CODE * random.randint(1, 9)) for n in range(30)]
    first, second = (outline_documents(documents).text(900) for _ in range(2))
    assert first == second
