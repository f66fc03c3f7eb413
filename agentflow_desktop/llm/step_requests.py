"""What a planner that names one step at a time is asked: the next step, and a summary.

The fields are those that agentflow-planner-7b was trained with (Query, Query Analysis, Available
Tools, Toolbox Metadata, Previous Steps), each fenced as data. Query analysis and previous steps
share the room: both are made by code, and cut so that a request always fits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agentflow_desktop.core.routing import StepTool
from agentflow_desktop.core.settings import VerificationSettings
from agentflow_desktop.documents.outline import Outline
from agentflow_desktop.documents.tokens import raw_tokens
from agentflow_desktop.llm.claims import Finding, PlannedQuestion
from agentflow_desktop.llm.material import cut
from agentflow_desktop.llm.messages import ModelRequest
from agentflow_desktop.llm.packs import Pack
from agentflow_desktop.llm.prompts import PromptLibrary
from agentflow_desktop.llm.provider import ModelProfile
from agentflow_desktop.llm.question import Question, UserTurn, as_data, user_turn, write_request
from agentflow_desktop.llm.reading_requests import describe_questions
from agentflow_desktop.llm.source_blocks import render_blocks
from agentflow_desktop.llm.step_format import ChosenStep, tool_names
from agentflow_desktop.llm.windows import Windows

MOST_STEPS = 5
"""agentflow-planner-7b was trained with three to five."""

_FENCES_TOKENS = 600  # fences and labels of the fields, and the sentence above them
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "task": "- **Query:**",
        "query_analysis": "- **Query Analysis:**",
        "earlier": "- **Asked Before:**",
        "context": "- **Given With The Query:**",
        "available_tools": "- **Available Tools:**",
        "toolbox_metadata": "- **Toolbox Metadata:**",
        "previous_steps": "- **Previous Steps:**",
    }
)
_FINDING_CHARACTERS = (400, 150, 60, 0)
"""How much of a finding the planner sees, tried in turn until the steps fit."""


@dataclass(frozen=True, slots=True)
class TakenStep:
    """A step and what came of it: findings, and a sentence of code."""

    number: int
    chosen: ChosenStep
    result: str
    findings: tuple[Finding, ...] = ()


class StepWriter:
    """Writes the requests."""

    def __init__(
        self, prompts: PromptLibrary, settings: VerificationSettings, windows: Windows
    ) -> None:
        self._prompts = prompts
        self._settings = settings
        self._windows = windows

    def choose(
        self,
        question: Question,
        profile: ModelProfile,
        outline: Outline,
        tools: Sequence[StepTool],
        taken: Sequence[TakenStep],
    ) -> ModelRequest:
        """Ask for the next step."""
        system = self._prompts.render(
            "step",
            guidance=question.guidance(self._prompts),
            number=str(len(taken) + 1),
            most=str(MOST_STEPS),
            tools=tool_names(tools),
        )
        fixed = {
            "available_tools": as_data(list(tools)),
            "toolbox_metadata": as_data({tool: self._prompts.tool(tool) for tool in tools}),
        }
        room = self._windows.planner_room(profile) - _FENCES_TOKENS
        room -= raw_tokens(system) + question.typed_raw
        room -= sum(raw_tokens(text) for text in fixed.values())
        previous = describe_steps(taken, room // 2)
        analysis = _analysis(question, outline, tools, room - raw_tokens(previous))
        sections = {"task": question.task, "query_analysis": analysis}
        if question.earlier:
            sections["earlier"] = question.earlier
        if question.context.strip():
            sections["context"] = question.context
        named = {**sections, **fixed, "previous_steps": previous}
        turn = UserTurn("", render_blocks((), named, question.mark, _LABELS))
        most, temperature = self._settings.max_review_tokens, self._settings.temperature
        return write_request(profile, system, turn, most, temperature)

    def summarise(
        self, question: Question, profile: ModelProfile, pack: Pack, asked: PlannedQuestion
    ) -> ModelRequest:
        """Ask what the documents, which the planner takes whole, say about a sub-goal."""
        system = self._prompts.render(
            "summarise",
            guidance=question.guidance(self._prompts),
            reading=self._prompts.reading(question.kind),
        )
        sections = {"questions": describe_questions([asked])}
        turn = user_turn(question, pack.texts(question.documents), sections)
        most, temperature = self._settings.max_answer_tokens, self._settings.temperature
        return write_request(profile, system, turn, most, temperature)


def describe_steps(taken: Sequence[TakenStep], room: int) -> str:
    """The steps so far, one a line of JSON, their findings cut as the room demands; the oldest
    are left out, and counted, where not even that is enough."""
    if not taken:
        return "None yet."
    lines: list[str] = []
    for characters in _FINDING_CHARACTERS:
        lines = [_step_line(step, characters) for step in taken]
        if raw_tokens("\n".join(lines)) <= room:
            return "\n".join(lines)
    kept: list[str] = []
    for line in reversed(lines):
        room -= raw_tokens(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    return "\n".join([f"({len(lines) - len(kept)} earlier steps are not shown)", *kept])


def _step_line(step: TakenStep, characters: int) -> str:
    shown: dict[str, object] = {
        "step": step.number,
        "tool": step.chosen.tool,
        "sub_goal": cut(step.chosen.sub_goal, max(characters, 100)),
        "result": cut(step.result, max(characters, 100)),
    }
    if step.findings and characters:
        shown["findings"] = [cut(f.claim.text, characters) for f in step.findings]
    return json.dumps(shown, ensure_ascii=False)


def _analysis(question: Question, outline: Outline, tools: Sequence[StepTool], room: int) -> str:
    """What code knows of the query: its kind, the documents, and how they can be reached."""
    way = (
        "They are short: every tool can read them."
        if StepTool.SUMMARISE in tools
        else "They are long: only ask-heavy reads them."
    )
    head = (
        f"A task of the kind {question.kind}, over {len(outline.files):,} documents of about"
        f" {outline.raw_tokens:,} tokens together. {way} Their outline:"
    )
    return f"{head}\n{outline.text(room - raw_tokens(head))}"
