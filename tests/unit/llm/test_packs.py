"""Packs hold every character once, fit their room, and are the same every time."""

from random import Random

import pytest

from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.quotes import check_quote
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.packs import Pack, halve_pack, pack_documents
from agentflow_desktop.llm.source_blocks import fence_tokens

WORDS = "voltage der limit 4.20 V Größe 漢字 {x} => _id\t, naïve \U0001f50b ledger".split(" ")


def made_up(random: Random, name: str, words: int) -> Document:
    parts: list[str] = []
    for _ in range(words):
        parts.append(random.choice(WORDS))
        parts.append(random.choices([" ", "\n", "\n\n", ""], [12, 3, 1, 1])[0])
    media = random.choice([MediaKind.TEXT, MediaKind.CODE, MediaKind.TABLE, MediaKind.MARKDOWN])
    return Document(name=name, digest=name, media=media, text="".join(parts))


def read_back(packs: tuple[Pack, ...], documents: list[Document]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for pack in packs:
        for source in pack.texts(documents):
            texts[source.source_id] = texts.get(source.source_id, "") + source.text
    return texts


@pytest.mark.parametrize("seed", range(12))
def test_every_character_stands_in_exactly_one_pack_and_every_pack_fits(seed: int) -> None:
    random = Random(seed)
    documents = [made_up(random, f"f{n}", random.randint(1, 900)) for n in range(12)]
    room = random.randint(150, 1_500)
    packs = pack_documents(documents, room)
    texts = read_back(packs, documents)
    assert texts == {f"S{n}": d.text for n, d in enumerate(documents, start=1)}
    assert all(pack.raw_tokens <= room for pack in packs)
    assert [pack.number for pack in packs] == list(range(1, len(packs) + 1))
    assert {pack.total for pack in packs} == {len(packs)}
    assert packs == pack_documents(documents, room)


def test_a_file_that_fits_a_pack_is_never_split() -> None:
    random = Random(1)
    documents = [made_up(random, f"f{n}", 200) for n in range(10)]
    room = max(raw_tokens(d.text) for d in documents) + fence_tokens("f9")
    pieces = [piece for pack in pack_documents(documents, room) for piece in pack.pieces]
    assert len(pieces) == 10
    assert {piece.parts for piece in pieces} == {1}


def test_a_long_file_is_cut_where_a_passage_begins() -> None:
    text = "\n\n".join(f"def part_{n}():\n    return check_{n}(1)" for n in range(400))
    document = Document(name="long.py", digest="", media=MediaKind.CODE, text=text)
    packs = pack_documents([document], 900)
    assert len(packs) > 3
    assert all(pack.pieces[0].parts == len(packs) for pack in packs)
    for pack in packs:
        assert text[pack.pieces[0].start :].startswith("def part_")
    assert packs[1].label == f"pack 2 of {len(packs)} (long.py [part 2 of {len(packs)}])"


def test_a_line_that_is_longer_than_a_pack_is_cut_all_the_same() -> None:
    document = Document(name="flat", digest="", media=MediaKind.TEXT, text="x1" * 9_000)
    packs = pack_documents([document], 800)
    assert read_back(packs, [document]) == {"S1": document.text}
    assert all(pack.raw_tokens <= 800 for pack in packs)


def test_a_quote_out_of_a_piece_is_found_in_the_whole_document() -> None:
    text = "\n\n".join(f"The limit of part {n} is {n * 7} mA." for n in range(600))
    document = Document(name="limits.txt", digest="", media=MediaKind.TEXT, text=text)
    last = pack_documents([document], 1_000)[-1].texts([document])[0]
    quote = last.text.strip().splitlines()[-1]
    evidence = check_quote(document, quote)
    assert evidence.line == text.count("\n") + 1
    assert evidence.start == text.index(quote)


def test_only_the_named_sources_are_packed_under_their_own_ids() -> None:
    random = Random(3)
    documents = [made_up(random, f"f{n}", 50) for n in range(6)]
    packs = pack_documents(documents, 10_000, frozenset({"S2", "S5"}))
    assert [piece.source_id for pack in packs for piece in pack.pieces] == ["S2", "S5"]


def test_no_documents_make_no_pack() -> None:
    assert pack_documents([], 1_000) == ()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_halves_hold_what_the_pack_held_and_are_not_halved_again(count: int) -> None:
    random = Random(count)
    documents = [made_up(random, f"f{n}", 400 * (n + 1) ** 3) for n in range(count)]
    [pack] = pack_documents(documents, 1_000_000)
    halves = halve_pack(pack, documents)
    assert len(halves) == 2
    assert read_back(halves, documents) == read_back((pack,), documents)
    assert max(half.raw_tokens for half in halves) < pack.raw_tokens * 0.6
    assert halves[0].label.startswith("half of pack 1 of 1 (")
    assert halve_pack(halves[0], documents) == (halves[0],)
