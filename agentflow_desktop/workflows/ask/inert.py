"""Text of models and files made inert Markdown: it loads nothing, runs nothing, leads nowhere.

Quotes stand in code spans; HTML, images, links and addresses in a claim are shown as text. Nor can
it imitate a report's own parts: headings in it are text, and so is code that it leaves open.
"""

import re

# A code span within one line and one table cell: what is no span by every reader's rules is text.
_CODE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n|]+?(?<!`)\1(?!`)")
# What opens HTML, a link, an image, a footnote or code, with the backslashes before it.
_LIVE = re.compile(r"(\\*)(<(?=[A-Za-z/!?])|[\[\]`])")
# Viewers make links of bare addresses, too. Without trailing marks of the sentence around it.
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bmailto:)[^\s<>`|\[\]]*[^\s<>`|\[\].,;:!?'\")*_]",
    re.IGNORECASE,
)
# A heading's marks, the underline that makes a heading of the line above, an open fence.
_BLOCK_MARK = re.compile(
    r"^((?:[ \t]|>|[-*+][ \t]|\d+[.)][ \t])*)(#|=+[ \t]*$|-+[ \t]*$|~~~)", re.MULTILINE
)
_ENDS_IN_BLOCK = re.compile(r".*\||\s*(?:```|~~~)|[ \t]{4}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def code_span(text: str) -> str:
    """The text as a Markdown code span, whatever back quotes and line ends are in it."""
    line = CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\n", " "))
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def marked_claim(text: str, marks: str) -> str:
    """A claim's Markdown, inert, and behind it the numbers of its quotes."""
    inert = inert_markdown(text.strip())
    # Behind a closing fence or a row of cells the marks would break the one, or be dropped.
    gap = "\n\n" if _ENDS_IN_BLOCK.match(inert.rpartition("\n")[2]) else " "
    return f"{inert}{gap}{marks}"


def inert_markdown(text: str) -> str:
    """Markdown that loads nothing, leads nowhere and has no headings; code in it stays as it is."""
    lines = CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).split("\n")
    parts: list[str] = []
    prose: list[str] = []
    at = 0
    while at < len(lines):
        end = _fence_end(lines, at)
        if end is None:
            prose.append(lines[at])
            at += 1
            continue
        parts += [_inert_spans("\n".join(prose)), *lines[at : end + 1]]
        prose, at = [], end + 1
    parts.append(_inert_spans("\n".join(prose)))
    return "\n".join(part for part in parts if part)


def _fence_end(lines: list[str], at: int) -> int | None:
    """The last line of the fenced block that begins at a line; None if none begins there.

    A fence that is not closed begins no block: it would swallow the rest of the report.
    """
    opening = _FENCE.fullmatch(lines[at])
    if opening is None:
        return None
    mark = opening[1]
    for end in range(at + 1, len(lines)):
        closing = _FENCE.fullmatch(lines[end])
        if closing and closing[1].startswith(mark) and not closing[2].strip():
            return end
    return None


def _inert_spans(text: str) -> str:
    """Prose with code spans in it."""
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts += [_inert_prose(text[at : code.start()]), code[0]]
        at = code.end()
    return _BLOCK_MARK.sub(r"\1\\\2", "".join([*parts, _inert_prose(text[at:])]))


def _inert_prose(text: str) -> str:
    parts: list[str] = []
    at = 0
    for address in _ADDRESS.finditer(text):
        parts += [_escaped(text[at : address.start()]), code_span(address[0])]
        at = address.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    """The text without live brackets, angle brackets and back quotes."""
    return _LIVE.sub(_escape, text)


def _escape(found: "re.Match[str]") -> str:
    backslashes, mark = found[1], found[2]
    is_escaped = len(backslashes) % 2 == 1
    if mark == "<":
        return f"{backslashes[: len(backslashes) - is_escaped]}&lt;"
    return found[0] if is_escaped else f"{backslashes}\\{mark}"


def one_line(text: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(text.split())
