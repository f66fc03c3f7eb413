"""The texts that models are given, by name. The texts themselves are data (prompts.yaml)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from types import MappingProxyType

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import StepTool, TaskKind, VerificationMode

PROMPT_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "propose": frozenset({"guidance"}),
        "review": frozenset({"guidance", "check"}),
        "refine": frozenset({"guidance"}),
        "plan": frozenset({"guidance", "reading", "most"}),
        "answer": frozenset({"guidance", "reading"}),
        "findings": frozenset({"guidance", "reading", "room"}),
        "assess": frozenset({"guidance", "check", "most"}),
        "condense": frozenset({"guidance"}),
        "write": frozenset({"guidance", "reading"}),
        "step": frozenset({"guidance", "number", "most", "tools"}),
        "summarise": frozenset({"guidance", "reading"}),
        "repair_step": frozenset({"errors", "tools"}),
        **{f"tool_{tool}": frozenset[str]() for tool in StepTool},
        "earlier": frozenset[str](),
        "schema": frozenset({"schema"}),
        "repair": frozenset({"errors"}),
        **{f"kind_{kind}": frozenset[str]() for kind in TaskKind},
        **{f"read_{kind}": frozenset[str]() for kind in TaskKind},
        **{f"check_{mode}": frozenset[str]() for mode in VerificationMode},
    }
)
"""Every prompt that the program uses, with the placeholders (``${name}``) that it fills."""


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt as it stands. ``is_own``: the person's file has it, not the shipped one."""

    name: str
    text: str
    fields: tuple[str, ...]
    is_own: bool


class PromptLibrary:
    """The prompts, checked once. Raises ConfigurationError for a missing or unknown one."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        missing = sorted(PROMPT_FIELDS.keys() - texts.keys())
        unknown = sorted(texts.keys() - PROMPT_FIELDS.keys())
        if missing or unknown:
            parts = [f"missing: {', '.join(missing)}"] if missing else []
            parts += [f"unknown: {', '.join(unknown)}"] if unknown else []
            raise ConfigurationError(
                f"The prompts file does not fit this version ({'; '.join(parts)}).",
                hint="Compare it with the shipped prompts.yaml.",
            )
        for name, text in texts.items():
            _check_fields(name, text)
        self._texts = dict(texts)

    def render(self, name: str, **fields: str) -> str:
        """The text of a prompt with its placeholders filled."""
        return Template(self._texts[name]).substitute(fields).strip()

    def guidance(self, kind: TaskKind) -> str:
        """What a model is told to look for in tasks of a kind."""
        return self._texts[f"kind_{kind}"].strip()

    def tool(self, tool: StepTool) -> str:
        """What a planner that names one step at a time is told of a tool."""
        return " ".join(self._texts[f"tool_{tool}"].split())

    def reading(self, kind: TaskKind) -> str:
        """What is to be watched for in many or long documents of tasks of a kind."""
        return self._texts[f"read_{kind}"].strip()

    def check(self, mode: VerificationMode) -> str:
        """What a reviewer looks for in a mode."""
        return self._texts[f"check_{mode}"].strip()

    def digest(self) -> str:
        """SHA-256 in hex over all texts: an edited prompt makes other answers."""
        parts = [f"{name}\0{self._texts[name]}" for name in sorted(self._texts)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _check_fields(name: str, text: str) -> None:
    template = Template(text)
    found = frozenset(template.get_identifiers())
    if not template.is_valid() or found != PROMPT_FIELDS[name]:
        wanted = ", ".join(f"${{{field}}}" for field in sorted(PROMPT_FIELDS[name])) or "none"
        raise ConfigurationError(
            f"The prompt {name!r} has other placeholders than it must have (must have: {wanted}).",
            hint="A dollar sign that is meant as such is written $$.",
        )
