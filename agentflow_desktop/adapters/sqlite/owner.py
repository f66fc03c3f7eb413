"""Who holds money or runs a run: a process, told from any other that ever had its number.

Linux: boot id, process id and start time out of ``/proc``, so a dead owner is known for
certain. Windows: process id and creation time. Elsewhere only whether the number is in use: a
number that another process took over looks alive, and is given up after ``UNSURE_FOR``.
"""

import ctypes
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path

UNSURE_FOR = timedelta(hours=24)
_PROC = Path("/proc")
_START_TIME_FIELD = 19  # of /proc/PID/stat after the command's closing bracket (field 22)


class Life(Enum):
    ALIVE = "alive"
    DEAD = "dead"
    UNSURE = "unsure"  # can't be told from here


@dataclass(frozen=True, slots=True)
class Owner:
    """A process. ``boot`` names the machine's start and the process namespace, ``started`` the
    process's start in the system's own unit; empty and 0 where the system does not tell.
    """

    boot: str
    pid: int
    started: int

    def life(self) -> Life:
        """Whether this process still lives."""
        here = boot_name()
        if self.boot == here:
            return _life_here(self)
        if self.boot.partition("/")[0] == here.partition("/")[0]:
            return Life.UNSURE  # another container on this machine
        return Life.DEAD

    def is_gone(self, since: datetime, now: datetime) -> bool:
        """Whether what it has held since then may be taken from it."""
        life = self.life()
        return life is Life.DEAD or (life is Life.UNSURE and now - since >= UNSURE_FOR)


def this_process() -> Owner:
    return Owner(boot_name(), os.getpid(), _started(os.getpid()) or 0)


@lru_cache(maxsize=1)
def boot_name() -> str:
    """The boot's id and, on Linux, the process namespace; empty elsewhere."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink(_PROC / 'self/ns/pid')}"  # noqa: PTH115 (not a path)
    except OSError:  # a sandbox that shows less of /proc
        return ""


def _life_here(owner: Owner) -> Life:
    started = _started(owner.pid)
    if started is None:
        return Life.DEAD
    if started == 0 or owner.started == 0:
        return Life.UNSURE
    return Life.ALIVE if started == owner.started else Life.DEAD


def _started(pid: int) -> int | None:
    """When the process started; None if there is none, 0 if the system does not tell."""
    if sys.platform.startswith("linux"):
        return _started_linux(pid)
    if sys.platform == "win32":
        return _started_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return 0
    return 0


def _started_linux(pid: int) -> int | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None  # it has ended; its parent has not asked yet
    return int(fields[_START_TIME_FIELD])


if sys.platform == "win32":
    _QUERY_LIMITED = 0x1000
    _STILL_ACTIVE = 259

    def _started_windows(pid: int) -> int | None:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(_QUERY_LIMITED, False, pid)
        if not handle:
            return None
        try:
            code = ctypes.c_ulong()
            times = [ctypes.c_ulonglong() for _ in range(4)]
            known = ctypes.c_void_p(handle)
            kernel.GetExitCodeProcess(known, ctypes.byref(code))
            if code.value != _STILL_ACTIVE:
                return None
            told = kernel.GetProcessTimes(known, *(ctypes.byref(t) for t in times))
            return int(times[0].value) if told else 0
        finally:
            kernel.CloseHandle(ctypes.c_void_p(handle))

else:

    def _started_windows(pid: int) -> int | None:
        raise AssertionError(f"not on Windows: {pid}")
