"""A planner that speaks the step format, beside a heavy model that answers from what it reads."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from support.ask_home import AskHome
from support.openai_server import Received, Reply
from support.tier_home import TierModels

StepScript = Callable[[Received], str]


def step_reply(tool: str, sub_goal: str, context: str = "none") -> str:
    """A reply in the form that agentflow-planner-7b was trained to give."""
    return (
        f"1. **Justification:** {tool} is the best tool for this.\n"
        f"2. **Context:** {context}\n"
        f"3. **Sub-Goal:** {sub_goal}\n"
        f"4. **Tool Name:** {tool}"
    )


def step_home(home: AskHome) -> AskHome:
    """The home with a planner that names steps."""
    path = home.root / "config" / "models.yaml"
    model = "    model: planner-model\n"
    text = path.read_text(encoding="utf-8")
    stepwise = text.replace(model, f"{model}    planner_format: agentflow_steps\n")
    path.write_text(stepwise, encoding="utf-8")
    return home


def asks_for_a_step(request: Received) -> bool:
    return not request.schema_name


@dataclass(slots=True)
class StepModels(TierModels):
    """``steps`` are the planner's replies in turn, the last for good, each as text or made from
    the request. All else is as ``TierModels`` say; the heavy model approves."""

    steps: Sequence[str | StepScript | Reply] = ()
    chosen: int = 0

    def __call__(self, request: Received) -> Reply:
        if not asks_for_a_step(request):
            return TierModels.__call__(self, request)
        given = self.steps[min(self.chosen, len(self.steps) - 1)]
        self.chosen += 1
        if isinstance(given, Reply):
            return given
        return Reply(given if isinstance(given, str) else given(request))

    def _said(self, name: str, request: Received) -> dict[str, Any]:
        if name == "review":
            return {"issues": [], "alternative": "", "verdict": "approve"}
        return TierModels._said(self, name, request)


def previous_steps(request: Received) -> list[dict[str, Any]]:
    """The steps that a planner was told it took before."""
    text = request.blocks.sections["previous_steps"]
    return [] if text == "None yet." else [json.loads(line) for line in text.splitlines()]
