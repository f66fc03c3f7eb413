"""What the schema says of one field of a pack's configuration, and of rules between fields."""

from collections.abc import Mapping
from dataclasses import dataclass

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


@dataclass(frozen=True, slots=True)
class ConfigField:
    """``word`` is the place of its first value, counted in words of 32 bits; a field with
    ``choices`` holds the number of one of them."""

    name: str
    unit: str
    word: int
    length: int
    minimum: int
    maximum: int
    group: str
    why: str
    choices: tuple[str, ...] = ()

    def refusal(self, values: tuple[int, ...]) -> str:
        """One sentence on what is wrong with the values; empty if nothing is."""
        if len(values) != self.length:
            return f"{self.name} has {self.length} values, not {len(values)}."
        for value in values:
            if not self.minimum <= value <= self.maximum:
                unit = "" if self.choices else f" {self.unit}"
                return f"{self.name} is {value}{unit}; {self.minimum} to {self.maximum} is allowed."
        return ""


@dataclass(frozen=True, slots=True)
class OrderRule:
    """The sum of the left fields is below the sum of the right ones, or equal where allowed."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    is_equal_allowed: bool

    @property
    def text(self) -> str:
        sign = "<=" if self.is_equal_allowed else "<"
        return f"{' + '.join(self.left)} {sign} {' + '.join(self.right)}"

    def refusal(self, values: Mapping[str, int]) -> str:
        """One sentence if the values break the rule, else empty."""
        left = sum(values[name] for name in self.left)
        right = sum(values[name] for name in self.right)
        if left < right or (left == right and self.is_equal_allowed):
            return ""
        return f"{self.text} must hold, and {left} is not below {right}."
