"""A screen in memory with a window manager, for the program in a real window.

Needs Xvfb, openbox and xdotool, and the libraries that Qt needs on X; ``missing_tools`` names what
this machine lacks.
"""

import ctypes
import os
import shutil
import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_TOOLS = ("Xvfb", "openbox", "xdotool")
_LIBRARIES = ("libxkbcommon-x11.so.0", "libxcb-cursor.so.0", "libxcb-icccm.so.4")
_HEADER_FIELDS = 25  # of the XWD format, version 7, each four bytes, big-endian
_COLOR_BYTES = 12


def missing_tools() -> list[str]:
    """What a window on a virtual screen would need and is not here."""
    tools = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return tools + [library for library in _LIBRARIES if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


class VirtualScreen:
    """Open while its context lasts. ``name`` is what DISPLAY is to be.

    ``folder`` is where the server keeps the screen's picture.
    """

    def __init__(self, folder: Path) -> None:
        self.name = ""
        self._picture = folder / "Xvfb_screen0"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"]
        command += ["-nolisten", "tcp", "-fbdir", str(self._picture.parent)]
        self._start(command, write)
        os.close(write)
        with os.fdopen(read) as numbers:
            self.name = f":{numbers.readline().strip()}"
        self._start(["openbox"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs to know of the screen."""
        return {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def color_at(self, x_px: int, y_px: int) -> str:
        """The colour that the screen shows there, as #rrggbb."""
        picture = self._picture.read_bytes()
        header = struct.unpack_from(f">{_HEADER_FIELDS}I", picture)
        header_bytes, bits_per_pixel, bytes_per_line, colors = (
            header[at] for at in (0, 11, 12, 19)
        )
        assert bits_per_pixel == 32
        at = header_bytes + colors * _COLOR_BYTES + y_px * bytes_per_line + x_px * 4
        blue, green, red = picture[at : at + 3]
        return f"#{red:02x}{green:02x}{blue:02x}"

    def _start(self, command: list[str], *descriptors: int) -> None:
        process = subprocess.Popen(
            command,
            env={**os.environ, "DISPLAY": self.name},
            pass_fds=descriptors,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
