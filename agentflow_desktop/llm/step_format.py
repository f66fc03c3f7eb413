"""The step format of agentflow-planner-7b: how a reply names the next step, and how it is read.

A reply justifies its choice and ends with ``Context:``, ``Sub-Goal:`` and ``Tool Name:``. It is
read line by line: a label counts at the beginning of a line, each stands once, in this order, and
nothing follows the name of a tool that is offered. Anything else is no step. So words of a
document that the planner copies can't name a tool beside the one that it names itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentflow_desktop.core.routing import StepTool
from agentflow_desktop.llm.structured import FormProblem

_CONTEXT, _SUB_GOAL, _TOOL_NAME = "Context", "Sub-Goal", "Tool Name"
_REASON = "Justification"
_LONGEST_REASON = 1_000
_LABELS = (_CONTEXT, _SUB_GOAL, _TOOL_NAME)
_MOST_CHARACTERS = {_CONTEXT: 4_000, _SUB_GOAL: 1_000}


@dataclass(frozen=True, slots=True)
class ChosenStep:
    """A step that a planner named. ``context`` and ``sub_goal`` are its words, for the tool;
    ``reason`` is why it chose it, for a person."""

    tool: StepTool
    sub_goal: str
    context: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[StepTool, str]:
        """What makes two steps the same."""
        return self.tool, " ".join(self.sub_goal.split()).casefold()


def read_step(text: str, tools: Sequence[StepTool]) -> ChosenStep | FormProblem:
    """The step that ends a reply, or what is wrong with it."""
    lines = text.strip().removesuffix("```").splitlines()
    starts: dict[str, list[int]] = {label: [] for label in _LABELS}
    sections: dict[str, str] = {}
    for at, line in enumerate(lines):
        label = _label_of(line)
        if label:
            starts[label].append(at)
    problem = _problem_of(starts)
    if problem:
        return FormProblem("the three sections are not as they must be", problem)
    first, second, third = (starts[label][0] for label in _LABELS)
    for label, start, end in (
        (_CONTEXT, first, second), (_SUB_GOAL, second, third), (_TOOL_NAME, third, len(lines)),
    ):  # fmt: skip
        sections[label] = _section(lines[start:end], label)
    return _step_of(sections, tools, _reason(lines[:first]))


def tool_names(tools: Iterable[StepTool]) -> str:
    """The tools as a planner is told them."""
    return ", ".join(tools)


def _problem_of(starts: dict[str, list[int]]) -> str:
    missing = [f"{label}:" for label in _LABELS if not starts[label]]
    if missing:
        return f"These sections are missing: {', '.join(missing)}"
    doubled = [f"{label}:" for label in _LABELS if len(starts[label]) > 1]
    if doubled:
        return f"These sections stand more than once: {', '.join(doubled)}"
    order = [starts[label][0] for label in _LABELS]
    return "" if order == sorted(order) else "The sections are not in their order."


def _step_of(
    sections: dict[str, str], tools: Sequence[StepTool], reason: str
) -> ChosenStep | FormProblem:
    if not sections[_SUB_GOAL]:
        return FormProblem("no sub-goal", "The section Sub-Goal: is empty.")
    for label, most in _MOST_CHARACTERS.items():
        if len(sections[label]) > most:
            return FormProblem("too long", f"The section {label}: has more than {most} characters.")
    named = sections[_TOOL_NAME]
    tool = next((tool for tool in tools if _plain(tool) == _plain(named)), None)
    if tool is None:
        return FormProblem(
            "no such tool", f"{named[:80]!r} is none of the tools: {tool_names(tools)}."
        )
    return ChosenStep(tool, sections[_SUB_GOAL], sections[_CONTEXT], reason)


def _reason(lines: Sequence[str]) -> str:
    """What stands before the sections, without its label. A long one is cut: it decides nothing."""
    text = _unnumbered("\n".join(lines))
    label = next((form for form in _forms(_REASON) if text.startswith(form)), "")
    return text.removeprefix(label).strip()[:_LONGEST_REASON].rstrip()


def _plain(name: str) -> str:
    """A tool's name without regard to case and to how its words are joined."""
    return name.casefold().replace("_", "-").replace(" ", "-")


def _label_of(line: str) -> str:
    """The label that a line begins with; empty if it begins with none."""
    text = _unnumbered(line)
    return next((label for label in _LABELS if text.startswith(_forms(label))), "")


def _section(lines: Sequence[str], label: str) -> str:
    """The text of a section without its label."""
    first = _unnumbered(lines[0])
    form = next(form for form in _forms(label) if first.startswith(form))
    return "\n".join([first.removeprefix(form), *lines[1:]]).strip()


def _unnumbered(line: str) -> str:
    """A line without the number that it has in a list."""
    text = line.strip()
    number, dot, rest = text.partition(".")
    return rest.lstrip() if dot and number.isdigit() else text


def _forms(label: str) -> tuple[str, ...]:
    """A label as it is told to the model, and in bold, as the model likes to write it."""
    return f"{label}:", f"**{label}:**", f"**{label}**:"
