"""What a person typed and has not run, or has run and kept open. Owns no file and no widget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentflow_desktop.workflows.ask.model import AskRequest


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """One open task. ``run_id`` is the run that was looked at with it, empty if none was.

    ``follow_up`` is what stands in the field for the next question. Ids sort by the time at which
    the task was opened.
    """

    draft_id: str
    request: AskRequest
    run_id: str = ""
    follow_up: str = ""
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as it is stored: ``body`` is text that the store does not look into."""

    draft_id: str
    body: str


class DraftStore(Protocol):
    """Keeps drafts over restarts and crashes."""

    async def rows(self) -> Sequence[DraftRow]:
        """All of them, in the order in which their tasks were opened."""
        ...

    async def change(self, kept: Sequence[DraftRow], dropped: Sequence[str]) -> None:
        """Add or replace some and forget others, all or nothing."""
        ...
