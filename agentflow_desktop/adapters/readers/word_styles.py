"""What a Word document's styles say of a paragraph or a run: heading, list, hidden."""

from collections.abc import Callable, Mapping
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off", "none"})
_TINY_HALF_POINTS = 4  # two points: nobody reads that
_WHITE_FROM = 0xFA


class WordStyles:
    """The styles of one document by id, each with those that it is based on."""

    def __init__(self, part: Any) -> None:
        root: Any = part.styles.element
        self._styles: Mapping[str, Any] = {
            str(style.get(f"{W}styleId")): style for style in root.findall(f"{W}style")
        }

    def heading_level(self, paragraph: Any) -> int:
        """1 to 6 for a heading, 0 for anything else."""
        properties = paragraph.find(f"{W}pPr")
        direct = _value(properties, "outlineLvl")
        style_id = _value(properties, "pStyle")
        for style in self._chain(style_id):
            name = (_value(style, "name") or "").lower()
            if name == "title":
                return 1
            if name.startswith("heading ") and name[8:].isdecimal():
                return min(int(name[8:]), 6)
            direct = direct or _value(style.find(f"{W}pPr"), "outlineLvl")
        return int(direct) + 1 if direct in ("0", "1", "2", "3", "4", "5") else 0

    def is_list_item(self, paragraph: Any) -> bool:
        """Whether it carries a bullet or a number, by itself or by its style."""
        properties = paragraph.find(f"{W}pPr")
        for owner in (properties, *self._properties(_value(properties, "pStyle"), "pPr")):
            numbering = owner.find(f"{W}numPr") if owner is not None else None
            if numbering is not None:
                return _value(numbering, "numId") != "0"
        return False

    def is_hidden(self, run: Any, paragraph_style: str | None, *, has_shade: bool) -> bool:
        """Whether a run's text is hidden, tiny, or white with nothing dark behind it."""
        own = run.find(f"{W}rPr")
        chain = [
            own,
            *self._properties(_value(own, "rStyle"), "rPr"),
            *self._properties(paragraph_style, "rPr"),
        ]
        if _first(chain, _is_vanished):
            return True
        size = _first(chain, lambda properties: _value(properties, "sz"))
        if size is not None and size.isdecimal() and int(size) <= _TINY_HALF_POINTS:
            return True
        color = _first(chain, lambda properties: _value(properties, "color"))
        if color is None or not is_white(color) or has_shade:
            return False
        return not any(is_shaded(properties) or _is_lit(properties) for properties in chain)

    def _chain(self, style_id: str | None) -> list[Any]:
        found: list[Any] = []
        while style_id and (style := self._styles.get(style_id)) is not None and style not in found:
            found.append(style)
            style_id = _value(style, "basedOn")
        return found

    def _properties(self, style_id: str | None, name: str) -> list[Any]:
        return [style.find(f"{W}{name}") for style in self._chain(style_id)]


def is_shaded(properties: Any) -> bool:
    """Whether run, paragraph or cell properties put a colour behind the text."""
    shade = properties.find(f"{W}shd") if properties is not None else None
    fill = shade.get(f"{W}fill") if shade is not None else None
    return fill is not None and fill != "auto" and not is_white(fill)


def is_white(color: str) -> bool:
    """Whether a colour such as ``FFFFFF`` can't be seen on paper."""
    try:
        parts = bytes.fromhex(color)
    except ValueError:
        return False
    return len(parts) == 3 and min(parts) >= _WHITE_FROM


def _is_vanished(properties: Any) -> bool | None:
    """True or False if the properties say so, None if they leave it open."""
    mark = properties.find(f"{W}vanish") if properties is not None else None
    return None if mark is None else mark.get(f"{W}val") not in _OFF


def _is_lit(properties: Any) -> bool:
    color = _value(properties, "highlight")
    return color is not None and color not in ("none", "white")


def _first(chain: list[Any], ask: Callable[[Any], Any]) -> Any:
    """The first answer that is not None."""
    return next((answer for owner in chain if (answer := ask(owner)) is not None), None)


def _value(owner: Any, name: str) -> str | None:
    """The ``w:val`` of a child element, None if there is none."""
    child = owner.find(f"{W}{name}") if owner is not None else None
    value = child.get(f"{W}val") if child is not None else None
    return str(value) if value is not None else None
