"""What the child processes that open files of strangers have in common: limits, pipes, failures.

Each reads requests as JSON lines from stdin, the first of which holds its limits, and writes
replies that begin with a JSON line. Keep the imports small: a child starts anew after a crash.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import IO, Any

from agentflow_desktop.adapters.readers.parsed import Unreadable

_GRACE_S = 5.0


def serve_requests(answer: Callable[[dict[str, Any]], bytes]) -> int:
    """Answer every request within the limits until stdin ends."""
    source, sink = sys.stdin.buffer, _private_stdout()
    limits = json.loads(source.readline() or b"{}")
    _limit_memory(int(limits.get("memory_mb", 1024)))
    longest_s = float(limits.get("timeout_s", 60.0)) + _GRACE_S
    for line in source:
        _set_alarm(longest_s)
        sink.write(answer(json.loads(line)))
        sink.flush()
        _set_alarm(0)
    return 0


def answered(work: Callable[[], bytes], forget: Callable[[], None]) -> bytes:
    """What ``work`` gives, or the reply that says why there is nothing, whatever the file does
    within this process. ``forget`` lets go of what was kept of it."""
    try:
        return work()
    except Unreadable as error:
        return _failure(str(error))
    except MemoryError:
        forget()
        return _failure("It needs more memory than is allowed.", is_passing=True)
    except RecursionError:
        return _failure("It is nested too deeply.")
    except OSError as error:
        reason = f"It can't be read: {(error.strerror or str(error)).lower()}."
        return _failure(reason, is_passing=True)
    except Exception as error:  # noqa: BLE001 - this process's face: a bug becomes a row
        import traceback

        reason = f"The reader failed on it ({type(error).__name__})."
        return _failure(reason, traceback.format_exc(), is_passing=True)


def reply_line(reply: dict[str, Any]) -> bytes:
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _failure(reason: str, detail: str = "", *, is_passing: bool = False) -> bytes:
    return reply_line(
        {"state": "failed", "reason": reason, "detail": detail, "is_passing": is_passing}
    )


def _private_stdout() -> IO[bytes]:
    """The pipe to our parent, kept from any library that prints."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sink


def _set_alarm(after_s: float) -> None:
    """Die by SIGALRM after a time, 0 for never. Our parent kills us sooner, unless it is gone."""
    if sys.platform != "win32":
        import signal

        signal.setitimer(signal.ITIMER_REAL, after_s)


def _limit_memory(memory_mb: int) -> None:
    """POSIX only: Windows has no such limit without a job object, there the time limit rules."""
    if sys.platform == "win32":
        return
    import resource

    size = memory_mb * 1024 * 1024
    set_limit: Callable[[int, tuple[int, int]], None] = resource.setrlimit
    set_limit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "darwin":  # macOS counts shared mappings and refuses small values
        set_limit(resource.RLIMIT_AS, (size, size))
