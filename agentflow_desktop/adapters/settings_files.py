"""Reads the settings: shipped file < person's file < ``AGENTFLOW_*`` environment < flags.

Each layer is a flat list of keys with their text and place; the last one to name a key wins, and
the whole is validated once, so that every error can say where the bad value stands.
"""

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agentflow_desktop.adapters.setting_fields import SettingField, setting_fields, value_text
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.yaml_source import (
    YamlMap,
    YamlText,
    YamlValue,
    parse_yaml,
    read_config_text,
)
from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.settings import (
    LoadedSettings,
    Origin,
    Overrides,
    SettingLine,
    Settings,
)

_PREFIX = "AGENTFLOW_"
_NO_SETTINGS = ("AGENTFLOW_HOME", "AGENTFLOW_THEME")
_KEY_PREFIX = "AGENTFLOW_KEY_"
_RANGE_ERRORS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def load_settings(
    user_file: Path, environ: Mapping[str, str], overrides: Overrides
) -> LoadedSettings:
    """All settings with the origin of each.

    ``user_file`` may be absent; a file that ``overrides`` names may not. Raises
    ConfigurationError naming place, key and allowed values.
    """
    file = overrides.config_file or user_file
    is_there = overrides.config_file is not None or user_file.exists()
    text = read_config_text(file) if is_there else ""
    return settings_with(text, file.name, environ, overrides)


def settings_with(
    user_text: str, user_file: str, environ: Mapping[str, str], overrides: Overrides
) -> LoadedSettings:
    """All settings as they are if the person's file, of that name, holds this text.

    Raises ConfigurationError as ``load_settings`` does.
    """
    fields = setting_fields()
    layers = [
        _shipped_lines(),
        _text_lines(user_text, user_file, Origin.USER, fields),
        list(_environment_lines(environ, fields)),
        list(_flag_lines(overrides.values, fields)),
    ]
    lines = {line.key: line for layer in layers for line in layer}
    return _validated(lines, fields)


@lru_cache(maxsize=1)
def _shipped_lines() -> list[SettingLine]:
    """Of the file that comes with the program: it is checked against while a person types."""
    file = shipped_path("config/settings.yaml")
    return _text_lines(read_config_text(file), file.name, Origin.SHIPPED, setting_fields())


def _text_lines(
    text: str, file: str, origin: Origin, fields: Mapping[str, SettingField]
) -> list[SettingLine]:
    return list(_walk(parse_yaml(text, file), "", file, origin, fields))


def _walk(
    section: YamlMap, prefix: str, file: str, origin: Origin, fields: Mapping[str, SettingField]
) -> Iterator[SettingLine]:
    for name, value in section.entries.items():
        key = prefix + name
        place = f"{file} line {section.key_lines[name]}"
        is_section = any(known.startswith(f"{key}.") for known in fields)
        if key not in fields and not is_section:
            raise unknown_key(f"{place}: {key}", key, fields)
        if is_section:
            if isinstance(value, YamlMap):
                yield from _walk(value, f"{key}.", file, origin, fields)
            elif value != YamlText("", value.line):
                raise ConfigurationError(
                    f"{place}: {key} must be a section with keys below it.",
                    hint=f"Its keys are: {', '.join(_siblings(f'{key}.', fields))}.",
                )
        else:
            yield SettingLine(key, _scalar(value, place, fields[key]), origin, place)


def _scalar(value: YamlValue, place: str, field: SettingField) -> str:
    if isinstance(value, YamlText):
        return value.text
    raise ConfigurationError(
        f"{place}: {field.key} must be {field.allowed}, is a list or a section.",
        hint="Write one value after the colon.",
    )


def _environment_lines(
    environ: Mapping[str, str], fields: Mapping[str, SettingField]
) -> Iterator[SettingLine]:
    for name in sorted(environ):
        upper = name.upper()
        if not upper.startswith(_PREFIX) or upper.startswith(_KEY_PREFIX) or upper in _NO_SETTINGS:
            continue
        key = upper.removeprefix(_PREFIX).lower().replace("__", ".")
        if key not in fields:
            raise unknown_key(f"The environment variable {name}", key, fields, as_variable=True)
        yield SettingLine(key, environ[name], Origin.ENVIRONMENT, name)


def _flag_lines(
    values: Mapping[str, str], fields: Mapping[str, SettingField]
) -> Iterator[SettingLine]:
    for key, text in values.items():
        if key not in fields:
            raise unknown_key(f"The command line: {key}", key, fields)
        yield SettingLine(key, text, Origin.FLAG, "command line")


def unknown_key(
    subject: str, key: str, fields: Mapping[str, SettingField], *, as_variable: bool = False
) -> ConfigurationError:
    """The error for a key that is no setting; its hint names what may have been meant."""
    section = key.rpartition(".")[0]
    siblings = _siblings(f"{section}." if section else "", fields)
    close = difflib.get_close_matches(key, [*fields, *_sections(fields)], n=1, cutoff=0.75)
    hint = f"The keys there are: {', '.join(siblings)}." if siblings else ""
    if close:
        name = close[0]
        if as_variable:
            name = _PREFIX + name.replace(".", "__").upper()
        hint = f"Did you mean {name}?"
    return ConfigurationError(
        f"{subject} is no setting.", hint=hint or "agentflow config show lists every setting."
    )


def _siblings(prefix: str, fields: Mapping[str, SettingField]) -> list[str]:
    names = [key.removeprefix(prefix).split(".")[0] for key in fields if key.startswith(prefix)]
    return list(dict.fromkeys(names))


def _sections(fields: Mapping[str, SettingField]) -> list[str]:
    return list(dict.fromkeys(key.rpartition(".")[0] for key in fields))


def _validated(
    lines: Mapping[str, SettingLine], fields: Mapping[str, SettingField]
) -> LoadedSettings:
    tree: dict[str, Any] = {}
    for key, line in lines.items():
        at = tree
        *parents, last = key.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = line.value
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        problems = [_sentence(detail, lines, fields) for detail in error.errors()]
        more = f" Also: {' '.join(problems[1:])}" if len(problems) > 1 else ""
        raise ConfigurationError(
            problems[0],
            hint=f"Change the value; config/settings.yaml documents every setting.{more}",
        ) from error
    return LoadedSettings(settings, tuple(_lines_in_order(settings, lines, fields)))


def _lines_in_order(
    settings: Settings, lines: Mapping[str, SettingLine], fields: Mapping[str, SettingField]
) -> Iterator[SettingLine]:
    """Every setting with its value as understood, in the order of the sections."""
    for key in fields:
        line = lines.get(key)
        if line is not None:
            yield SettingLine(key, value_text(_value_at(settings, key)), line.origin, line.place)


def _value_at(settings: Settings, key: str) -> object:
    at: Any = settings
    for part in key.split("."):
        at = cast(Any, at[part] if isinstance(at, dict) else getattr(at, part))
    return at


def _sentence(
    detail: ErrorDetails, lines: Mapping[str, SettingLine], fields: Mapping[str, SettingField]
) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    field = fields.get(key)
    if field is None:
        below = [line for name, line in lines.items() if name.startswith(f"{key}.")]
        last = max(below, key=lambda line: list(Origin).index(line.origin))
        reason = str(detail["msg"]).removeprefix("Value error, ")
        return f"{last.place}: {key}: {reason}."
    line = lines[key]
    allowed = field.bounds if detail["type"] in _RANGE_ERRORS else field.allowed
    shown = line.value or "empty"
    return f"{line.place}: {key} must be {allowed}, is {shown}."
