"""A document cut into passages: paragraphs, table rows, blocks of code, each under its heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentflow_desktop.documents.document import MediaKind

MAX_PASSAGE_CHARACTERS = 700
_MAX_HEADING_CHARACTERS = 90

_FENCE = re.compile(r"\s*(```|~~~)")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"\s*(=+|-+|~+|\^+)\s*$")
_NUMBERED_HEADING = re.compile(r"\d+(\.\d+)*\.?\s+[A-ZÀ-Þ][^\W\d_]{2}.*[^.:;,]$")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|+=-]*-[\s:|+=-]*\|?\s*$")
_DEFINITION = re.compile(
    r"\s*(?:export\s+|public\s+|private\s+|protected\s+|static\s+|async\s+|pub\s+|abstract\s+)*"
    r"(?:def|class|function|func|fn|struct|enum|interface|impl|trait|namespace|module|type)\s+\w"
)
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+\S")
_SENTENCE_END = re.compile(r"[.!?。][\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters [start, end) of a text, whole lines without the last line's end.

    ``heading`` is the nearest heading above it (a title, a function's first line), ``header``
    the column names of the table that it is a row of; both are plain text, both may be empty.
    """

    start: int
    end: int
    heading: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_blank(self) -> bool:
        return not self.text or self.text.isspace()


def split_passages(text: str, media: MediaKind) -> tuple[Passage, ...]:
    """The passages of a text in order. They don't overlap; blank lines and headings that stand
    alone belong to none."""
    lines = list(_lines(text))
    match media:
        case MediaKind.TABLE:
            return tuple(_table_rows(lines))
        case MediaKind.CODE | MediaKind.DATA:
            return tuple(_code_blocks(lines))
        case (
            MediaKind.MARKDOWN
            | MediaKind.TEXT
            | MediaKind.HTML
            | MediaKind.PDF
            | MediaKind.WORD
            | MediaKind.WORKBOOK
            | MediaKind.MAIL
            | MediaKind.PICTURE
        ):
            return tuple(_prose(lines))


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for part in text.split("\n"):
        yield _Line(start, part)
        start += len(part) + 1


def _table_rows(lines: list[_Line], heading: str = "") -> Iterator[Passage]:
    filled = [line for line in lines if not line.is_blank]
    if not filled:
        return
    header = filled[0].text.strip()
    if len(filled) == 1:
        yield Passage(filled[0].start, filled[0].end, heading)
    for line in filled[1:]:
        if not _TABLE_RULE.match(line.text):
            yield Passage(line.start, line.end, heading, header)


def _code_blocks(lines: list[_Line]) -> Iterator[Passage]:
    heading = ""
    for block in _blocks(lines):
        for part in _parts(block):
            defined = next((line for line in part if _DEFINITION.match(line.text)), None)
            if defined is not None and not _is_nested(defined, part):
                heading = _definition_name(defined.text)
            yield Passage(part[0].start, part[-1].end, heading)


def _is_nested(defined: _Line, part: list[_Line]) -> bool:
    """Whether the definition is a local one, deeper than the part begins."""
    return _indent(defined.text) > _indent(part[0].text)


def _definition_name(text: str) -> str:
    """``def ask`` for ``def ask(self, part: Part) -> str:``."""
    return _short(re.split(r"[(:{<=]", text, maxsplit=1)[0])


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _blocks(lines: list[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for line in lines:
        if line.is_blank:
            if block:
                yield block
            block = []
        else:
            block.append(line)
    if block:
        yield block


def _prose(lines: list[_Line]) -> Iterator[Passage]:
    heading = ""
    for block in _fenced_blocks(lines):
        if _FENCE.match(block[0].text):
            inner = [line for line in block if not line.is_blank and not _FENCE.match(line.text)]
            for part in _parts(inner):
                yield Passage(part[0].start, part[-1].end, heading)
            continue
        for section in _sections(block):
            rest, found = _without_heading(section)
            heading = found or heading
            if _is_table(rest):
                yield from _table_rows(rest, heading)
            else:
                for part in _parts(rest):
                    yield Passage(part[0].start, part[-1].end, heading)


def _sections(block: list[_Line]) -> Iterator[list[_Line]]:
    """A block cut before numbered headings: text out of a PDF has no blank lines around them."""
    section: list[_Line] = []
    for line in block:
        if section and len(line.text) <= 60 and _NUMBERED_HEADING.match(line.text.strip()):
            yield section
            section = []
        section.append(line)
    yield section


def _fenced_blocks(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Blocks between blank lines; a fenced block is one, a Markdown heading begins one."""
    block: list[_Line] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line.text)
        if fence:
            block.append(line)
            if mark and mark.group(1) == fence:
                yield block
                block, fence = [], ""
        elif mark or line.is_blank or _MARKDOWN_HEADING.match(line.text):
            if block:
                yield block
            block = [] if line.is_blank else [line]
            fence = mark.group(1) if mark else ""
        else:
            block.append(line)
    if block:
        yield block


def _without_heading(block: list[_Line]) -> tuple[list[_Line], str]:
    """A block's lines after its heading, and the heading; all of them and "" if it has none."""
    first = block[0].text.strip()
    marked = _MARKDOWN_HEADING.match(first)
    if marked:
        return block[1:], _short(marked.group(1))
    if len(first) > _MAX_HEADING_CHARACTERS or not first[0].isalnum():
        return block, ""
    if len(block) > 1 and _UNDERLINE.match(block[1].text):
        return block[2:], first
    is_title = first.isupper() or _NUMBERED_HEADING.match(first) is not None
    if _LIST_ITEM.match(first) and not _NUMBERED_HEADING.match(first):
        is_title = False
    stands_alone = len(block) == 1 and len(first.split()) <= 10 and first[-1] not in ".:;,!?|"
    if (is_title and len(block) > 1 and not _LIST_ITEM.match(block[1].text)) or (
        stands_alone and (is_title or first[:1].isupper()) and not any(c.isdigit() for c in first)
    ):
        return block[1:], first
    return block, ""


def _is_table(block: list[_Line]) -> bool:
    """Rows of Markdown cells, or of HTML cells as the reader writes them."""
    return len(block) > 1 and all(" | " in line.text or line.text.startswith("|") for line in block)


def _parts(block: list[_Line]) -> Iterator[list[_Line]]:
    """A block cut at list items, and where it is long at a sentence's end or a line's."""
    part: list[_Line] = []
    size = 0
    for line in block:
        is_full = size + len(line.text) > MAX_PASSAGE_CHARACTERS
        may_end = size > MAX_PASSAGE_CHARACTERS // 2 and _SENTENCE_END.search(
            part[-1].text.rstrip()
        )
        if part and (is_full or may_end or _LIST_ITEM.match(line.text)):
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line.text) + 1
    if part:
        yield part


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _MAX_HEADING_CHARACTERS else f"{text[:_MAX_HEADING_CHARACTERS]}…"
