"""What a model of the tests says: an answer made of the prompt's own sources, in any of our forms,
and the scripts that a server run by hand can follow.
"""

import argparse
import json
import re
from dataclasses import replace
from typing import Any

from agentflow_desktop.llm.source_blocks import PromptBlocks
from support.loopback_server import (
    MODEL,
    LoopbackServer,
    Received,
    Reply,
    Script,
    failure,
    reply_json,
)


def from_sources(request: Received) -> Reply:
    """Answers any question of ours from the sources in the prompt: true passages, and in the
    draft one quote that stands nowhere, which the review then objects to."""
    blocks = request.blocks
    match request.schema_name:
        case "answer":
            made_up = {
                "quotes": [{"source": "S1", "text": "these words stand in no source at all"}],
                "text": "This claim of the test server rests on a made-up quote.",
            }
            return reply_json({"claims": [*_claims(blocks), made_up], "title": _title(blocks)})
        case "review":
            return reply_json(_review(blocks))
        case "refined":
            review = json.loads(blocks.sections.get("review", "[]"))
            responses = [
                {"issue": issue["id"], "stance": "refine", "reason": "the quote was made up"}
                for issue in review
                if "id" in issue
            ]
            claims = _claims(blocks) or [{"quotes": [], "text": "The sources say nothing of it."}]
            return reply_json({"responses": responses, "claims": claims, "title": _title(blocks)})
        case _:
            return Reply("This is the test server; it answers questions about sources.")


def _title(blocks: PromptBlocks) -> str:
    return f"Test server, no model: {blocks.sections.get('task', 'no task')[:60]}"


def _claims(blocks: PromptBlocks) -> list[dict[str, Any]]:
    """The lines that share most words with the task, in the order of the sources."""
    task = set(re.findall(r"\w{4,}", blocks.sections.get("task", "").lower()))
    lines = [
        (source.source_id, line.strip())
        for source in blocks.sources
        for line in source.text.splitlines()
        if len(line.split()) >= 4
    ]
    scores = [len(task & set(re.findall(r"\w{4,}", line.lower()))) for _, line in lines]
    best = sorted(range(len(lines)), key=lambda at: -scores[at])[:3]
    return [
        {
            "quotes": [{"source": lines[at][0], "text": lines[at][1]}],
            "text": f"A passage that shares {scores[at]} words with the task: {lines[at][1]}",
        }
        for at in sorted(best)
    ]


def _review(blocks: PromptBlocks) -> dict[str, Any]:
    answer = json.loads(blocks.sections.get("answer", "[]"))
    issues = [
        {
            "severity": "high",
            "claim": claim["id"],
            "quote": None,
            "why": "No source has the words that this claim rests on.",
        }
        for claim in answer
        if claim.get("quotes_not_found")
    ]
    return {"issues": issues, "alternative": "", "verdict": "revise" if issues else "approve"}


def serve_by_hand(server_type: type[LoopbackServer], port: int) -> None:
    """Run a server from the command line until Ctrl-C."""
    parser = argparse.ArgumentParser(description=f"A model server on loopback: {server_type.root}")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--model", default=MODEL, help="name of the model that it offers")
    parser.add_argument("--delay-ms", type=float, default=20.0, help="wait between pieces of text")
    parser.add_argument(
        "--script",
        choices=["answer", "busy", "broken", "malformed", "unusable"],
        default="answer",
        help="what it does: answers, says 429, breaks off, sends no JSON, answers in no form",
    )
    options = parser.parse_args()
    delay_s = options.delay_ms / 1000
    scripts: dict[str, Script] = {
        "answer": lambda request: replace(from_sources(request), delay_s=delay_s),
        "busy": lambda _: failure(429, "slow down", retry_after="2"),
        "broken": lambda request: replace(from_sources(request), cut_after=3, delay_s=delay_s),
        "malformed": lambda _: Reply(raw=b"data: {this is no JSON\n\n"),
        "unusable": lambda _: Reply("I would rather talk about the weather.", delay_s=delay_s),
    }
    script = scripts[options.script]
    with server_type(script, models=[options.model], port=options.port) as server:
        print(f"listening at {server.base_url}, model {options.model}; Ctrl-C ends", flush=True)  # noqa: T201
        try:
            server.wait()
        except KeyboardInterrupt:
            return
