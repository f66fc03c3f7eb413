"""Keys from the environment and the operating system's keyring. Never from or to a file.

A machine without a usable keyring is a state, not an error: keys then last for the session.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import SecretStr
from structlog import get_logger

from agentflow_desktop.core.errors import InputRefused, StorageError
from agentflow_desktop.core.keys import FoundKey, KeySource, key_variable

_SERVICE = "agentflow"
_log = get_logger(__name__)


class KeyringStore:
    """Finds keys: environment, session, keyring. ``on_found`` is told every value, to redact it."""

    def __init__(self, environ: Mapping[str, str], on_found: Callable[[str], None]) -> None:
        self._environ = environ
        self._on_found = on_found
        self._session: dict[str, SecretStr] = {}

    def place(self) -> str:
        """Name of the keyring; empty on a machine that has none."""
        keyring = _open_keyring()
        return "" if keyring is None else str(keyring.name)

    def find(self, name: str, variable: str = "") -> FoundKey:
        """The key, or a ``FoundKey`` that is missing. A locked keyring counts as missing."""
        for candidate in (key_variable(name), variable):
            value = self._environ.get(candidate, "").strip() if candidate else ""
            if value:
                return self._found(name, KeySource.ENVIRONMENT, candidate, SecretStr(value))
        if name in self._session:
            return self._found(name, KeySource.SESSION, "this session", self._session[name])
        keyring = _open_keyring()
        if keyring is None:
            return FoundKey(name, KeySource.MISSING, "no keyring on this machine", None)
        try:
            value = keyring.get_password(_SERVICE, name)
        except Exception as error:  # noqa: BLE001
            # Back ends raise whatever their system library does; the key is then not usable.
            _log.warning("keyring_not_readable", key=name, error=type(error).__name__)
            return FoundKey(name, KeySource.MISSING, "the keyring can't be read", None)
        if not value:
            return FoundKey(name, KeySource.MISSING, "not set", None)
        return self._found(name, KeySource.KEYRING, keyring.name, SecretStr(value))

    def keep(self, name: str, value: SecretStr) -> FoundKey:
        """Raises InputRefused for an empty key, StorageError if the keyring refuses it."""
        text = value.get_secret_value().strip()
        if not text or not text.isprintable():
            raise InputRefused(
                "The key is empty or has characters that no key has.",
                hint="Copy it from the provider's page and try again.",
            )
        keyring = _open_keyring()
        if keyring is None:
            self._session[name] = SecretStr(text)
            return self._found(name, KeySource.SESSION, "this session", self._session[name])
        try:
            keyring.set_password(_SERVICE, name, text)
        except Exception as error:
            raise StorageError(
                f"The keyring ({keyring.name}) did not take the key {name}.",
                hint=f"Unlock it, or set the environment variable {key_variable(name)} instead.",
                detail=type(error).__name__,
            ) from error
        return self._found(name, KeySource.KEYRING, keyring.name, SecretStr(text))

    def remove(self, name: str) -> bool:
        """Raises StorageError if the keyring refuses."""
        was_kept = self._session.pop(name, None) is not None
        keyring = _open_keyring()
        if keyring is None:
            return was_kept
        try:
            if keyring.get_password(_SERVICE, name) is None:
                return was_kept
            keyring.delete_password(_SERVICE, name)
        except Exception as error:
            raise StorageError(
                f"The keyring ({keyring.name}) did not remove the key {name}.",
                hint="Unlock it and try again.",
                detail=type(error).__name__,
            ) from error
        return True

    def _found(self, name: str, source: KeySource, place: str, value: SecretStr) -> FoundKey:
        self._on_found(value.get_secret_value())
        return FoundKey(name, source, place, value)


def _open_keyring() -> Any | None:
    """The keyring in use, imported on first need; None where there is none that keeps keys."""
    try:
        backend: Any = importlib.import_module("keyring").get_keyring()
    except Exception as error:  # noqa: BLE001
        # A back end that was chosen by hand may fail in any way while it loads.
        _log.warning("keyring_not_loadable", error=type(error).__name__)
        return None
    if type(backend).__module__ in ("keyring.backends.fail", "keyring.backends.null"):
        return None
    return backend
