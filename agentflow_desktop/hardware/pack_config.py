"""A pack's configuration: what a design is, and what firmware and simulation are built from.

The fields are generated (``pack_fields_table``); the rules that hold between them are checked here,
and the hash that names a design is made here. The firmware does both alike.
"""

import difflib
import itertools
import struct
from collections.abc import Iterable, Mapping

from pydantic import ValidationError, model_validator

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.hardware.config_fields import INT32_MAX, INT32_MIN, ConfigField
from agentflow_desktop.hardware.pack_fields_table import ASCENDING, FIELDS, RULES, PackFields

FIELD_BY_NAME: Mapping[str, ConfigField] = {field.name: field for field in FIELDS}
FIELD_NUMBERS: Mapping[str, int] = {field.name: number for number, field in enumerate(FIELDS)}
_FNV_OFFSET, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1


class PackConfig(PackFields):
    """A configuration that the firmware accepts. ``made_of`` tells a person what is wrong with one
    that it would not."""

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> "PackConfig":
        refusal = refusal_of(values_of(self))
        if refusal:
            raise ValueError(refusal)
        return self

    @classmethod
    def made_of(cls, values: Mapping[str, tuple[int, ...]]) -> "PackConfig":
        """The reference pack with these fields in place of its own. Raises InputRefused."""
        given = {
            name: numbers if known_field(name).length > 1 else numbers[0]
            for name, numbers in values.items()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            cause = error.errors()[0].get("ctx", {}).get("error", error)
            raise InputRefused(
                str(cause), hint="docs/firmware/pack-config.md has every field with its range."
            ) from error


def known_field(name: str) -> ConfigField:
    """The field of that name. Raises InputRefused, with the closest name that there is."""
    field = FIELD_BY_NAME.get(name)
    if field is None:
        close = difflib.get_close_matches(name, FIELD_BY_NAME, n=1)
        hint = (
            f"Did you mean {close[0]}?" if close else "docs/firmware/pack-config.md has them all."
        )
        raise InputRefused(f"A pack has no setting named {name!r}.", hint=hint)
    return field


def values_of(fields: PackFields) -> dict[str, tuple[int, ...]]:
    """Every field's values, in the order of the schema."""
    held: dict[str, int | tuple[int, ...]] = dict(fields)
    return {name: _tuple(held[name]) for name in FIELD_BY_NAME}


def refusal_of(values: Mapping[str, tuple[int, ...]]) -> str:
    """The first thing that is wrong with a whole configuration, as a sentence; empty if nothing."""
    for field in FIELDS:
        if refusal := field.refusal(values[field.name]):
            return refusal
    firsts = {name: numbers[0] for name, numbers in values.items()}
    for rule in RULES:
        if refusal := rule.refusal(firsts):
            return refusal
    for name in ASCENDING:
        numbers = values[name]
        if any(after <= before for before, after in itertools.pairwise(numbers)):
            return f"The values of {name} must rise from one to the next."
    return ""


def words_of(values: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The configuration as the firmware holds it, word by word."""
    return tuple(number for field in FIELDS for number in values[field.name])


def config_hash(values: Mapping[str, tuple[int, ...]]) -> int:
    """The one name for the identity of a design: FNV-1a with 64 bits over its words as bytes,
    little-endian.

    Source: http://www.isthe.com/chongo/tech/comp/fnv/
    """
    words = words_of(values)
    found = _FNV_OFFSET
    for byte in struct.pack(f"<{len(words)}i", *words):
        found = ((found ^ byte) * _FNV_PRIME) & _MASK
    return found


def hash_text(number: int) -> str:
    """A hash as a person compares it: 16 hex digits."""
    return f"{number:016x}"


def read_values(name: str, texts: Iterable[str]) -> tuple[int, ...]:
    """The values of a field from what a person wrote: numbers, or the name of a choice.

    The field's range is not looked at, only that the firmware can hold the number. Raises
    InputRefused.
    """
    field = known_field(name)
    numbers = tuple(_number(field, text.strip()) for text in texts)
    if len(numbers) != field.length:
        raise InputRefused(
            f"{name} has {field.length} values, not {len(numbers)}.",
            hint="Separate them by commas." if field.length > 1 else "Give one number.",
        )
    return numbers


def _number(field: ConfigField, text: str) -> int:
    if text in field.choices:
        return field.choices.index(text)
    try:
        number = int(text)
    except ValueError as error:
        wanted = f"one of {', '.join(field.choices)}" if field.choices else "a whole number"
        unit = f" in {field.unit}" if not field.choices else ""
        raise InputRefused(f"{field.name} is {wanted}{unit}, not {text!r}.") from error
    if not INT32_MIN <= number <= INT32_MAX:
        raise InputRefused(
            f"{field.name}={text} does not fit: the firmware holds whole numbers of 32 bits.",
            hint=f"{field.minimum} to {field.maximum} {field.unit} is allowed.",
        )
    return number


def _tuple(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)
