"""HTML to the text that a reader would see, each line with its line number in the file."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from agentflow_desktop.adapters.readers.html_hiding import HidingRules
from agentflow_desktop.adapters.readers.parsed import Parsed
from agentflow_desktop.adapters.readers.text_format import decode
from agentflow_desktop.documents.document import MediaKind

_DROPPED = frozenset(
    "script style noscript template svg math iframe object select datalist".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLOCKS = frozenset(
    (
        "address article aside blockquote body br caption center dd details dialog div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main "
        "menu nav ol option p pre section summary table tbody tfoot thead title tr ul"
    ).split()
)
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 table pre blockquote ul ol dl section article".split())
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")


def read_html(content: bytes, *, declared: str = "", marks_quoted: bool = False) -> Parsed:
    """Visible text only. Blocks make lines, table cells are parted by `` | ``.

    ``declared`` is the encoding that came with the file, else its own word for it counts;
    ``marks_quoted`` begins the lines of block quotations with ``>``, as plain mails do.
    """
    found = _CHARSET.search(content[:4096])
    text, notes = decode(content, declared or (found.group(1).decode("ascii") if found else ""))
    collector = _Collector(HidingRules(text), marks_quoted=marks_quoted)
    collector.feed(text)
    collector.close()
    lines, numbers = collector.lines()
    if collector.hidden:
        notes += (f"{collector.hidden:,} characters that the page hides were left out.",)
    if collector.pale:
        notes += (f"{collector.pale:,} characters may be white on white: they were read.",)
    return Parsed(MediaKind.HTML, "\n".join(lines), notes, tuple(numbers) or (1,))


@dataclass(frozen=True, slots=True)
class _Element:
    tag: str
    is_dropped: bool
    is_hidden: bool
    is_pale: bool


class _Collector(HTMLParser):
    def __init__(self, hiding: HidingRules, *, marks_quoted: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._hiding = hiding
        self._marks_quoted = marks_quoted
        self._open: list[_Element] = []
        self._dropped = self._hidden_depth = self._pale_depth = 0
        self._preformatted = self._quoted = 0
        self.hidden = 0
        self.pale = 0
        self._line: list[str] = []
        self._line_number = 0
        self._lines: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end_line(paragraph=tag in _PARAGRAPHS)
        elif tag in ("td", "th") and "".join(self._line).strip():
            self._line.append(" | ")
        if tag in _VOID:
            return
        element = _Element(
            tag,
            is_dropped=tag in _DROPPED,
            is_hidden=self._hiding.hides(attrs),
            is_pale=self._hiding.is_pale(attrs),
        )
        self._open.append(element)
        self._count(element, 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BLOCKS:
            self._end_line(paragraph=False)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line(paragraph=tag in _PARAGRAPHS)
        if not any(element.tag == tag for element in reversed(self._open)):
            return
        while self._open:  # a missing end tag ends with the element around it
            element = self._open.pop()
            self._count(element, -1)
            if element.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._dropped:
            return
        if self._hidden_depth:
            self.hidden += len("".join(data.split()))
            return
        if self._pale_depth:
            self.pale += len("".join(data.split()))
        first_line = self.getpos()[0]
        if self._preformatted:
            for offset, line in enumerate(data.split("\n")):
                if offset:
                    self._end_line(paragraph=False, keep_blank=True)
                self._add(line, first_line + offset)
            return
        lead = len(data) - len(data.lstrip())
        self._add(_SPACES.sub(" ", data), first_line + data.count("\n", 0, lead))

    def _count(self, element: "_Element", by: int) -> None:
        self._dropped += by * element.is_dropped
        self._hidden_depth += by * element.is_hidden
        self._pale_depth += by * element.is_pale
        self._preformatted += by * (element.tag == "pre")
        self._quoted += by * (self._marks_quoted and element.tag == "blockquote")

    def lines(self) -> tuple[list[str], list[int]]:
        self._end_line(paragraph=False)
        while self._lines and not self._lines[-1][0]:
            self._lines.pop()
        return [text for text, _ in self._lines], [number for _, number in self._lines]

    def _add(self, text: str, line_number: int) -> None:
        if not self._preformatted and not self._line:
            text = text.lstrip()
        if text:
            if not self._line:
                self._line_number = line_number
            self._line.append(text)

    def _end_line(self, *, paragraph: bool, keep_blank: bool = False) -> None:
        text = "".join(self._line).rstrip()
        if not self._preformatted:
            text = re.sub(r" {2,}", " ", text)
        self._line.clear()
        if text and self._quoted:
            text = f"{'>' * self._quoted} {text}"
        if text or keep_blank:
            self._lines.append((text, self._line_number or self.getpos()[0]))
        if paragraph and self._lines and self._lines[-1][0]:
            self._lines.append(("", self.getpos()[0]))
