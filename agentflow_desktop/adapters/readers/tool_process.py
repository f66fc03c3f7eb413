"""A child process of ours that answers one request after another, as seen from the loop."""

import asyncio
import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import IO, TypeVar

from agentflow_desktop.adapters.process import (
    signal_group,
    start_child,
    stop_and_wait,
    tool_command,
    tool_environment,
)
from agentflow_desktop.core.cancellation import finish_despite_cancel

Reply = TypeVar("Reply")
_CANCEL_GRACE_S = 0.5


class ToolLost(Exception):
    """The process gave no reply, as a sentence without an end: "it took longer than 60 s"."""


class ToolProcess:
    """``--tool NAME`` of this program: started by the first request, and anew after a loss."""

    def __init__(self, tool: str, *, memory_mb: int, timeout_s: float) -> None:
        self._tool = tool
        self._limits = {"memory_mb": memory_mb, "timeout_s": timeout_s}
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._state = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_interrupted = False

    async def ask(
        self, request: Mapping[str, str | int], read_reply: Callable[[IO[bytes]], Reply]
    ) -> Reply:
        """What ``read_reply`` makes of the reply; it is called in a thread, and raises ValueError
        for what is no reply. Requests wait for their turn.

        Who is cancelled leaves no work behind: the process soon ends, or is made to. Raises
        ToolLost.
        """
        async with self._turn:
            work = asyncio.ensure_future(asyncio.to_thread(self._exchange, request, read_reply))
            try:
                done, _ = await asyncio.wait({work}, timeout=self._timeout_s)
            except asyncio.CancelledError:
                await finish_despite_cancel(self._ended(work))
                raise
            if not done:
                self._interrupt()
                await finish_despite_cancel(_settled(work))
                raise ToolLost(f"it took longer than {self._timeout_s:g} s")
            return work.result()

    async def close(self) -> None:
        """End the process."""
        self._interrupt()
        await finish_despite_cancel(asyncio.to_thread(self._bury))

    async def _ended(self, work: "asyncio.Future[Reply]") -> None:
        """A short while is waited: starting a new process costs more than most requests."""
        await asyncio.wait({work}, timeout=_CANCEL_GRACE_S)
        if not work.done():
            self._interrupt()
        await _settled(work)

    def _interrupt(self) -> None:
        with self._state:
            self._is_interrupted = True
            if self._process is not None:
                signal_group(self._process, kill=True)

    def _exchange(
        self, request: Mapping[str, str | int], read_reply: Callable[[IO[bytes]], Reply]
    ) -> Reply:
        try:
            process = self._started()
            _write_line(process.stdin, request)
            if process.stdout is None:
                raise ToolLost("it has no pipe")
            return read_reply(process.stdout)
        except (OSError, ValueError) as error:
            code = self._bury()
            reason = f"its process ended (exit code {code})" if code is not None else str(error)
            raise ToolLost(reason) from error

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._state:
            self._is_interrupted = False
            if self._process is not None:
                return self._process
        process = start_child(tool_command(self._tool), environment=tool_environment())
        with self._state:
            self._process = process
            if self._is_interrupted:
                signal_group(process, kill=True)
        _write_line(process.stdin, self._limits)
        return process

    def _bury(self) -> int | None:
        """End the process and give its exit code; None if there was none."""
        with self._state:
            process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)  # one that just died gives its own exit code
        return stop_and_wait(process, grace_s=0.2)


async def _settled(work: "asyncio.Future[Reply]") -> None:
    """Wait for the end of work whose outcome nobody wants."""
    await asyncio.wait({work})
    with contextlib.suppress(ToolLost):
        work.result()


def _write_line(pipe: IO[bytes] | None, message: Mapping[str, str | float]) -> None:
    if pipe is None:
        raise BrokenPipeError("the process has no stdin")
    pipe.write(json.dumps(message).encode() + b"\n")
    pipe.flush()
