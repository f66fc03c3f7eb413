"""What a reader sees of documents before reading them: names, sizes, headings, symbols, first
lines. Made by code alone, and always fits the room that it is given.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from agentflow_desktop.documents.document import Document, MediaKind
from agentflow_desktop.documents.tokens import raw_tokens

_MAX_LINE_CHARACTERS = 100
_MAX_DETAILS = 300
_MAX_TABLE_CHARACTERS = 300
_HEAD_TOKENS = 8  # room for the count of what a file's entry leaves out, and its line end

_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>]+")
_SPACES = re.compile(r"\s+")
_FIRST_LINE = re.compile(r"^[^\n]*\w[^\n]*$", re.MULTILINE)
_SYMBOL = re.compile(
    r"^[ \t]*(?:(?:export|default|public|private|protected|static|async|pub|abstract|final)\s+)*"
    r"(?:def|class|function|func|fn|struct|enum|interface|impl|trait|namespace|module|type)"
    r"[ \t]+\w[^\n]*$",
    re.MULTILINE,
)
_SYMBOL_END = re.compile(r"[:{=]\s*$|\s*\{.*$")
_HEADING = re.compile(
    r"^#{1,6}[ \t]+\S[^\n]*$|^\d+(?:\.\d+)*\.?[ \t]+[A-ZÀ-Þ][^\n]{2,80}$|^[A-ZÀ-Þ][A-ZÀ-Þ ]{5,60}$",
    re.MULTILINE,
)
_KEY = re.compile(r"^(?:  |\t)?[\"']?[\w.-]{1,60}[\"']?[ \t]*[:=]|^\[[^\]\n]+\]", re.MULTILINE)
_TIME_STAMP = re.compile(r"^\W{0,2}\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileOutline:
    """One document: the line with its id, name and size, a shorter one, and the lines below."""

    folder: str
    head: str
    mention: str
    details: tuple[str, ...]
    raw_tokens: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The documents of a task in their order; the n-th is source ``S<n>``."""

    files: tuple[FileOutline, ...]
    raw_tokens: int = field(default=0)

    def text(self, max_raw_tokens: int) -> str:
        """As much of the outline as fits, the same for the same room.

        Every file's line first, then each file's details in turn, the earliest first. Where not
        even the files' lines fit, folders stand for their files, with the files' names as far as
        they fit. What is left out is counted.
        """
        costs = [raw_tokens(file.head) + _HEAD_TOKENS for file in self.files]
        if sum(costs) > max_raw_tokens:
            return _folders(self.files, max_raw_tokens)
        taken = self._details_that_fit(max_raw_tokens - sum(costs))
        lines: list[str] = []
        for file, count in zip(self.files, taken, strict=True):
            lines.append(file.head)
            lines += [f"  {detail}" for detail in file.details[:count]]
            left = len(file.details) - count
            if left:
                lines.append(f"  ({left} more not shown)")
        return "\n".join(lines)

    def _details_that_fit(self, room: int) -> list[int]:
        taken = [0] * len(self.files)
        for row in zip_longest(*(file.details for file in self.files)):
            for at, detail in enumerate(row):
                if detail is None:
                    continue
                room -= raw_tokens(detail) + 2
                if room < 0:
                    return taken
                taken[at] += 1
        return taken


def outline_documents(documents: Sequence[Document]) -> Outline:
    """The outline of documents. Takes time with their size: for a thread."""
    files = tuple(_outline(f"S{at}", document) for at, document in enumerate(documents, start=1))
    return Outline(files, sum(file.raw_tokens for file in files))


def _outline(source_id: str, document: Document) -> FileOutline:
    tokens = document.raw_tokens
    name = _UNSAFE.sub(" ", document.name)
    lines = document.text.count("\n") + 1
    pages = f"{len(document.pages):,} pages, " if document.pages else ""
    head = f"{source_id} {name}: {document.media}, {pages}{lines:,} lines, {tokens:,} tokens"
    folder, _, base = name.rpartition("/")
    return FileOutline(folder, head, f"{source_id} {base}", _details(document), tokens)


def _details(document: Document) -> tuple[str, ...]:
    text = document.text
    first = _FIRST_LINE.search(text)
    opening = [f"begins: {_short(first.group())}"] if first else []
    match document.media:
        case MediaKind.CODE:
            return (*opening, *_found(_SYMBOL, text, lambda line: _SYMBOL_END.sub("", line)))
        case MediaKind.DATA:
            return tuple(_found(_KEY, text, lambda line: line.strip().rstrip(":=").strip()))
        case MediaKind.TABLE:
            return (f"columns: {_short(first.group(), _MAX_TABLE_CHARACTERS)}",) if first else ()
        case _:
            return (*_times(text), *opening, *_found(_HEADING, text, str))


def _found(pattern: "re.Pattern[str]", text: str, shorten: Callable[[str], str]) -> tuple[str, ...]:
    """What the pattern finds, each once, in order. Stops early in a huge file."""
    found = (_short(shorten(match.group())) for match in pattern.finditer(text))
    return tuple(dict.fromkeys(islice((line for line in found if line), _MAX_DETAILS)))


def _times(text: str) -> tuple[str, ...]:
    """From when to when a log goes."""
    first = _TIME_STAMP.search(text, 0, 2_000)
    if first is None:
        return ()
    *_, last = _TIME_STAMP.finditer(text, max(0, len(text) - 20_000)) or (first,)
    return (f"time stamps from {_short(first.group())} to {_short(last.group())}",)


def _short(line: str, limit: int = _MAX_LINE_CHARACTERS) -> str:
    line = _SPACES.sub(" ", line.strip())
    return line if len(line) <= limit else f"{line[:limit]}…"


def _folders(files: Sequence[FileOutline], max_raw_tokens: int) -> str:
    """One line a folder; where those don't fit either, of fewer and fewer levels."""
    deepest = max(len(file.folder.split("/")) for file in files)
    lines: list[str] = []
    groups: list[list[tuple[int, FileOutline]]] = []
    for depth in range(deepest, -1, -1):
        named: dict[str, list[tuple[int, FileOutline]]] = {}
        for at, file in enumerate(files, start=1):
            named.setdefault("/".join(file.folder.split("/")[:depth]), []).append((at, file))
        groups = list(named.values())
        lines = [_group_line(folder, members) for folder, members in named.items()]
        if raw_tokens("\n".join(lines)) <= max_raw_tokens:
            break
    room = max_raw_tokens - raw_tokens("\n".join(lines))
    for at, members in enumerate(groups):
        names = "  " + ", ".join(file.mention for _, file in members)
        room -= raw_tokens(names) + 1
        if room < 0:
            break
        lines[at] += f"\n{names}"
    return "\n".join(lines)


def _group_line(folder: str, members: Sequence[tuple[int, FileOutline]]) -> str:
    tokens = sum(file.raw_tokens for _, file in members)
    numbers = [at for at, _ in members]
    ids = f"S{numbers[0]}" if len(numbers) == 1 else f"among S{numbers[0]} to S{numbers[-1]}"
    return f"{folder or '.'}/: {len(members):,} files ({ids}), {tokens:,} tokens"
