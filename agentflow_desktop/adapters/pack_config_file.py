"""A design's limits as a YAML file: lines of ``name: value``, and tables as lists.

Owns the file's form; what the values may be is ``hardware.pack_config``'s.
"""

from pathlib import Path

from agentflow_desktop.adapters.yaml_source import (
    YamlList,
    YamlText,
    YamlValue,
    parse_yaml,
    read_config_text,
)
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.hardware.pack_config import read_values


def read_pack_config(path: Path) -> dict[str, tuple[int, ...]]:
    """The fields that the file sets, checked one by one but not together.

    Raises ConfigurationError for a file that can't be read or is no YAML, InputRefused for a field
    or value that there is not.
    """
    found = parse_yaml(read_config_text(path), str(path))
    return {name: read_values(name, _texts(path, value)) for name, value in found.entries.items()}


def _texts(path: Path, value: YamlValue) -> list[str]:
    match value:
        case YamlText(text=text):
            return [text]
        case YamlList(items=items):
            return [text for item in items for text in _texts(path, item)]
        case _:
            raise ConfigurationError(
                f"{path} line {value.line}: a limit is one number or a list of numbers.",
                hint="Write lines of the form name: value.",
            )
