"""HTML to PDF by ``--tool print-pdf``, a child process that has Qt."""

import asyncio
import contextlib
import subprocess

from structlog import get_logger

from agentflow_desktop.adapters.process import (
    signal_group,
    start_child,
    stop_and_wait,
    tool_command,
    tool_environment,
)
from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.errors import StorageError

_log = get_logger(__name__)
_TIMEOUT_S = 120.0


class ProcessPdfPrinter:
    """Starts one process a report."""

    async def print_html(self, page: str) -> bytes:
        """The PDF. Raises StorageError if it can't be made."""
        try:
            process = await _started()
        except OSError as error:
            raise _failed(str(error)) from error
        work = asyncio.ensure_future(asyncio.to_thread(_exchange, process, page))
        try:
            done, _ = await asyncio.wait({work}, timeout=_TIMEOUT_S)
        except asyncio.CancelledError:
            signal_group(process, kill=True)
            await finish_despite_cancel(_settled(work))
            raise
        if not done:
            signal_group(process, kill=True)
            await finish_despite_cancel(_settled(work))
            raise _failed(f"it took longer than {_TIMEOUT_S:g} s")
        content, code = work.result()
        if code != 0 or not content.startswith(b"%PDF-"):
            raise _failed(f"exit code {code}")
        return content


async def _started() -> "subprocess.Popen[bytes]":
    """The process. One that was started when nobody waits for it any more is ended."""
    starting = asyncio.ensure_future(
        asyncio.to_thread(start_child, tool_command("print-pdf"), environment=tool_environment())
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await finish_despite_cancel(_ended(starting))
        raise


async def _ended(starting: "asyncio.Future[subprocess.Popen[bytes]]") -> None:
    await asyncio.wait({starting})
    if starting.exception() is None:
        await asyncio.to_thread(stop_and_wait, starting.result(), grace_s=0.0)


def _exchange(process: "subprocess.Popen[bytes]", page: str) -> tuple[bytes, int]:
    content = b""
    with contextlib.suppress(OSError):  # it died: its exit code says more
        content = process.communicate(page.encode("utf-8", "replace"))[0]
    return content, stop_and_wait(process, grace_s=0.2)


async def _settled(work: "asyncio.Future[tuple[bytes, int]]") -> None:
    await asyncio.wait({work})


def _failed(reason: str) -> StorageError:
    _log.error("pdf_not_printed", reason=reason)
    return StorageError(
        "The report can't be printed as a PDF.",
        hint="Export it as HTML and print that.",
        detail=reason,
    )
