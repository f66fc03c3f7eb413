"""The system's keyring, as far as two processes of a test share it: passwords in a file, which
``KEYRING_FILE`` names. ``PYTHON_KEYRING_BACKEND=support.file_keyring.FileKeyring`` chooses it."""

import json
import os
from pathlib import Path

import keyring.backend
import keyring.errors


class FileKeyring(keyring.backend.KeyringBackend):
    """Reads the file anew each time: another process may have written it."""

    priority = 1.0  # pyright: ignore[reportAssignmentType]  (keyring documents a plain number)

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        passwords = self._read()
        if passwords.pop(f"{service}/{username}", None) is None:
            raise keyring.errors.PasswordDeleteError("no such password")
        self._write(passwords)

    def _read(self) -> dict[str, str]:
        path = _file()
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _write(self, passwords: dict[str, str]) -> None:
        _file().write_text(json.dumps(passwords), encoding="utf-8")


def _file() -> Path:
    return Path(os.environ["KEYRING_FILE"])
