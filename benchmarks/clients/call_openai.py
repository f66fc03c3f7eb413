"""CPU per streamed call of the bare openai SDK. Runs in the peer's environment."""

import asyncio
import sys

from call_loop import PROMPT, measure
from openai import AsyncOpenAI


async def main(base_url: str) -> None:
    client = AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0)

    async def call() -> str:
        stream = await client.chat.completions.create(
            model="test-model",
            messages=[{"role": "user", "content": PROMPT}],
            max_tokens=2000,
            temperature=0.0,
            stream=True,
            stream_options={"include_usage": True},
        )
        pieces: list[str] = []
        usage = None
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                pieces.append(chunk.choices[0].delta.content)
            usage = chunk.usage or usage
        assert usage is not None
        return "".join(pieces)

    await measure(call)


asyncio.run(main(sys.argv[1]))
