"""A YAML file as nested text with line numbers. Owns syntax, not meaning.

Every scalar stays the text that stands in the file, so that an amount of money is never rounded
through a float; the reader of the file gives it a type. Nothing in a file is constructed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from agentflow_desktop.core.errors import ConfigurationError

_MAX_DEPTH = 12
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class YamlText:
    """A single value. An absent value (``key:`` or ``null``) is empty text."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class YamlList:
    items: tuple["YamlValue", ...]
    line: int


@dataclass(frozen=True, slots=True)
class YamlMap:
    """``key_lines`` has the line of each key, counted from 1."""

    entries: dict[str, "YamlValue"]
    key_lines: dict[str, int]
    line: int


YamlValue = YamlText | YamlList | YamlMap


def read_config_text(path: Path) -> str:
    """The text of a configuration file. Raises ConfigurationError if it can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no file {path}.", hint="Check the path that was given."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} can't be read: {_reason(error)}.",
            hint="Check that it is a UTF-8 text file that you may read.",
        ) from error


def parse_yaml(text: str, file: str) -> YamlMap:
    """The mapping that a YAML text holds; an empty text is an empty mapping.

    Raises ConfigurationError naming file and line for bad syntax, a key that stands twice, and
    anything but a mapping at the top.
    """
    try:
        node = yaml.SafeLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "not YAML"
        raise ConfigurationError(
            f"{file} line {line}: not valid YAML: {problem}.",
            hint="Check indentation, colons and quotes at and above this line.",
            detail=str(error),
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(
            f"{file} is not valid YAML: {str(error).splitlines()[0]}.",
            hint="The file must be plain UTF-8 text.",
        ) from error
    if node is None:
        return YamlMap({}, {}, 1)
    value = _convert(node, file, 0)
    if isinstance(value, YamlText) and not value.text:
        return YamlMap({}, {}, 1)
    if not isinstance(value, YamlMap):
        raise ConfigurationError(
            f"{file} line {value.line}: the file must hold keys with values.",
            hint="Write lines of the form key: value.",
        )
    return value


def line_of(root: YamlMap, path: tuple[str | int, ...]) -> int:
    """The line of the deepest part of a path that stands in the file."""
    value: YamlValue = root
    line = root.line
    for part in path:
        match value:
            case YamlMap() if str(part) in value.entries:
                line = value.key_lines[str(part)]
                value = value.entries[str(part)]
            case YamlList() if isinstance(part, int) and part < len(value.items):
                value = value.items[part]
                line = value.line
            case _:
                break
    return line


def to_plain(value: YamlValue) -> object:
    """Dicts, lists and text of a value, for a validator."""
    match value:
        case YamlText():
            return value.text
        case YamlList():
            return [to_plain(item) for item in value.items]
        case YamlMap():
            return {key: to_plain(item) for key, item in value.entries.items()}


def _convert(node: yaml.Node, file: str, depth: int) -> YamlValue:
    line = node.start_mark.line + 1
    if depth > _MAX_DEPTH:
        raise ConfigurationError(
            f"{file} line {line}: nested too deeply.",
            hint="Remove anchors that refer to themselves.",
        )
    if isinstance(node, yaml.ScalarNode):
        return YamlText("" if node.tag == _NULL else str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return YamlList(tuple(_convert(item, file, depth + 1) for item in node.value), line)
    entries: dict[str, YamlValue] = {}
    key_lines: dict[str, int] = {}
    for key, key_line, child in _pairs(node, file):
        if key in entries:
            raise ConfigurationError(
                f"{file} line {key_line}: {key} stands twice, first in line {key_lines[key]}.",
                hint="Remove one of the two.",
            )
        entries[key] = _convert(child, file, depth + 1)
        key_lines[key] = key_line
    return YamlMap(entries, key_lines, line)


def _pairs(node: yaml.Node, file: str) -> Iterator[tuple[str, int, yaml.Node]]:
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            raise ConfigurationError(
                f"{file} line {line}: a key must be a plain word.",
                hint="Merge keys (<<) and keys that are lists are not read.",
            )
        yield str(key.value), line, child


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is not UTF-8 text"
