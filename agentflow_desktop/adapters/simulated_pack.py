"""The simulated pack: the shipped program that runs the firmware on models of its chips and cells.

Each pack is a process of its own that speaks frames on stdin and stdout. Owns no message and no
judgement.
"""

import asyncio
import os
import subprocess
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agentflow_desktop.adapters.process import signal_group, start_child, stop_and_wait
from agentflow_desktop.adapters.shipped_files import host_program
from agentflow_desktop.core.cancellation import finish_despite_cancel
from agentflow_desktop.core.errors import DeviceSilent
from agentflow_desktop.hardware.pack_config import values_of
from agentflow_desktop.hardware.pack_fields_table import PackFields
from agentflow_desktop.hardware.telemetry.frame_reader import Console, FrameReader
from agentflow_desktop.hardware.telemetry.frames import Frame, encode_frame
from agentflow_desktop.hardware.telemetry.messages_table import (
    Answer,
    DownMessage,
    Message,
    ParameterRead,
    ParameterValue,
    SimAdvance,
    SimReached,
    UpMessage,
)
from agentflow_desktop.workflows.board.model import CampaignLine
from agentflow_desktop.workflows.board.pack_link import PackLink, PackValues

ANSWERS_WITHIN_S = 30.0
_CAMPAIGN_WITHIN_S = 120.0
_READ_BYTES = 65_536
_SEQ_RANGE = 65_536
_SEED = 1  # of the cells' spread: the same pack every time
_AGAIN = "Start it again; the log tells more."
_CAMPAIGN_LINE: TypeAdapter[CampaignLine] = TypeAdapter(CampaignLine)


class SimulatedPackPrograms:
    """The SimulatedPacks over the shipped program, or over ``program``."""

    def __init__(
        self, program: Path | None = None, *, answers_within_s: float = ANSWERS_WITHIN_S
    ) -> None:
        self._program = program
        self._answers_within_s = answers_within_s

    def switched_on(self, values: PackValues) -> AbstractAsyncContextManager[PackLink]:
        """See ``workflows.board.pack_link.SimulatedPacks``."""
        return self._switched_on(values)

    @asynccontextmanager
    async def _switched_on(self, values: PackValues) -> AsyncGenerator[PackLink]:
        link = await asyncio.to_thread(self._start, values)
        try:
            yield link
        finally:
            await finish_despite_cancel(asyncio.to_thread(link.stop))

    async def campaign(self, values: PackValues) -> Sequence[CampaignLine]:
        """See ``workflows.board.pack_link.SimulatedPacks``."""
        process = await asyncio.to_thread(self._start_child, ["--campaign"], values)
        work = asyncio.ensure_future(asyncio.to_thread(process.communicate))
        try:
            done, _ = await asyncio.wait({work}, timeout=_CAMPAIGN_WITHIN_S)
        finally:
            await finish_despite_cancel(_ended(process, work))
        code = process.returncode
        if not done or code != 0:
            raise DeviceSilent(
                "The campaign of faults on the simulated pack did not come to its end.",
                hint=_AGAIN,
                detail=f"exit code {code}",
            )
        return _campaign_lines(work.result()[0])

    def _start(self, values: PackValues) -> "PackProcess":
        words = ["--speed", "0", "--seed", str(_SEED)]
        return PackProcess(self._start_child(words, values), self._answers_within_s)

    def _start_child(self, words: list[str], values: PackValues) -> "subprocess.Popen[bytes]":
        program = self._program or host_program("simulated_pack")
        try:
            return start_child([str(program), *words, *_overrides(values)])
        except OSError as error:
            raise DeviceSilent(
                f"The simulated pack can't be started: {error.strerror or error}.",
                hint="python3 dev.py setup builds it anew.",
                detail=str(error),
            ) from error


class PackProcess:
    """One simulated pack that runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", answers_within_s: float) -> None:
        self._process = process
        self._answers_within_s = answers_within_s
        self._reader = FrameReader()
        self._came: list[UpMessage] = []
        self._seq = 0
        self._lock = threading.Lock()

    async def ask(self, message: DownMessage) -> Sequence[UpMessage]:
        """See ``workflows.board.pack_link.PackLink``."""
        work = asyncio.ensure_future(asyncio.to_thread(self._exchange, message))
        try:
            done, _ = await asyncio.wait({work}, timeout=self._answers_within_s)
        except asyncio.CancelledError:
            await finish_despite_cancel(self._interrupted(work))
            raise
        if not done:
            await finish_despite_cancel(self._interrupted(work))
            raise DeviceSilent(
                f"The simulated pack did not answer within {self._answers_within_s:g} s.",
                hint=_AGAIN,
                detail=str(message),
            )
        return work.result()

    def stop(self) -> None:
        """End the process. Blocks."""
        stop_and_wait(self._process)

    async def _interrupted(self, work: "asyncio.Future[list[UpMessage]]") -> None:
        signal_group(self._process, kill=True)
        await asyncio.wait({work})
        with suppress(DeviceSilent):  # nobody waits for it any more
            work.result()

    def _exchange(self, message: DownMessage) -> list[UpMessage]:
        """Send, then read until the answer is there. Blocks."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            seq, self._seq = self._seq, (self._seq + 1) % _SEQ_RANGE
            try:
                stdin.write(encode_frame(Frame(seq, 0, message)))
                stdin.flush()
                while (end := self._answer_at(message, seq)) is None:
                    data = os.read(stdout.fileno(), _READ_BYTES)
                    if not data:
                        raise BrokenPipeError("its output ended")
                    self._keep(data)
            except OSError as error:
                raise self._gone(error) from error
            came, self._came = self._came[: end + 1], self._came[end + 1 :]
            return came

    def _keep(self, data: bytes) -> None:
        for item in self._reader.feed(data):
            if isinstance(item, Console):  # there is nothing between us that could damage a frame
                raise DeviceSilent(
                    "The simulated pack says what is no message.", hint=_AGAIN, detail=repr(item)
                )
            self._came.append(_from_board(item.message))

    def _answer_at(self, message: DownMessage, seq: int) -> int | None:
        """The place of what answers the request among all that came."""
        for place, came in enumerate(self._came):
            match came:
                case Answer(request_seq=answered) if answered == seq:
                    return place
                case SimReached() if isinstance(message, SimAdvance):
                    return place
                case ParameterValue() if isinstance(message, ParameterRead):
                    return place
                case _:
                    pass
        return None

    def _gone(self, error: OSError) -> DeviceSilent:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)  # one that just died gives its own exit code
        return DeviceSilent(
            "The simulated pack ended by itself.",
            hint=_AGAIN,
            detail=f"{error}; exit code {self._process.returncode}",
        )


def _overrides(values: PackValues) -> list[str]:
    """What differs from the reference pack, past the check: the firmware gets what it is given."""
    reference = values_of(PackFields())
    words: list[str] = []
    for name, numbers in values.items():
        if numbers != reference[name]:
            words += ["--override", f"{name}={','.join(map(str, numbers))}"]
    return words


def _from_board(message: Message) -> UpMessage:
    assert isinstance(message, UpMessage)
    return message


async def _ended(
    process: "subprocess.Popen[bytes]", work: "asyncio.Future[tuple[bytes, bytes]]"
) -> None:
    if not work.done():
        signal_group(process, kill=True)
    await asyncio.wait({work})
    await asyncio.to_thread(stop_and_wait, process)


def _campaign_lines(output: bytes) -> list[CampaignLine]:
    try:
        return [_CAMPAIGN_LINE.validate_json(line) for line in output.splitlines()]
    except ValidationError as error:
        raise DeviceSilent(
            "The campaign of faults says what is no result.", hint=_AGAIN, detail=str(error)
        ) from error
