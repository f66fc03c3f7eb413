"""What a setting is for and what it may be, as a person reads it beside the setting's editor.

Made by ``adapters.setting_documents`` from the comments of ``config/settings.yaml`` and the
types of ``core.settings``; the values themselves are ``core.settings.SettingLine``.
"""

from dataclasses import dataclass
from enum import StrEnum


class SettingKind(StrEnum):
    """Which editor a setting needs."""

    SWITCH = "switch"
    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"


_UNITS = (
    ("_limit", "US$"),
    ("_usd", "US$"),
    ("_mb", "MB"),
    ("_s", "s"),
    ("_pct", "%"),
    ("_percent", "%"),
    ("_tokens", "tokens"),
    ("_hours", "hours"),
    ("_days", "days"),
    ("_pages", "pages"),
)


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting. ``allowed`` is a phrase: ``a whole number from 1 to 8``.

    ``documentation`` says what it is for, without what ``allowed`` and ``default`` say.
    ``default`` is None for a setting that stands nowhere unless a person writes it.
    """

    key: str
    kind: SettingKind
    documentation: str
    allowed: str
    choices: tuple[str, ...]
    default: str | None

    @property
    def unit(self) -> str:
        """The unit that the key's name ends in, empty for a plain number or a word."""
        if self.kind not in (SettingKind.WHOLE, SettingKind.NUMBER):
            return ""
        name = f"_{self.key.rpartition('.')[2].removesuffix('_to_cache')}"
        return next((unit for end, unit in _UNITS if name.endswith(end)), "")
