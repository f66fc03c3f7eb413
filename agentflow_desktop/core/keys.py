"""Keys of model providers: where one was found, and the seam to where they are kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import SecretStr

_VARIABLE_PREFIX = "AGENTFLOW_KEY_"


def key_variable(name: str) -> str:
    """The environment variable that holds a key first of all: ``AGENTFLOW_KEY_OPENROUTER``."""
    return _VARIABLE_PREFIX + "".join(c if c.isalnum() else "_" for c in name).upper()


class KeySource(StrEnum):
    """Where a key comes from, in the order of search."""

    ENVIRONMENT = "environment"
    SESSION = "session"  # entered in this process, and forgotten with it
    KEYRING = "keyring"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """``place`` names the variable or keyring for a person. ``value`` is None if missing."""

    name: str
    source: KeySource
    place: str
    value: SecretStr | None


class KeyStore(Protocol):
    """Finds and keeps keys by name. Every method may block: call it off the loop."""

    def place(self) -> str:
        """Name of the keyring that keeps keys; empty where they last for this session only."""
        ...

    def find(self, name: str, variable: str = "") -> FoundKey:
        """The key of that name; ``variable`` is an environment variable that also holds it."""
        ...

    def keep(self, name: str, value: SecretStr) -> FoundKey:
        """Keep a key in the keyring, or for this session where there is none."""
        ...

    def remove(self, name: str) -> bool:
        """Forget a kept key; gives whether there was one. Variables are never touched."""
        ...
