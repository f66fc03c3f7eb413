"""A home with many or long documents, and models that play the medium and the large tier.

Every file has lines that stand once in the whole home, so that a test can tell where a text was
sent. The models answer from what they are given: the heavy one quotes what it reads, the planner
cites the evidence ids that it is shown.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentflow_desktop.core.routing import TaskKind, Tier, VerificationMode
from agentflow_desktop.documents.document import Selection
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.messages import Usage
from agentflow_desktop.workflows.ask.model import AskRequest
from support.ask_home import AskHome
from support.openai_server import Received, Reply, reply_json

PLANNER = "planner-model"
HEAVY = "heavy-model"
TASK = "What does each part limit?"


def code_file(number: int, lines: int) -> str:
    """A module whose every line stands in no other file."""
    head = f'"""Part {number} of the plant."""\n\n\ndef limit_{number}(value: int) -> int:\n'
    body = [
        f"    value = check_{number}_{line}(value, bound={number * 1000 + line})  # step {line}"
        for line in range(lines)
    ]
    return head + "\n".join([*body, f"    return value  # end of part {number}", ""])


def write_files(home: AskHome, count: int, lines: int) -> list[Path]:
    """Files ``part_001.py`` and so on in place of the home's own document."""
    home.sheet.unlink()
    paths: list[Path] = []
    for number in range(1, count + 1):
        path = home.documents / f"part_{number:03}.py"
        path.write_text(code_file(number, lines), encoding="utf-8")
        paths.append(path)
    return paths


def request_of(
    home: AskHome,
    *,
    tier: Tier | None = None,
    check: VerificationMode | None = None,
    kind: TaskKind = TaskKind.CODEBASE,
    use_cache: bool = True,
    context: str = "",
) -> AskRequest:
    return AskRequest(
        TASK,
        Selection(directories=(home.documents,)),
        context=context,
        task_kind=kind,
        tier=tier,
        use_cache=use_cache,
        check=check,
    )


def question(text: str, *sources: str) -> dict[str, Any]:
    return {"sources": list(sources), "text": text}


def assessment(
    verdict: str, *questions: dict[str, Any], issues: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {"issues": list(issues), "questions": list(questions), "verdict": verdict}


@dataclass(slots=True)
class TierModels:
    """Both models as one script. ``replies`` answers a schema name instead of what the model
    itself would say: one reply for good, or one after the other, the last for good."""

    replies: Mapping[str, Reply | Sequence[Reply]] = field(default_factory=dict[str, Any])
    most_quotes: int = 40
    estimates_usage: bool = True
    asked: dict[str, int] = field(default_factory=dict[str, int])

    def __call__(self, request: Received) -> Reply:
        name = request.schema_name
        number = self.asked.get(name, 0)
        self.asked[name] = number + 1
        given = self.replies.get(name)
        if isinstance(given, Reply):
            reply = given
        elif given is not None:
            reply = given[min(number, len(given) - 1)]
        else:
            reply = reply_json(self._said(name, request))
        if reply.usage != "counted" or not self.estimates_usage:
            return reply
        # As our own estimate has it, so that sizes stay what they are from call to call.
        sent = sum(raw_tokens(text) for _, text in request.turns)
        return replace(reply, usage=Usage(sent, 50))

    def _said(self, name: str, request: Received) -> dict[str, Any]:
        match name:
            case "plan":
                return {"questions": [question("What bound does each part check?")]}
            case "answer":
                return {"claims": self._quoted(request), "title": "Bounds"}
            case "findings":
                claims = [{**claim, "question": "Q1"} for claim in self._quoted(request)]
                return {"claims": claims}
            case "assessment":
                return assessment("approve")
            case "condensed":
                return {"claims": _cited(request)}
            case "written":
                return {"responses": [], "claims": _cited(request), "title": "Written"}
            case _:
                raise AssertionError(f"no model of the tests is asked for {name!r}")

    def _quoted(self, request: Received) -> list[dict[str, Any]]:
        """The last telling line of each source."""
        claims: list[dict[str, Any]] = []
        for source in request.blocks.sources[: self.most_quotes]:
            lines = [line.strip() for line in source.text.splitlines() if "(value, bound=" in line]
            if lines:
                quotes = [{"source": source.source_id, "text": lines[-1]}]
                claims.append({"quotes": quotes, "text": f"{source.name} checks a bound."})
        return claims


def _cited(request: Received) -> list[dict[str, Any]]:
    """One claim for each finding that the planner was shown."""
    lines = request.blocks.sections["findings"].splitlines()
    findings = [json.loads(line) for line in lines]
    return [
        {"evidence": [e["id"] for e in finding["evidence"]], "text": f"So: {finding['text']}"}
        for finding in findings
    ]


def asked_of(requests: Sequence[Received], model: str) -> list[Received]:
    return [request for request in requests if request.body["model"] == model]


def sent_text(request: Received) -> str:
    """Everything that a request says to its model."""
    return "\n".join(text for _, text in request.turns)


def body_lines(path: Path) -> list[str]:
    """The lines of a file that no outline has."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^ +(value = .*)$", text, re.MULTILINE)
