"""Changes of single values in a person's YAML file, all the rest of which stays byte for byte:
comments, order, quotes, line endings. Owns syntax, not meaning.

The new text is spliced in at the places that the parser names. What comes of it is read back
and compared with what was meant, and the file's own loader must take it, before it replaces the
file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import Any, cast

import yaml

from agentflow_desktop.adapters.whole_file import keep_old, replacement
from agentflow_desktop.adapters.yaml_source import parse_yaml, read_config_text, to_plain
from agentflow_desktop.core.errors import ConfigurationError, StorageError

KeyPath = tuple[str, ...]
Changes = Mapping[str, object | None] | Mapping[KeyPath, object | None]
"""New values by place; None takes a value away. A place is a dotted path
(``production.caching.enabled``), or its parts where a name holds dots itself."""

_one_at_a_time = Lock()  # else of two changes from two threads one would be lost
_INDENT = 2
_WIDE = 1 << 30


def edit_yaml(path: Path, changes: Changes, validate: Callable[[Path], object]) -> Path | None:
    """Change a file, which is made if there is none; gives the copy of what it was before.

    ``validate`` is given a file of the same name with the new content, and raises
    ConfigurationError if the file's loader does not take it: then nothing is changed. Values are
    text, numbers (Decimal too), true and false, dates, and lists and mappings of those. A section
    from which the last value is taken goes too.

    Raises ConfigurationError for a file that is not YAML or can't be changed at that place alone,
    and StorageError if the disk refuses.
    """
    with _one_at_a_time:
        old = _read(path)
        new = edited_text(old, path.name, changes)
        if new == old:
            return None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacement(path, new.encode("utf-8", "surrogateescape")) as candidate:
                validate(candidate)
                return keep_old(path)
        except OSError as error:
            raise StorageError(
                f"{path} can't be written: {error.strerror or error}.",
                hint="Check that the disk has room and that you may write to this folder.",
            ) from error


def edited_text(text: str, file: str, changes: Changes) -> str:
    """The text of a file with the changes. Raises ConfigurationError as ``edit_yaml`` does."""
    places = {_parts(place): _plain(value) for place, value in changes.items()}
    meant = _as_read(text, file)
    edited = text
    for place, value in places.items():
        if value is None:
            _take(meant, place)
            edited = _without(edited, place)
        else:
            _put(meant, place, _as_read(f"value: {_inline(value)}", file)["value"])
            edited = _with(edited, place, value)
    try:
        is_as_meant = _as_read(edited, file) == meant
    except ConfigurationError:
        is_as_meant = False
    if not is_as_meant:
        names = ", ".join(".".join(place) for place in places)
        raise ConfigurationError(
            f"{file} is written in a way that keeps the program from changing {names} alone.",
            hint="Change it by hand, with a text editor.",
        )
    return edited


def _read(path: Path) -> str:
    """The text with its line endings and its byte order mark."""
    if not path.exists():
        return ""
    read_config_text(path)  # refuses what is no text, with a sentence
    return path.read_bytes().decode("utf-8")


def _as_read(text: str, file: str) -> dict[str, Any]:
    return cast(dict[str, Any], to_plain(parse_yaml(text.removeprefix("\ufeff"), file)))


def _parts(place: str | KeyPath) -> KeyPath:
    return tuple(place.split(".")) if isinstance(place, str) else place


def _put(tree: dict[str, Any], place: KeyPath, value: object) -> None:
    *sections, last = place
    for name in sections:
        below = tree.get(name)
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = cast(dict[str, Any], below)
    tree[last] = value


def _take(tree: dict[str, Any], place: KeyPath) -> None:
    """Without the value, and without the sections that it leaves empty."""
    name, *rest = place
    if not rest:
        tree.pop(name, None)
        return
    below = tree.get(name)
    if isinstance(below, dict):
        section = cast(dict[str, Any], below)
        was_empty = not section
        _take(section, tuple(rest))
        if not section and not was_empty:
            del tree[name]


_Pair = tuple[yaml.Node, yaml.Node]


@dataclass(frozen=True, slots=True)
class _Found:
    """How far a place stands in a file: the innermost mapping on the way, the pairs that lead
    there, and the names that are missing."""

    mapping: yaml.MappingNode
    pairs: tuple[_Pair, ...]
    missing: KeyPath


def _find(root: yaml.MappingNode, place: KeyPath) -> _Found:
    mapping = root
    pairs: list[_Pair] = []
    for depth, name in enumerate(place):
        pair = next((pair for pair in _pairs(mapping) if pair[0].value == name), None)
        if pair is None:
            return _Found(mapping, tuple(pairs), place[depth:])
        pairs.append(pair)
        if depth == len(place) - 1 or not isinstance(pair[1], yaml.MappingNode):
            return _Found(mapping, tuple(pairs), place[depth + 1 :])
        mapping = pair[1]
    return _Found(mapping, tuple(pairs), ())


def _pairs(mapping: yaml.MappingNode) -> list[_Pair]:
    return cast(list[_Pair], mapping.value)


def _root(text: str) -> yaml.MappingNode | None:
    node = yaml.SafeLoader(text).get_single_node()
    return node if isinstance(node, yaml.MappingNode) else None


def _with(text: str, place: KeyPath, value: object) -> str:
    root = _root(text)
    if root is None:
        return _line_after(text, len(text), _block(place, value, 0, _newline(text)))
    found = _find(root, place)
    if not found.missing:
        return _with_value(text, *found.pairs[-1], _inline(value))
    if found.pairs and not isinstance(found.pairs[-1][1], yaml.MappingNode):
        key, empty = found.pairs[-1]  # "section:" with nothing below it
        indent = key.start_mark.column + _INDENT
        lines = _block(found.missing, value, indent, _newline(text))
        return _line_after(text, max(_colon(text, key), empty.end_mark.index), lines)
    if found.mapping.flow_style:
        last = found.mapping.end_mark.index - 1
        comma = ", " if found.mapping.value else ""
        at = _end(found.mapping.value[-1][1]) if found.mapping.value else last
        return f"{text[:at]}{comma}{_nested(found.missing, value)}{text[at:]}"
    indent = found.mapping.value[0][0].start_mark.column
    lines = _block(found.missing, value, indent, _newline(text))
    return _line_after(text, _end(found.mapping), lines)


def _with_value(text: str, key: yaml.Node, old: yaml.Node, new: str) -> str:
    start, end = _colon(text, key), _end(old)
    if isinstance(old, yaml.ScalarNode) and old.start_mark.index < end:
        start = old.start_mark.index  # leaves the spaces before it as they are
        return text[:start] + new + _line_end(text, end) + text[end:]
    return f"{text[:start]} {new}{_line_end(text, end)}{text[max(start, end) :]}"


def _line_end(text: str, end: int) -> str:
    """What a value took along that reaches to the end of its last line."""
    if end < len(text) and text[end - 1] == "\n":
        return _newline(text)
    return ""


def _without(text: str, place: KeyPath) -> str:
    root = _root(text)
    if root is None:
        return text
    found = _find(root, place)
    if found.missing:
        return text
    pairs, mapping = list(found.pairs), found.mapping
    while len(pairs) > 1 and len(mapping.value) == 1:  # its section goes with it
        pairs.pop()
        mapping = _find(root, place[: len(pairs)]).mapping
    key, value = pairs[-1]
    if mapping.flow_style:
        return _without_pair(text, mapping, key)
    start = key.start_mark.index - key.start_mark.column
    end = max(_colon(text, key), _end(value))
    if end and text[end - 1] != "\n":
        end = _next_line(text, end)
    return text[:start] + text[end:]


def _without_pair(text: str, mapping: yaml.MappingNode, key: yaml.Node) -> str:
    """Without one pair of ``{a: 1, b: 2}`` and the comma that it needs no more."""
    number = next(n for n, pair in enumerate(mapping.value) if pair[0] is key)
    if number + 1 < len(mapping.value):
        start = key.start_mark.index
        end = mapping.value[number + 1][0].start_mark.index
    else:
        start = _end(mapping.value[number - 1][1]) if number else key.start_mark.index
        end = max(_end(mapping.value[number][1]), start)
    return text[:start] + text[end:]


def _end(node: yaml.Node) -> int:
    """Where the text of a value ends: of a block the end of its last value, not of the
    comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        if isinstance(last, tuple):
            key, value = cast(_Pair, last)
            return max(key.end_mark.index + 1, _end(value))
        return _end(cast(yaml.Node, last))
    return node.end_mark.index


def _colon(text: str, key: yaml.Node) -> int:
    """The place after the colon of a key."""
    return text.index(":", key.end_mark.index) + 1


def _next_line(text: str, at: int) -> int:
    newline = text.find("\n", at)
    return len(text) if newline < 0 else newline + 1


def _line_after(text: str, at: int, lines: str) -> str:
    """The lines put below the line that ``at`` stands in."""
    below = at if at and text[at - 1] == "\n" else _next_line(text, at)
    before = text[:below]
    if before.removeprefix("\ufeff") and not before.endswith("\n"):
        before += _newline(text)
    return before + lines + text[below:]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _block(place: KeyPath, value: object, indent: int, newline: str) -> str:
    """The lines of a value with the sections above it."""
    lines = [
        f"{' ' * (indent + _INDENT * depth)}{_inline(name)}:"
        for depth, name in enumerate(place)
    ]  # fmt: skip
    return newline.join(lines) + f" {_inline(value)}{newline}"


def _nested(place: KeyPath, value: object) -> str:
    *sections, last = (_inline(name) for name in place)
    opened = "".join(f"{name}: {{" for name in sections)
    return f"{opened}{last}: {_inline(value)}{'}' * len(sections)}"


def _inline(value: object) -> str:
    """A value as it stands in one line."""
    written = yaml.dump(
        value, Dumper=_Writer, default_flow_style=True, width=_WIDE, allow_unicode=True,
        sort_keys=False,
    )  # fmt: skip
    return written.removesuffix("\n").removesuffix("\n...")


class _Writer(yaml.SafeDumper):
    """With amounts of money, digit for digit."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(_: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if "\n" in text else None  # the other styles would take several lines
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _write_decimal(_: yaml.SafeDumper, amount: Decimal) -> yaml.ScalarNode:
    text = format(amount, "f")
    return yaml.ScalarNode(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Writer.add_representer(str, _write_text)
_Writer.add_representer(Decimal, _write_decimal)


def _plain(value: object) -> object:
    """The value in the types that YAML knows."""
    if isinstance(value, Enum):
        return cast(object, value.value)
    if isinstance(value, Mapping):
        pairs = cast(Mapping[object, object], value).items()
        return {str(_plain(key)): _plain(item) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast(list[object], value)]
    return value
