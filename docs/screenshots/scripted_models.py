"""What the two scripted models of the pictures say, and how they are configured."""

import json

from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.messages import Usage
from support.openai_server import Received, Reply, failure, reply_json

TASK = (
    "What limits the charge current of this pack at room temperature, and which part reaches its "
    "limit first? Give the source of each figure."
)
_LIMIT = {
    "quotes": [{"source": "S4", "text": "The BMS limits the charge current to 8.0 A."}],
    "text": "The BMS sets the limit: **8.0 A** for the whole pack.",
}
_OPENS = {
    "quotes": [{"source": "S1", "text": "The BMS opened the\ncharge switch after 2.1 s."}],
    "text": "On the bench it opened the charge switch 2.1 s after 9.0 A was set.",
}
_CELLS = {
    "quotes": [
        {
            "source": "S2",
            "text": "The charge current is limited to 0.5C, which is 2400 mA per cell",
        },
        {
            "source": "S4",
            "text": "Four cells in parallel would by themselves allow 4 x 2400 mA = 9.6 A",
        },
    ],
    "text": "The cells come next: four in parallel allow 9.6 A between 15 °C and 45 °C.",
}
_COLD = {
    "quotes": [
        {
            "source": "S4",
            "text": "Below 15 °C and above 45 °C the BMS reduces the charge current to 3.8 A.",
        }
    ],
    "text": "Below 15 °C and above 45 °C the BMS goes down to 3.8 A.",
}
_FUSE_WRONG = {
    "quotes": [{"source": "S4", "text": "| Fuse F1 | 15 A | in the charge path |"}],
    "text": "The fuse is last, at 15 A.",
}
_FUSE_RIGHT = {
    "quotes": [
        {"source": "S4", "text": "| Fuse F1 | 15 A | in the charge path |"},
        {
            "source": "S1",
            "text": "Fuse F1 of pack 2 is a 10 A part, not the 15 A of the data sheet",
        },
    ],
    "text": "The fuse is last: 15 A by the data sheet, but **10 A in pack 2**.",
}
_WARMER = {
    "quotes": [{"source": "S4", "text": "The pack warms by 4 °C in the first hour."}],
    "text": "Charging at 8.0 A warms the pack by about 4 °C in the first hour.",
}
_TITLE = "The BMS sets the limit first: 8.0 A"
_ISSUE = {
    "severity": "high",
    "claim": "C5",
    "quote": {
        "source": "S1",
        "text": "Fuse F1 of pack 2 is a 10 A part, not the 15 A of the data sheet",
    },
    "why": "The notes say that pack 2 carries a 10 A fuse, so 15 A does not hold for every pack.",
}
_RESPONSE = {"issue": "I1", "stance": "refine", "reason": "Right: the notes contradict the sheet."}
_REPLIES = {
    "answer": [{"claims": [_LIMIT, _OPENS, _CELLS, _COLD, _FUSE_WRONG, _WARMER], "title": _TITLE}],
    "review": [
        {"issues": [_ISSUE], "alternative": "", "verdict": "revise"},
        {"issues": [], "alternative": "", "verdict": "approve"},
    ],
    "refined": [
        {
            "responses": [_RESPONSE],
            "claims": [_LIMIT, _OPENS, _CELLS, _COLD, _FUSE_RIGHT, _WARMER],
            "title": _TITLE,
        }
    ],
}
MODELS = """models:
  planner-model:
    provider: openai_compatible
    model: planner-model
    base_url: {url}
    window_tokens: 32000
    max_output_tokens: 2000
    billing: free
  heavy-model:
    provider: openai_compatible
    model: heavy-model
    base_url: {url}
    window_tokens: 128000
    max_output_tokens: 4000
    billing: metered
    prices: [{{effective_from: 2020-01-01, input_usd: 2.00, output_usd: 12.00}}]
"""


class Script:
    """What the scripted models say; ``is_down`` makes them refuse, ``delay_s`` makes them slow."""

    def __init__(self) -> None:
        self.is_down = False
        self.delay_s = 0.0
        self._asked: dict[str, int] = {}

    def restart(self) -> None:
        self._asked.clear()

    def __call__(self, request: Received) -> Reply:
        if self.is_down:
            return failure(401, "invalid key")
        replies = _REPLIES[request.schema_name]
        turn = self._asked.get(request.schema_name, 0)
        self._asked[request.schema_name] = turn + 1
        reply = replies[min(turn, len(replies) - 1)]
        sent = sum(raw_tokens(text) for _, text in request.turns)
        usage = Usage(sent, raw_tokens(json.dumps(reply)))
        return reply_json(reply, delay_s=self.delay_s, usage=usage)
