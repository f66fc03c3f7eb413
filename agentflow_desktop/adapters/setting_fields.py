"""The flat list of settings, and what each may be, as words. Derived from ``core.settings``."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from agentflow_desktop.core.setting_descriptions import SettingKind
from agentflow_desktop.core.settings import Section, Settings

_PHRASES = {
    SettingKind.SWITCH: "true or false",
    SettingKind.WHOLE: "a whole number",
    SettingKind.NUMBER: "a number",
    SettingKind.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting: its dotted key, its kind, its bounds as a phrase, its default as text.

    ``default`` is None for a setting that only stands in a file if a person writes it.
    """

    key: str
    kind: SettingKind
    bounds: str
    choices: tuple[str, ...]
    default: str | None

    @property
    def allowed(self) -> str:
        """What may stand there, e.g. ``a whole number from 1 to 8``."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        return f"{_PHRASES[self.kind]} {self.bounds}".strip()


def setting_fields() -> dict[str, SettingField]:
    """Every setting by its key, in the order of the sections."""
    return {field.key: field for field in _walk(Settings(), "")}


def value_text(value: object) -> str:
    """A setting's value as it would stand in a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _walk(section: Section, prefix: str) -> Iterator[SettingField]:
    for name, info in type(section).model_fields.items():
        key = prefix + name
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from _walk(value, f"{key}.")
        elif get_origin(info.annotation) is dict:
            yield from _walk_table(key, info)
        else:
            yield _describe(key, info, value_text(value))


def _walk_table(key: str, info: FieldInfo) -> Iterator[SettingField]:
    """The fields of a table of sections, which is keyed by an enum and empty by default."""
    names, section = get_args(info.annotation)
    for name in names:
        for field_name, field in section.model_fields.items():
            yield _describe(f"{key}.{name}.{field_name}", field, None)


def _describe(key: str, info: FieldInfo, default: str | None) -> SettingField:
    annotation: Any = info.annotation
    choices: tuple[str, ...] = ()
    if get_origin(annotation) is Literal:
        choices = tuple(str(choice) for choice in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        choices = tuple(annotation)
    kind = SettingKind.CHOICE if choices else _kind(annotation)
    return SettingField(key, kind, _bounds(info), choices, default)


def _kind(annotation: Any) -> SettingKind:
    if annotation is bool:
        return SettingKind.SWITCH
    if annotation is int:
        return SettingKind.WHOLE
    if annotation in (float, Decimal):
        return SettingKind.NUMBER
    return SettingKind.TEXT


def _bounds(info: FieldInfo) -> str:
    low: object = None
    phrase_low = phrase_high = ""
    for bound in info.metadata:
        match bound:
            case Ge():
                low, phrase_low = bound.ge, f"at least {bound.ge}"
            case Gt():
                phrase_low = f"more than {bound.gt}"
            case Le():
                phrase_high = str(bound.le)
            case Lt():
                phrase_high = f"less than {bound.lt}"
            case _:
                continue
    if low is not None and phrase_high and not phrase_high.startswith("less"):
        return f"from {low} to {phrase_high}"
    high = (
        phrase_high
        if phrase_high.startswith("less") or not phrase_high
        else f"at most {phrase_high}"
    )
    return " and ".join(phrase for phrase in (phrase_low, high) if phrase)
