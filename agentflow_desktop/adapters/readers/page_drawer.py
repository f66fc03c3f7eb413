"""Pages drawn by a child process: the one implementation of ``PageDrawer``."""

from typing import IO

from structlog import get_logger

from agentflow_desktop.adapters.readers.page_wire import DrawnReply, parse_page_reply
from agentflow_desktop.adapters.readers.tool_process import ToolLost, ToolProcess
from agentflow_desktop.adapters.readers.wire import FailedReply
from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings
from agentflow_desktop.documents.page_image import (
    MAX_PIXELS,
    PageImage,
    PageRequest,
    PixelBox,
)

_log = get_logger(__name__)
_MAX_LINE_BYTES = 1 << 20


class ProcessPageDrawer:
    """Draws in one process, which has a reader's limits and starts with the first page."""

    def __init__(self, *, workflow: WorkflowSettings, performance: PerformanceSettings) -> None:
        self._workflow = workflow
        self._process = ToolProcess(
            "page-image",
            memory_mb=performance.reader_memory_mb,
            timeout_s=performance.reader_timeout_s,
        )

    async def draw(self, request: PageRequest) -> PageImage:
        """The page. Raises InputRefused if it is not there any more or can't be drawn."""
        start, end = request.quote
        asked: dict[str, str | int] = {
            "path": str(request.path),
            "name": request.name,
            "digest": request.digest,
            "page": request.page,
            "start": start,
            "end": end,
            "width_px": request.width_px,
            "max_pixels": MAX_PIXELS,
            "max_bytes": self._workflow.max_file_mb * 1_000_000,
            "max_pages": self._workflow.max_pdf_pages,
        }
        try:
            drawn, pixels = await self._process.ask(asked, _read_reply)
        except ToolLost as error:
            _log.warning("page_not_drawn", path=str(request.path), reason=str(error))
            raise InputRefused(
                f"Page {request.page} of {request.name} can't be drawn: {error}.",
                hint="Its text can still be read.",
            ) from error
        if isinstance(drawn, FailedReply):
            if drawn.detail:
                _log.error("page_failed", path=str(request.path), detail=drawn.detail)
            raise InputRefused(f"{request.name} can't be drawn. {drawn.reason}")
        return PageImage(
            page=request.page,
            page_count=drawn.page_count,
            width_px=drawn.width_px,
            height_px=drawn.height_px,
            pixels=pixels,
            quote_boxes=tuple(PixelBox(*box) for box in drawn.boxes),
        )

    async def close(self) -> None:
        """End the process."""
        await self._process.close()


def _read_reply(pipe: IO[bytes]) -> tuple[DrawnReply | FailedReply, bytes]:
    """The head and, after it, as many bytes as it announces. Raises ValueError."""
    line = pipe.readline(_MAX_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise ValueError("no reply")
    reply = parse_page_reply(line)
    if isinstance(reply, FailedReply):
        return reply, b""
    pixels = pipe.read(reply.byte_count)
    if len(pixels) != reply.byte_count:
        raise ValueError("the picture is cut off")
    return reply, pixels
