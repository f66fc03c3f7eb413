"""Which elements of an HTML page a reader can't see, by their attributes and the page's styles.

Judges by single declarations: no cascade, no layout. What only a script or another file hides
is not known here.
"""

import re
from collections.abc import Iterator

Attributes = list[tuple[str, str | None]]

_HIDING = re.compile(
    r"""
      display\s*:\s*none
    | visibility\s*:\s*(?:hidden|collapse)
    | (?<![\w-])opacity\s*:\s*0*\.?0+\s*(?:%|;|!|$)
    | font-size\s*:\s*(?:0*\.\d+|[01](?:\.\d+)?)\s*(?:px|pt|;|!|$)
    | font-size\s*:\s*0(?:\.0+)?(?:em|rem|%|vw)
    | (?<![\w-])color\s*:\s*transparent
    | text-indent\s*:\s*-\d{3,}
    | (?<![\w-])(?:left|right|top|bottom|margin-left|margin-top)\s*:\s*-\d{4,}
    | clip\s*:\s*rect\(\s*(?:0|1px)[\s,]
    | clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)
    | transform\s*:\s*scale\(\s*0\s*\)
    | content-visibility\s*:\s*hidden
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NO_SIZE = re.compile(
    r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[01](?:px|pt|em)?\s*(?:;|!|$)", re.IGNORECASE
)
_CLIPS = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:white|#fff\b|#f[ef]f[ef]f[ef]\b|rgba?\(\s*25[0-5]\s*,\s*25[0-5]\s*,\s*25[0-5])",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"(?<![\w-])background(?:-color|-image)?\s*:", re.IGNORECASE)
_STYLE_START = re.compile(r"<style\b[^>]{0,500}>", re.IGNORECASE)
_STYLE_END = re.compile(r"</style", re.IGNORECASE)
_MAX_SHEET_CHARACTERS = 200_000
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}@;]{1,500})\{([^{}]*)\}")
_AT_BLOCK = re.compile(r"@[^{};]{0,500}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_SIMPLE = re.compile(r"^[a-z0-9]*([.#])([\w-]+)$", re.IGNORECASE)


class HidingRules:
    """The classes and ids that a page's own style sheets hide."""

    def __init__(self, page: str) -> None:
        self._names: set[str] = set()  # ".class" and "#id"
        for sheet in _style_sheets(page):
            plain = _AT_BLOCK.sub(" ", _CSS_COMMENT.sub(" ", sheet))
            for selectors, declarations in _RULE.findall(plain):
                if _hides(declarations):
                    self._names.update(_simple_names(selectors))

    def hides(self, attributes: Attributes) -> bool:
        """Whether an element with these attributes is not drawn, or not where it can be seen."""
        for name, value in attributes:
            text = value or ""
            if name == "hidden" or (name == "aria-hidden" and text.strip().lower() == "true"):
                return True
            if name == "style" and _hides(text):
                return True
            if name == "class" and any(f".{word}" in self._names for word in text.split()):
                return True
            if name == "id" and f"#{text}" in self._names:
                return True
        return False

    def is_pale(self, attributes: Attributes) -> bool:
        """Whether it writes white and gives no background: perhaps on white."""
        values = dict(attributes)
        style = values.get("style") or ""
        if _WHITE.search(style):
            return _BACKGROUND.search(style) is None
        return (values.get("color") or "").strip().lower() in ("white", "#fff", "#ffffff")


def _style_sheets(page: str) -> Iterator[str]:
    """The text of each ``style`` element, as much of it as is worth reading."""
    at = 0
    while (start := _STYLE_START.search(page, at)) is not None:
        end = _STYLE_END.search(page, start.end())
        at = end.end() if end is not None else len(page)
        yield page[start.end() : min(at, start.end() + _MAX_SHEET_CHARACTERS)]


def _hides(declarations: str) -> bool:
    if _HIDING.search(declarations):
        return True
    return bool(_NO_SIZE.search(declarations) and _CLIPS.search(declarations))


def _simple_names(selectors: str) -> list[str]:
    found = (_SIMPLE.match(selector.strip()) for selector in selectors.split(","))
    return [f"{match[1]}{match[2]}" for match in found if match]
