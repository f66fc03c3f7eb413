"""Many replies at once on the window's own loop, in both wire formats: none is mixed up with
another, which rests on each task keeping its context there.
"""

import asyncio
import gc
from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from agentflow_desktop.core.settings import ModelSettings
from agentflow_desktop.llm.calls import Seat
from agentflow_desktop.llm.messages import TextPart
from support.call_parts import a_request, a_seat
from support.failure_table import WIRES, Wire
from support.loopback_server import LoopbackServer, Received, Reply


def echo(request: Received) -> Reply:
    return Reply(f"answer to {request.user}", piece_characters=3, delay_s=0.001)


async def answer_to(seat: Seat, question: str) -> str:
    stream = seat.provider.stream(a_request(question))
    return "".join([part.text async for part in stream if isinstance(part, TextPart)])


async def ask_at_once(server: LoopbackServer, wire: Wire, questions: list[str]) -> list[str]:
    seat = a_seat(server.base_url, key="k", provider=wire.provider, settings=ModelSettings())
    try:
        return await asyncio.gather(*(answer_to(seat, question) for question in questions))
    finally:
        await seat.provider.close()


@pytest.fixture
def collected_here() -> Iterator[None]:
    """Timers of a loop that ended die on this thread, and on no server's."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
def test_replies_that_stream_at_once_stay_apart(
    qapp: QApplication, wire: Wire, collected_here: None
) -> None:
    questions = [f"question {number}" for number in range(40)]
    with (
        wire.server_type(echo) as server,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner,
    ):
        answers = runner.run(ask_at_once(server, wire, questions))
    assert answers == [f"answer to {question}" for question in questions]
