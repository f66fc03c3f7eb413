"""The reader's child processes and one thread of ours for each, which waits for its answers.

A process that takes too long or dies costs its file a row and is replaced; the rest goes on.
"""

import contextlib
import json
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import IO

from structlog import get_logger

from agentflow_desktop.adapters.process import (
    signal_group,
    start_child,
    stop_and_wait,
    tool_command,
    tool_environment,
)
from agentflow_desktop.adapters.readers.file_job import FileJob, Part
from agentflow_desktop.adapters.readers.wire import FailedReply, WorkerReply, parse_reply
from agentflow_desktop.core.settings import PerformanceSettings, WorkflowSettings

_log = get_logger(__name__)


class WorkerPool:
    """Starts its processes with the first job and keeps them until ``close``."""

    def __init__(
        self,
        performance: PerformanceSettings,
        workflow: WorkflowSettings,
        *,
        reads_pictures: bool = False,
    ) -> None:
        self.size = performance.reader_processes
        self._performance = performance
        self._workflow = workflow
        self._reads_pictures = reads_pictures
        self._queue: deque[Part] = deque()
        self._change = threading.Condition()
        self._is_closed = False
        self._closing = threading.Event()  # the watch has its own, so that it takes no wake-up
        self._workers: list[_Worker] = []
        self._threads: list[threading.Thread] = []

    def submit(self, job: FileJob) -> None:
        """Queue a file. Its ``done`` future gets the outcome, whatever happens."""
        with self._change:
            if self._is_closed:
                job.fail("The reader is closed.")
                return
            self._queue.append(job.first_part())
            self._change.notify_all()  # the watcher waits here too: one waking could be its
            if not self._threads:
                self._start()

    def abandon(self, job: FileJob) -> None:
        """Nobody waits for this file any more: stop working on it."""
        job.is_abandoned = True
        job.fail("Reading was stopped.")
        for worker in self._workers:
            worker.interrupt(job)

    def close(self) -> None:
        """End the processes and fail what is queued. Blocks; closing twice is harmless."""
        with self._change:
            self._is_closed = True
            left = list(self._queue)
            self._queue.clear()
            self._change.notify_all()
        self._closing.set()
        for part in left:
            part.job.fail("The reader was closed.")
        for worker in self._workers:
            worker.interrupt(None)
        for thread in self._threads:
            thread.join()
        for worker in self._workers:
            worker.stop()

    def _start(self) -> None:
        limits = {
            "memory_mb": self._performance.reader_memory_mb,
            "timeout_s": self._performance.reader_timeout_s,
        }
        for number in range(self.size):
            worker = _Worker(limits, self._workflow, reads_pictures=self._reads_pictures)
            thread = threading.Thread(
                target=self._serve, args=(worker,), name=f"agentflow-reader-{number}", daemon=True
            )
            self._workers.append(worker)
            self._threads.append(thread)
            thread.start()
        watch = threading.Thread(target=self._watch, name="agentflow-reader-watch", daemon=True)
        self._threads.append(watch)
        watch.start()

    def _serve(self, worker: "_Worker") -> None:
        while True:
            with self._change:
                while not self._queue and not self._is_closed:
                    self._change.wait()
                if self._is_closed:
                    return
                part = self._queue.popleft()
            if part.job.done.done():
                continue
            reply = worker.ask(part, self._performance.reader_timeout_s)
            further = part.job.receive(part, reply)
            if further:
                with self._change:
                    self._queue.extendleft(reversed(further))
                    self._change.notify_all()

    def _watch(self) -> None:
        """Kill a process whose file takes too long. Its thread then sees the pipe end."""
        while not self._closing.wait(0.2):
            now = time.monotonic()
            for worker in self._workers:
                worker.kill_if_late(now)


class _Worker:
    """One process. ``ask`` is for its thread alone; the rest may be called from any thread."""

    def __init__(
        self, limits: Mapping[str, float], workflow: WorkflowSettings, *, reads_pictures: bool
    ) -> None:
        self._limits = limits
        self._workflow = workflow
        self._reads_pictures = reads_pictures
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._part: Part | None = None
        self._deadline = float("inf")
        self._is_late = False

    def ask(self, part: Part, timeout_s: float) -> WorkerReply:
        """The process's reply, or why there is none."""
        try:
            process = self._process or self._started()
        except OSError as error:
            _log.exception("reader_not_started", path=str(part.job.path))
            return FailedReply(
                state="failed",
                reason=f"The reader process can't be started: {error}.",
                is_passing=True,
            )
        with self._lock:
            self._part, self._is_late = part, False
            self._deadline = time.monotonic() + timeout_s
        line = self._exchange(process, self._request(part))
        with self._lock:
            self._part, self._deadline = None, float("inf")
            is_late = self._is_late
        if line.endswith(b"\n") and not is_late:
            with contextlib.suppress(ValueError):
                return self._logged(parse_reply(line), part)
        return self._buried(process, part, timeout_s, is_late=is_late)

    def kill_if_late(self, now_s: float) -> None:
        with self._lock:
            if now_s > self._deadline and self._process is not None:
                self._is_late = True
                signal_group(self._process, kill=True)

    def interrupt(self, job: FileJob | None) -> None:
        """Kill the process if it works on ``job``, or on anything at all if that is None."""
        with self._lock:
            part, process = self._part, self._process
            if part is not None and process is not None and (job is None or part.job is job):
                signal_group(process, kill=True)

    def stop(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            stop_and_wait(process)

    def _started(self) -> "subprocess.Popen[bytes]":
        process = start_child(tool_command("reader"), environment=tool_environment())
        _write_line(process.stdin, self._limits)
        with self._lock:
            self._process = process
        return process

    def _request(self, part: Part) -> dict[str, str | int]:
        return {
            "path": str(part.job.path),
            "name": part.job.name,
            "first": part.first,
            "last": part.last,
            "max_bytes": self._workflow.max_file_mb * 1_000_000,
            "max_pages": self._workflow.max_pdf_pages,
            "reads_pictures": self._reads_pictures,
        }

    def _exchange(self, process: "subprocess.Popen[bytes]", request: dict[str, str | int]) -> bytes:
        """The reply's line; shorter, or empty, if the process ended."""
        try:
            _write_line(process.stdin, request)
            return process.stdout.readline() if process.stdout is not None else b""
        except OSError:  # its end of the pipe is gone: it died
            return b""

    def _logged(self, reply: WorkerReply, part: Part) -> WorkerReply:
        if isinstance(reply, FailedReply) and reply.detail:
            _log.error("reader_failed", path=str(part.job.path), detail=reply.detail)
        return reply

    def _buried(
        self, process: "subprocess.Popen[bytes]", part: Part, timeout_s: float, *, is_late: bool
    ) -> WorkerReply:
        with self._lock:
            self._process = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)  # a process that just died gives its own exit code
        code = stop_and_wait(process, grace_s=0.2)
        if is_late:
            reason = f"It took longer than {timeout_s:g} s to read."
        else:
            reason = f"The reader process ended on it (exit code {code})."
        if not part.job.is_abandoned:
            _log.warning("reader_process_lost", path=str(part.job.path), code=code, late=is_late)
        return FailedReply(state="failed", reason=reason, is_passing=True)


def _write_line(pipe: IO[bytes] | None, message: Mapping[str, str | float]) -> None:
    if pipe is None:
        raise BrokenPipeError("the process has no stdin")
    pipe.write(json.dumps(message).encode() + b"\n")
    pipe.flush()
