"""What a test process may not do: leave the machine, or block the loop while a test forbids it.

Python's own audit events are listened to, so nothing is patched and no library can go round it.
An audit hook can't be removed, therefore there is one, with a switch.
"""

import asyncio
import ipaddress
import sys
from typing import Any

_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})
_FILE_EVENTS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.mkdir", "os.rmdir"}
    | {"sqlite3.connect", "subprocess.Popen", "socket.getaddrinfo"}
)


class OutsideRefused(RuntimeError):
    """A test tried to reach beyond loopback. No OSError, so that no adapter translates it."""


class OutsideWorld:
    """Refuses sockets beyond loopback; on request also notes what blocks a running loop."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.blocking: list[str] = []
        self.watches_loop = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            self._check_host(event, arguments[0])
        elif event in ("socket.connect", "socket.sendto"):
            address = arguments[1]
            if isinstance(address, tuple):
                self._check_host(event, address[0])
        if self.watches_loop and event in _FILE_EVENTS and _is_in_loop() and not _is_import():
            self.blocking.append(f"{event} {arguments[0]!r}")

    def _check_host(self, event: str, host: object) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name is None or _is_local(str(name)):
            return
        self.refused.append(f"{event} {name}")
        raise OutsideRefused(f"a test may not reach beyond loopback: {event} {name}")


def _is_local(host: str) -> bool:
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_import() -> bool:
    """A module's first import reads files once; benchmarks hold that, not this watch."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
