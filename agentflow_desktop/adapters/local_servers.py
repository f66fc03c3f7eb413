"""Looks for model servers on this machine, only when asked, and only on loopback."""

import asyncio
import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from agentflow_desktop.llm.model_entries import LocalServer, ServedModel

_USUAL_PORTS = ((8000, "vLLM"), (11434, "Ollama"), (8080, "llama.cpp"), (1234, "LM Studio"))
USUAL_PORTS: tuple[int, ...] = tuple(port for port, _ in _USUAL_PORTS)
_TIMEOUT_S = 1.5
_MOST_BYTES = 1_000_000
_OK = 200


async def find_local_servers(ports: Sequence[int] = USUAL_PORTS) -> tuple[LocalServer, ...]:
    """Who answers ``/v1/models`` on these ports, all asked at once, in the order of the ports.

    A port where nobody listens, or something else does, is left out.
    """
    async with asyncio.TaskGroup() as asking:
        tasks = [asking.create_task(_ask(port)) for port in dict.fromkeys(ports)]
    return tuple(server for task in tasks if (server := task.result()) is not None)


async def _ask(port: int) -> LocalServer | None:
    await asyncio.to_thread(import_module, "httpx2")  # slow to import: not on the loop's thread
    import httpx2

    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        async with (
            asyncio.timeout(_TIMEOUT_S),
            # No proxy of the environment, and no way to another host.
            httpx2.AsyncClient(trust_env=False, follow_redirects=False, verify=False) as client,
            client.stream("GET", f"{base_url}/models") as response,
        ):
            if response.status_code != _OK:
                return None
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    return None
    except (TimeoutError, httpx2.HTTPError, httpx2.StreamError):
        return None
    models = _models(body)
    return None if models is None else LocalServer(_product(port), base_url, models)


def _models(body: bytes) -> tuple[ServedModel, ...] | None:
    """The models of an answer; None if it is none."""
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return None
    entries: Any = cast(dict[str, Any], answer).get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        return None
    found: list[ServedModel] = []
    for entry in cast(list[Any], entries):
        fields = cast(dict[str, Any], entry) if isinstance(entry, dict) else {}
        name, window = fields.get("id"), fields.get("max_model_len")
        if isinstance(name, str) and name.strip() and name.isprintable():
            is_size = isinstance(window, int) and window > 0
            found.append(ServedModel(name, window if is_size else None))
    return tuple(found)


def _product(port: int) -> str:
    return next((name for usual, name in _USUAL_PORTS if usual == port), f"port {port}")
