"""HTML to the text that a reader would see, each line with its line number in the file."""

import re
from html.parser import HTMLParser

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
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")


def read_html(content: bytes) -> Parsed:
    """Visible text only. Blocks make lines, table cells are parted by `` | ``."""
    declared = _CHARSET.search(content[:4096])
    text, notes = decode(content, declared.group(1).decode("ascii") if declared else "")
    collector = _Collector()
    collector.feed(text)
    collector.close()
    lines, numbers = collector.lines()
    return Parsed(MediaKind.HTML, "\n".join(lines), notes, tuple(numbers) or (1,))


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool]] = []
        self._hidden_depth = 0
        self._preformatted = 0
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
        is_hidden = tag in _DROPPED or _is_hidden(attrs)
        self._open.append((tag, is_hidden))
        self._hidden_depth += is_hidden
        self._preformatted += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BLOCKS:
            self._end_line(paragraph=False)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line(paragraph=tag in _PARAGRAPHS)
        if not any(name == tag for name, _ in reversed(self._open)):
            return
        while self._open:  # a missing end tag ends with the element around it
            name, was_hidden = self._open.pop()
            self._hidden_depth -= was_hidden
            self._preformatted -= name == "pre"
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._hidden_depth:
            return
        first_line = self.getpos()[0]
        if self._preformatted:
            for offset, line in enumerate(data.split("\n")):
                if offset:
                    self._end_line(paragraph=False, keep_blank=True)
                self._add(line, first_line + offset)
            return
        lead = len(data) - len(data.lstrip())
        self._add(_SPACES.sub(" ", data), first_line + data.count("\n", 0, lead))

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
        if text or keep_blank:
            self._lines.append((text, self._line_number or self.getpos()[0]))
        if paragraph and self._lines and self._lines[-1][0]:
            self._lines.append(("", self.getpos()[0]))


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    for name, value in attrs:
        if name == "hidden" or (name == "aria-hidden" and value == "true"):
            return True
        if name == "style" and value and _HIDDEN_STYLE.search(value):
            return True
    return False
