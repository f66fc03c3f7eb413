"""The bytes of one file in a child process: opened safely, kept for the next request about it."""

import hashlib
import os
import stat
from typing import Any

from agentflow_desktop.adapters.readers.parsed import Unreadable


class LoadedFile:
    """The last file that was asked for, with its digest."""

    def __init__(self) -> None:
        self._identity: tuple[Any, ...] = ()
        self.content = b""
        self.digest = ""

    def load(self, path: str, max_bytes: int) -> None:
        """Take in a regular file. Never waits on a pipe or a device.

        Raises Unreadable if it is none, is empty or too large, and OSError.
        """
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - it takes a descriptor
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("It is not a regular file.")
            identity = (path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
            if identity == self._identity:
                return
            self.forget()
            if status.st_size > max_bytes:
                raise Unreadable("It grew too large while it was waiting to be read.")
            self.content = file.read(max_bytes + 1)
        if not self.content:
            raise Unreadable("The file is empty.")
        self.digest = hashlib.sha256(self.content).hexdigest()
        self._identity = identity

    def forget(self) -> None:
        self._identity, self.content, self.digest = (), b"", ""
