"""The questions that a newcomer can ask at once, over files that come with the program."""

from dataclasses import dataclass
from pathlib import Path

from agentflow_desktop.core.errors import ConfigurationError
from agentflow_desktop.core.routing import TaskKind
from agentflow_desktop.desktop.resources import resource_path


@dataclass(frozen=True, slots=True)
class Example:
    """A task over a shipped folder. ``about`` says in a few words what the folder holds."""

    task: str
    about: str
    folder: Path
    task_kind: TaskKind


_EXAMPLES = (
    (
        "What limits the charge current?",
        "two battery data sheets, notes, a log",
        "battery",
        TaskKind.DOCUMENTS,
    ),
    (
        "What happens to a line with a wrong CRC?",
        "a small Python program",
        "code",
        TaskKind.CODEBASE,
    ),
)


def shipped_examples() -> tuple[Example, ...]:
    """The examples that this installation has."""
    found: list[Example] = []
    for task, about, folder, task_kind in _EXAMPLES:
        try:
            path = resource_path(f"examples/{folder}")
        except ConfigurationError:
            continue  # packagers may leave the examples out
        found.append(Example(task, about, path, task_kind))
    return tuple(found)
