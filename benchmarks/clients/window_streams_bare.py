"""A bare window with many replies streaming side by side into text fields, one of them visible, by
OpenAI's SDK. Arguments and output as those of window_streams_ours.py."""

import asyncio
import json
import resource
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]

from heartbeat import Heartbeat  # noqa: E402
from openai import AsyncOpenAI  # noqa: E402
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit, QStackedWidget  # noqa: E402
from qasync import QEventLoop  # noqa: E402


async def stream(client: AsyncOpenAI, field: QPlainTextEdit) -> None:
    reply = await client.chat.completions.create(
        model="slow", messages=[{"role": "user", "content": "What limits it?"}], stream=True
    )
    async for chunk in reply:
        if chunk.choices and chunk.choices[0].delta.content:
            field.insertPlainText(chunk.choices[0].delta.content)


async def main(url: str, count: int) -> None:
    window, stack = QMainWindow(), QStackedWidget()
    window.setCentralWidget(stack)
    window.resize(1440, 900)
    fields = [QPlainTextEdit() for _ in range(count)]
    for field in fields:
        stack.addWidget(field)
    window.show()
    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
    tasks = [asyncio.create_task(stream(client, field)) for field in fields]
    while not all(field.toPlainText() for field in fields):
        await asyncio.sleep(0.01)
    heart = Heartbeat()
    beating = asyncio.create_task(heart.beat())
    before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.sleep(3)
    after = resource.getrusage(resource.RUSAGE_SELF)
    beating.cancel()
    assert not any(task.done() for task in tasks), "the streams ended too soon"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    used_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    late = sorted(heart.late_ms)
    print(
        json.dumps(
            {
                "longest_ms": heart.longest_ms,
                "p99_ms": late[len(late) * 99 // 100],
                "cpu_share": used_s / 3,
            }
        ),
        flush=True,
    )
    await client.close()


app = QApplication([])
with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
    runner.run(main(sys.argv[1], int(sys.argv[2])))
