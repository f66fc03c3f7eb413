"""The child process that parses files: JSON lines in, JSON lines out, one file at a time.

It opens the file itself, so that a hostile file meets only this process and its limits. Keep the
imports small: it is started anew after every crash.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable
from typing import IO, Any

from agentflow_desktop.adapters.readers.formats import Formats
from agentflow_desktop.adapters.readers.parsed import Allowance, Parsed, Unreadable

_MAX_ENCLOSED = 200
_MAX_DEPTH = 4  # a mail in a mail in a mail in a mail
_UNPACKED_PER_BYTE = 6  # an archive of the largest size may unfold to six times of it
_GRACE_S = 5.0


def serve() -> int:
    """Answer requests until stdin ends. The first line holds the limits."""
    source, sink = sys.stdin.buffer, _private_stdout()
    limits = json.loads(source.readline() or b"{}")
    _limit_memory(int(limits.get("memory_mb", 1024)))
    longest_s = float(limits.get("timeout_s", 60.0)) + _GRACE_S
    worker = Worker()
    for line in source:
        _set_alarm(longest_s)
        sink.write(worker.answer(json.loads(line)))
        sink.write(b"\n")
        sink.flush()
        _set_alarm(0)
    return 0


class Worker:
    """Parses files. Keeps the last one, whose next page range is often asked for next."""

    def __init__(self) -> None:
        self._identity: tuple[Any, ...] = ()
        self._content = b""
        self._digest = ""
        self._formats = Formats()

    def answer(self, request: dict[str, Any]) -> bytes:
        """The reply to one request in JSON, whatever the file does within this process."""
        try:
            return _encoded(self._reply(self._parse(request)))
        except Unreadable as error:
            return _failure(str(error))
        except MemoryError:
            self._forget()
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

    def _parse(self, request: dict[str, Any]) -> Parsed:
        max_bytes = int(request["max_bytes"])
        self._load(str(request["path"]), max_bytes)
        if not self._content:
            raise Unreadable("The file is empty.")
        allowance = Allowance(
            max_pages=int(request.get("max_pages", 1)),
            unpacked_bytes=max_bytes * _UNPACKED_PER_BYTE,
            documents=_MAX_ENCLOSED,
            depth=_MAX_DEPTH,
        )
        return self._formats.read(
            self._content,
            str(request["name"]),
            allowance,
            digest=self._digest,
            page_range=(int(request.get("first", 0)), int(request.get("last", 1))),
        )

    def _load(self, path: str, max_bytes: int) -> None:
        """The bytes and digest of a regular file. Never waits on a pipe or a device."""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - it takes a descriptor
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("It is not a regular file.")
            identity = (path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
            if identity == self._identity:
                return
            self._forget()
            if status.st_size > max_bytes:
                raise Unreadable("It grew too large while it was waiting to be read.")
            self._content = file.read(max_bytes + 1)
        self._digest = hashlib.sha256(self._content).hexdigest()
        self._identity = identity

    def _forget(self) -> None:
        self._identity, self._content, self._digest = (), b"", ""

    def _reply(self, parsed: Parsed) -> dict[str, Any]:
        enclosed = [
            {
                "name": _encodable(found.name),
                "digest": found.digest,
                "byte_count": found.byte_count,
                "content": _content_reply(found.parsed) if found.parsed is not None else None,
                "reason": found.reason,
                "is_skipped": found.is_skipped,
            }
            for found in parsed.inside
        ]
        return {
            "state": "read",
            "digest": self._digest,
            "content": _content_reply(parsed),
            "inside": enclosed,
        }


def _content_reply(parsed: Parsed) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "media": parsed.media.value,
        "notes": [_encodable(note) for note in parsed.notes],
    }
    if parsed.pages is None:
        return reply | {"text": _encodable(parsed.text), "source_lines": parsed.source_lines}
    return reply | {
        "pages": [_encodable(page) for page in parsed.pages],
        "page_count": parsed.page_count,
        "empty_pages": parsed.empty_pages,
        "page_names": [_encodable(name) for name in parsed.page_names],
        "page_lines": parsed.page_lines,
    }


def _failure(reason: str, detail: str = "", *, is_passing: bool = False) -> bytes:
    return _encoded(
        {"state": "failed", "reason": reason, "detail": detail, "is_passing": is_passing}
    )


def _encoded(reply: dict[str, Any]) -> bytes:
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()


def _encodable(text: str) -> str:
    """The text without half surrogates, which have no UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


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
