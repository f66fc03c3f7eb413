"""Changes of the person's own ``settings.yaml``, value by value, each checked before it is written.

What the environment or a flag says wins over the file: such a value is refused, not written in
vain.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from agentflow_desktop.adapters.configuration import check_fit, find_config_paths
from agentflow_desktop.adapters.models_file import load_models
from agentflow_desktop.adapters.setting_documents import describe_settings
from agentflow_desktop.adapters.setting_fields import SettingField, setting_fields
from agentflow_desktop.adapters.settings_files import load_settings, settings_with, unknown_key
from agentflow_desktop.adapters.yaml_edits import edit_yaml, edited_text
from agentflow_desktop.adapters.yaml_source import read_config_text
from agentflow_desktop.core.errors import AgentFlowError, InputRefused
from agentflow_desktop.core.setting_descriptions import SettingDescription, SettingKind
from agentflow_desktop.core.settings import LoadedSettings, Origin, Overrides, SettingLine

_PLACE = re.compile(r"^\S+ line \d+: ")
_WHOLE = re.compile(r"[+-]?\d+")


class SettingsEditor:
    """The settings as files and environment say at this moment. Every method blocks."""

    def __init__(self, environ: Mapping[str, str], overrides: Overrides) -> None:
        self._environ = environ
        self._overrides = overrides
        self._paths = find_config_paths(environ, overrides)
        self._fields = setting_fields()

    @property
    def file(self) -> Path:
        """The file that is changed; it need not be there yet."""
        return self._paths.settings_file

    def describe(self) -> tuple[SettingDescription, ...]:
        """Every setting with its documentation, in the order of the sections."""
        return describe_settings()

    def load(self) -> LoadedSettings:
        """Raises ConfigurationError if a file can't be used as it stands."""
        return load_settings(self.file, self._environ, self._overrides)

    def problem_of(self, changes: Mapping[str, str | None]) -> str:
        """Why these values can't stand, in one sentence; empty if they can. Writes nothing."""
        try:
            self._refuse_masked(changes)
            self._check(edited_text(self._text(), self.file.name, self._values(changes)))
        except AgentFlowError as error:
            return _about_the_value(error.message, changes)
        return ""

    def change(self, changes: Mapping[str, str | None]) -> None:
        """Write these values into the file; None takes the file's own value away.

        Raises InputRefused for a value that the environment or a flag gives, ConfigurationError
        for one that can't stand, StorageError if the disk refuses. Then nothing is changed.
        """
        self._refuse_masked(changes)
        edit_yaml(
            self.file,
            self._values(changes),
            lambda candidate: self._check(read_config_text(candidate)),
        )

    def _text(self) -> str:
        return read_config_text(self.file) if self.file.exists() else ""

    def _check(self, text: str) -> None:
        loaded = settings_with(text, self.file.name, self._environ, self._overrides)
        check_fit(loaded.settings, load_models(self._paths.models_file))

    def _values(self, changes: Mapping[str, str | None]) -> dict[str, object | None]:
        return {key: _typed(self._fields[key], text) for key, text in changes.items()}

    def _refuse_masked(self, changes: Mapping[str, str | None]) -> None:
        for key in changes:
            if key not in self._fields:
                raise unknown_key(key, key, self._fields)
        masks = settings_with("", self.file.name, self._environ, self._overrides)
        for line in masks.lines:
            if line.key in changes and is_masking(line):
                raise InputRefused(
                    f"{line.key} is given by {_giver(line)}, which wins over {self.file.name}.",
                    hint="Take it away there first.",
                )


def is_masking(line: SettingLine) -> bool:
    """Whether the value comes from where no file can change it."""
    return line.origin in (Origin.ENVIRONMENT, Origin.FLAG)


def _giver(line: SettingLine) -> str:
    if line.origin is Origin.ENVIRONMENT:
        return f"the environment variable {line.place}"
    return "the command line"


def _typed(field: SettingField, text: str | None) -> object | None:
    """The value as YAML writes its kind; what is not of its kind stays text, and is refused."""
    if text is None:
        return None
    text = text.strip()
    match field.kind:
        case SettingKind.SWITCH if text in ("true", "false"):
            return text == "true"
        case SettingKind.WHOLE if _WHOLE.fullmatch(text):
            return int(text)
        case SettingKind.NUMBER:
            try:
                number = Decimal(text)
            except InvalidOperation:
                return text
            return number if number.is_finite() else text
        case _:
            return text


def _about_the_value(message: str, changes: Mapping[str, str | None]) -> str:
    """The sentence without the line, and without the key where there is one only."""
    sentence = _PLACE.sub("", message)
    for key in changes:
        if len(changes) == 1 and sentence.startswith(f"{key} must be "):
            return f"M{sentence.removeprefix(f'{key} m')}"
    return sentence
