"""Pages that are pictures, read by OCR in a process of its own, where that extra is installed."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from structlog import get_logger

from agentflow_desktop.adapters.process import tool_command
from agentflow_desktop.adapters.readers.ocr_wire import RecognisedReply, parse_ocr_reply
from agentflow_desktop.adapters.readers.recognised_page import RecognisedPage, page_of
from agentflow_desktop.adapters.readers.tool_process import ToolLost, ToolProcess
from agentflow_desktop.adapters.readers.wire import FailedReply
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings

_log = get_logger(__name__)
_MAX_LINE_BYTES = 20_000_000
_KEPT_PAGES = 2_000

PageKey = tuple[str, int]
"""A document's digest and the number of its page."""


def ocr_command() -> list[str] | None:
    """What starts the OCR process; None without the extra."""
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        return None
    return tool_command("ocr")


def ocr_versions() -> str:
    """What another text of the same picture could come from."""
    return " ".join(f"{name} {installed_version(name)}" for name in ("rapidocr", "onnxruntime"))


def installed_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


class PictureReader:
    """Reads one page after another; the last two thousand are kept in memory."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        workflow: WorkflowSettings,
        performance: PerformanceSettings,
    ) -> None:
        self._workflow = workflow
        self._process = ToolProcess(
            command, memory_mb=performance.ocr_memory_mb, timeout_s=performance.ocr_timeout_s
        )
        self._kept: OrderedDict[PageKey, RecognisedPage] = OrderedDict()

    async def read(
        self, path: Path, name: str, pages: Sequence[PageKey]
    ) -> Mapping[PageKey, RecognisedPage]:
        """The pages of a file, or of documents within it: as many as settings allow."""
        read: dict[PageKey, RecognisedPage] = {}
        for key in pages[: self._workflow.max_ocr_pages]:
            page = self._kept.get(key)
            if page is None:
                page = await self._page(path, name, key)
                if not page.is_passing:
                    self._keep(key, page)
            read[key] = page
        limit = f"at most {self._workflow.max_ocr_pages} are read (workflow.max_ocr_pages)"
        left_out = RecognisedPage(problem=limit)
        return read | dict.fromkeys(pages[self._workflow.max_ocr_pages :], left_out)

    async def close(self) -> None:
        """End the process."""
        await self._process.close()

    async def _page(self, path: Path, name: str, key: PageKey) -> RecognisedPage:
        digest, number = key
        request: dict[str, str | int] = {
            "path": str(path),
            "name": name,
            "digest": digest,
            "page": number,
            "max_bytes": self._workflow.max_file_mb * 1_000_000,
            "max_pages": self._workflow.max_pdf_pages,
        }
        try:
            reply = await self._process.ask(request, _read_reply)
        except ToolLost as error:
            _log.warning("picture_not_read", path=str(path), page=number, reason=str(error))
            return RecognisedPage(problem=str(error), is_passing=True)
        if isinstance(reply, FailedReply):
            if reply.detail:
                _log.error("picture_failed", path=str(path), page=number, detail=reply.detail)
            problem = reply.reason[:1].lower() + reply.reason[1:].rstrip(".")
            return RecognisedPage(problem=problem, is_passing=reply.is_passing)
        return page_of(reply.lines)

    def _keep(self, key: PageKey, page: RecognisedPage) -> None:
        self._kept[key] = page
        while len(self._kept) > _KEPT_PAGES:
            self._kept.popitem(last=False)


def _read_reply(pipe: IO[bytes]) -> RecognisedReply | FailedReply:
    line = pipe.readline(_MAX_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise ValueError("no reply")
    return parse_ocr_reply(line)
