"""The comments of ``config/settings.yaml`` as the documentation of each setting.

They are the only place where a setting is explained: window and command line show the same words.
"""

import re
from functools import lru_cache

from agentflow_desktop.adapters.setting_fields import SettingField, setting_fields
from agentflow_desktop.adapters.shipped_files import shipped_path
from agentflow_desktop.adapters.yaml_source import read_config_text
from agentflow_desktop.core.setting_descriptions import SettingDescription

_KEY = re.compile(r"^( *)([a-z_]+):")
_COMMENT = re.compile(r"^ *# ?(.*)$")
# What the types say as well, and say where the value is edited: kind with bounds, and default.
_ALLOWED = re.compile(
    r"(?:^|(?<= ))(?:A whole number\b|A number\b|One of:|Text\b|true or false\b)[^.]*\."
)
_DEFAULT = re.compile(r" ?Default: .*$")


@lru_cache(maxsize=1)
def describe_settings() -> tuple[SettingDescription, ...]:
    """Every setting with its documentation, in the order of the sections.

    Raises ConfigurationError if the shipped file can't be read.
    """
    comments = read_comments(read_config_text(shipped_path("config/settings.yaml")))
    return tuple(_describe(field, comments) for field in setting_fields().values())


def read_comments(text: str) -> dict[str, str]:
    """The comment above each key, sections included, as one line of text by dotted key."""
    found: dict[str, str] = {}
    parents: list[str] = []
    comment: list[str] = []
    for line in text.splitlines():
        if (words := _COMMENT.match(line)) is not None:
            comment.append(words[1].strip())
            continue
        if (key := _KEY.match(line)) is not None:
            depth = len(key[1]) // 2
            parents = [*parents[:depth], key[2]]
            found[".".join(parents)] = " ".join(comment)
        comment = []
    return found


def _describe(field: SettingField, comments: dict[str, str]) -> SettingDescription:
    return SettingDescription(
        key=field.key,
        kind=field.kind,
        documentation=_purpose(_comment_for(field.key, comments)),
        allowed=field.allowed,
        choices=field.choices,
        default=field.default,
    )


def _comment_for(key: str, comments: dict[str, str]) -> str:
    """The key's own comment, or that of the nearest section which has one."""
    while key not in comments and "." in key:
        key = key.rpartition(".")[0]
    return comments.get(key, "")


def _purpose(comment: str) -> str:
    return " ".join(_ALLOWED.sub("", _DEFAULT.sub("", comment)).split())
