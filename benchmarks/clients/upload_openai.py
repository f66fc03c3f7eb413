"""The same files sent to the same server by openai's SDK, in calls of the same size, and the
replies read: no outline, no ledger, no quote looked up. Arguments: address, files, lines, calls."""

import json
import sys
import tempfile
import time
from pathlib import Path

from openai import OpenAI
from openai.types.shared_params import ResponseFormatJSONSchema

ROOT = Path(__file__).resolve().parents[2]


def code_file(number: int, lines: int) -> str:
    """As tests/support/tier_home.py writes it."""
    head = f'"""Part {number} of the plant."""\n\n\ndef limit_{number}(value: int) -> int:\n'
    body = [
        f"    value = check_{number}_{line}(value, bound={number * 1000 + line})  # step {line}"
        for line in range(lines)
    ]
    return head + "\n".join([*body, f"    return value  # end of part {number}", ""])


def main(url: str, files: int, lines: int, calls: int, folder: Path) -> None:
    for number in range(1, files + 1):
        (folder / f"part_{number:03}.py").write_text(code_file(number, lines), encoding="utf-8")
    started_cpu, started = time.process_time(), time.perf_counter()
    client = OpenAI(base_url=url, api_key="none")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())]
    size = -(-len(texts) // calls)
    form: ResponseFormatJSONSchema = {
        "type": "json_schema",
        "json_schema": {"name": "findings", "schema": {"type": "object"}},
    }
    for at in range(0, len(texts), size):
        stream = client.chat.completions.create(
            model="heavy-model",
            messages=[{"role": "user", "content": "\n".join(texts[at : at + size])}],
            response_format=form,
            stream=True,
        )
        for _ in stream:
            pass
    cpu, wall = time.process_time() - started_cpu, time.perf_counter() - started
    print(json.dumps({"cpu_s": cpu, "wall_s": wall}))


with tempfile.TemporaryDirectory() as name:
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(name))
