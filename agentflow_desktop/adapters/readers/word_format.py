"""DOCX to the lines that a reader would see: paragraphs, headings, lists, tables, notes.

What the file hides (tracked deletions, hidden, white or tiny text, field codes) is no text.
Macros and embedded files are not looked at.
"""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.parser import parse_xml

from agentflow_desktop.adapters.readers.office_archive import DAMAGED
from agentflow_desktop.adapters.readers.parsed import Parsed, Unreadable
from agentflow_desktop.adapters.readers.word_runs import RunReader
from agentflow_desktop.adapters.readers.word_styles import W, WordStyles
from agentflow_desktop.documents.document import MediaKind

_PLACES = "Lines are counted in the extracted text: Word's own pages are made when it prints."
_CHANGES = "It holds tracked changes: what was deleted is left out, what was inserted is read."
_NOTES = ((REL.FOOTNOTES, "footnote", "Footnotes"), (REL.ENDNOTES, "endnote", "Endnotes"))
# lxml's own complaint is a SyntaxError; python-docx stumbles over missing parts in these ways.
_BAD = (PackageNotFoundError, KeyError, AttributeError, TypeError, SyntaxError, *DAMAGED)
_CONTAINERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "smartTag", "body"))


def read_word(content: bytes) -> Parsed:
    """The document's lines. Raises Unreadable if it is damaged."""
    try:
        document: Any = docx.Document(io.BytesIO(content))
        reader = _WordReader(document)
        lines = reader.lines()
    except _BAD as error:
        raise Unreadable("It is damaged or is no Word document.") from error
    if not any(line.strip() for line in lines):
        raise Unreadable("It holds no text.")
    return Parsed(MediaKind.WORD, "\n".join(lines), reader.notes())


class _WordReader:
    """Walks one document. Works on its XML: python-docx's objects cost a call a run."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = WordStyles(document.part)
        self._runs = RunReader(self._styles)

    def lines(self) -> list[str]:
        """Headers first, then the body, then footers, notes and comments under headings."""
        part: Any = self._document.part
        body = list(self._blocks(self._document.element.body))
        headers = self._margins(REL.HEADER)
        footers = self._margins(REL.FOOTER)
        lines = [*headers, ""] if headers else []
        lines += body
        for title, found in (
            ("Footers", footers),
            *((title, self._numbered(part, kind, tag)) for kind, tag, title in _NOTES),
            ("Comments", self._comments(part)),
        ):
            if found:
                lines += ["", f"# {title}", "", *found]
        return _without_blank_runs(lines)

    def notes(self) -> tuple[str, ...]:
        notes = [_PLACES]
        if self._runs.has_changes:
            notes.append(_CHANGES)
        if self._runs.hidden:
            notes.append(f"{self._runs.hidden:,} characters that the file hides were left out.")
        embedded = sum(
            rel.reltype in (REL.PACKAGE, REL.OLE_OBJECT, REL.A_F_CHUNK)
            for rel in self._document.part.rels.values()
        )
        if embedded:
            notes.append(f"Files embedded in it ({embedded}) were not read.")
        return tuple(notes)

    def _blocks(self, parent: Any) -> Iterator[str]:
        for child in parent:
            tag = child.tag
            if tag == f"{W}p":
                yield from self._paragraph(child)
            elif tag == f"{W}tbl":
                yield from ("", *self._table(child), "")
            elif tag in _CONTAINERS:
                yield from self._blocks(child)

    def _paragraph(self, paragraph: Any) -> list[str]:
        text = self._runs.text(paragraph).rstrip()
        if not text.strip():
            return [""]
        lines = text.split("\n")
        level = self._styles.heading_level(paragraph)
        if level:
            return ["", f"{'#' * level} {' '.join(' '.join(lines).split())}", ""]
        if self._styles.is_list_item(paragraph):
            return [f"- {lines[0].strip()}", *lines[1:]]
        return [*lines, ""]

    def _table(self, table: Any) -> Iterator[str]:
        for row in _children(table, "tr"):
            cells = [self._cell(cell) for cell in _children(row, "tc")]
            if any(cells):
                yield " | ".join(cells)

    def _cell(self, cell: Any) -> str:
        return " ".join(" ".join(self._blocks(cell)).split())

    def _margins(self, kind: str) -> list[str]:
        """The texts of all headers or all footers, each once."""
        found: dict[str, None] = {}
        for rel in self._document.part.rels.values():
            if rel.reltype == kind and not rel.is_external:
                lines = (line for line in self._blocks(rel.target_part.element) if line.strip())
                found.update(dict.fromkeys(lines))
        return list(found)

    def _numbered(self, part: Any, kind: str, tag: str) -> list[str]:
        """Foot- or endnotes as ``1. text``, without the separators that Word keeps among them."""
        root = _related_root(part, kind)
        notes = [note for note in _children(root, tag) if note.get(f"{W}type") is None]
        texts = (" ".join(" ".join(self._blocks(note)).split()) for note in notes)
        return [f"{number}. {text}" for number, text in enumerate(texts, start=1) if text]

    def _comments(self, part: Any) -> list[str]:
        lines: list[str] = []
        for comment in _children(_related_root(part, REL.COMMENTS), "comment"):
            text = " ".join(" ".join(self._blocks(comment)).split())
            author = " ".join(str(comment.get(f"{W}author") or "someone").split())
            if text:
                lines.append(f"- {author}: {text}")
        return lines


def _children(parent: Any, name: str) -> Iterator[Any]:
    """The children of a name, also where a content control or an insertion wraps them."""
    for child in parent if parent is not None else ():
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in _CONTAINERS:
            yield from _children(child, name)


def _related_root(part: Any, kind: str) -> Any:
    """The XML of a part that the document refers to, None if it has no such part."""
    for rel in part.rels.values():
        if rel.reltype == kind and not rel.is_external:
            element = getattr(rel.target_part, "element", None)
            return element if element is not None else parse_xml(rel.target_part.blob)
    return None


def _without_blank_runs(lines: list[str]) -> list[str]:
    """At most one blank line between two others, none at either end."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip() if line.strip() else "")
    while kept and not kept[-1]:
        kept.pop()
    return kept
