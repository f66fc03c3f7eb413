"""Keeps what is typed, a moment after it was typed. Plain Python, no widget."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agentflow_desktop.core.errors import StorageError
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.tasks.doors import DraftDoor
from agentflow_desktop.desktop.view_model import Spawn
from agentflow_desktop.workflows.ask.drafts import TaskDraft

SAVE_AFTER_S = 0.5


class SavePhase(StrEnum):
    NOTHING = "nothing"  # nothing was typed since the start
    WAITING = "waiting"
    SAVED = "saved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SaveState:
    """How the drafts stand. ``problem`` is why they could not be read or kept."""

    phase: SavePhase = SavePhase.NOTHING
    problem: Problem | None = None


NOTHING_SAVED = SaveState()


class DraftKeeper:
    """Stores the drafts that ``current`` gives, ``after_s`` after the first change since they
    were stored last: a crash costs less than a second of typing."""

    def __init__(
        self,
        spawn: Spawn,
        current: Callable[[], Sequence[TaskDraft]],
        tell: Callable[[SaveState], None],
        after_s: float,
    ) -> None:
        self._spawn = spawn
        self._current = current
        self._tell = tell
        self._after_s = after_s
        self._door: DraftDoor | None = None
        self._kept: dict[str, TaskDraft] = {}  # as they are stored
        self._saving: asyncio.Task[Any] | None = None

    async def load(self, door: DraftDoor) -> Sequence[TaskDraft] | None:
        """The drafts of the last session, None if they can't be read; then none is kept either:
        what is stored must not be taken for closed."""
        try:
            drafts = await door.load()
        except StorageError as error:
            self._tell(SaveState(SavePhase.FAILED, problem_of(error)))
            return None
        self._kept = {draft.draft_id: draft for draft in drafts}
        self._door = door
        return drafts

    def connect(self, door: DraftDoor) -> None:
        """Keep changes from now on, behind another door than before."""
        self._door = door
        self.note_change()

    def disconnect(self) -> None:
        """The door is closing. What is not kept yet is kept now."""
        self._door = None
        if self._saving is not None:
            self._saving.cancel()  # which saves at once

    def note_change(self) -> None:
        """Something may have changed: store it soon if so."""
        door = self._door
        if door is None or self._saving is not None:
            return
        kept, dropped = self._changes()
        if kept or dropped:
            self._tell(SaveState(SavePhase.WAITING))
            self._saving = self._spawn(self._save_soon(door))

    async def _save_soon(self, door: DraftDoor) -> None:
        try:
            await asyncio.sleep(self._after_s)
        finally:  # when cancelled too: the program is being closed
            self._saving = None
            await self._save(door)

    async def _save(self, door: DraftDoor) -> None:
        kept, dropped = self._changes()
        try:
            await door.keep(kept, dropped)
        except StorageError as error:
            self._tell(SaveState(SavePhase.FAILED, problem_of(error)))
            return
        self._kept |= {draft.draft_id: draft for draft in kept}
        for draft_id in dropped:
            del self._kept[draft_id]
        self._tell(SaveState(SavePhase.SAVED))

    def _changes(self) -> tuple[list[TaskDraft], list[str]]:
        """What must be stored, and which ids must be forgotten."""
        current = {draft.draft_id: draft for draft in self._current()}
        kept = [draft for key, draft in current.items() if self._kept.get(key) != draft]
        return kept, [key for key in self._kept if key not in current]
