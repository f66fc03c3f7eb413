"""The child process that parses files: JSON lines in, JSON lines out, one file at a time.

It opens the file itself, so that a hostile file meets only this process and its limits.
"""

from typing import Any

from agentflow_desktop.adapters.readers.formats import Formats
from agentflow_desktop.adapters.readers.loaded_file import LoadedFile
from agentflow_desktop.adapters.readers.parsed import Allowance, Parsed
from agentflow_desktop.adapters.readers.sandbox import answered, reply_line, serve_requests


def serve() -> int:
    """Answer requests until stdin ends."""
    return serve_requests(Worker().answer)


class Worker:
    """Parses files. Keeps the last one, whose next page range is often asked for next."""

    def __init__(self) -> None:
        self._file = LoadedFile()
        self._formats = Formats()

    def answer(self, request: dict[str, Any]) -> bytes:
        """The reply to one request in JSON."""
        return answered(lambda: reply_line(self._reply(self._parse(request))), self._file.forget)

    def _parse(self, request: dict[str, Any]) -> Parsed:
        max_bytes = int(request["max_bytes"])
        self._file.load(str(request["path"]), max_bytes)
        return self._formats.read(
            self._file.content,
            str(request["name"]),
            Allowance.for_file(max_bytes, int(request.get("max_pages", 1))),
            digest=self._file.digest,
            page_range=(int(request.get("first", 0)), int(request.get("last", 1))),
        )

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
            "digest": self._file.digest,
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


def _encodable(text: str) -> str:
    """The text without half surrogates, which have no UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
