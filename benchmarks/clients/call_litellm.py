"""CPU per streamed call of litellm. Runs in the peer's environment."""

import asyncio
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no download at import

import litellm
from call_loop import PROMPT, measure


async def main(base_url: str) -> None:
    litellm.suppress_debug_info = True

    async def call() -> str:
        stream = await litellm.acompletion(
            model="openai/test-model",
            api_base=base_url,
            api_key="none",
            messages=[{"role": "user", "content": PROMPT}],
            max_tokens=2000,
            temperature=0.0,
            stream=True,
            stream_options={"include_usage": True},
            num_retries=0,
        )
        pieces: list[str] = []
        usage = None
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                pieces.append(chunk.choices[0].delta.content)
            usage = getattr(chunk, "usage", None) or usage
        assert usage is not None
        return "".join(pieces)

    await measure(call)


asyncio.run(main(sys.argv[1]))
