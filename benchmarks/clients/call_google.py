"""CPU per streamed call of the bare google-genai SDK."""

import asyncio
import sys

from call_loop import PROMPT, measure
from google import genai
from google.genai import types


async def main(base_url: str) -> None:
    options = types.HttpOptions(base_url=base_url, api_version="v1beta")
    client = genai.Client(vertexai=False, api_key="none", http_options=options)
    config = types.GenerateContentConfig(max_output_tokens=2000, temperature=0.0)

    async def call() -> str:
        pieces: list[str] = []
        usage = None
        stream = await client.aio.models.generate_content_stream(
            model="test-model", contents=PROMPT, config=config
        )
        async for chunk in stream:
            if chunk.text:
                pieces.append(chunk.text)
            usage = chunk.usage_metadata or usage
        assert usage is not None
        return "".join(pieces)

    await measure(call)
    await client.aio.aclose()


asyncio.run(main(sys.argv[1]))
