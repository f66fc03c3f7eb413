"""When a change of settings, models or keys takes hold: the program behind the window is opened
anew, once no run goes on. Plain Python, shared by every screen that changes something.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from agentflow_desktop.desktop.view_model import ViewModel

PAUSE_S = 0.6  # several changes in a row are applied at once


class RunningRuns(Protocol):
    @property
    def running(self) -> Sequence[object]: ...


class ApplyPhase(StrEnum):
    NOTHING = "nothing"  # what is open is what the files say
    SOON = "soon"
    WAITING = "waiting"  # for runs to end


@dataclass(frozen=True, slots=True)
class ApplyState:
    phase: ApplyPhase = ApplyPhase.NOTHING

    @property
    def words(self) -> str:
        """What a person is told; empty if there is nothing to tell."""
        match self.phase:
            case ApplyPhase.WAITING:
                return "Applies when the running task has ended"
            case ApplyPhase.SOON:
                return "Applying"
            case ApplyPhase.NOTHING:
                return ""


class Applier(ViewModel[ApplyState]):
    """``reopen`` opens the program anew once it is idle; that it is open comes by ``connect``."""

    def __init__(
        self,
        *,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        reopen: Callable[[], None],
        pause_s: float = PAUSE_S,
    ) -> None:
        super().__init__(ApplyState())
        self._spawn = spawn
        self._reopen = reopen
        self._pause_s = pause_s
        self._runs: RunningRuns | None = None
        self._waiting: asyncio.Task[Any] | None = None

    def connect(self, runs: RunningRuns) -> None:
        """The program is open with what the files say now."""
        self._runs = runs
        self._change(phase=ApplyPhase.NOTHING)

    def disconnect(self) -> None:
        self._runs = None

    def note_change(self) -> None:
        """Something was changed that an open program does not see."""
        if self._waiting is not None:
            self._waiting.cancel()
        runs_go_on = self._runs is not None and bool(self._runs.running)
        self._change(phase=ApplyPhase.WAITING if runs_go_on else ApplyPhase.SOON)
        self._waiting = self._spawn(self._apply())

    def give_up(self) -> None:
        """The program could not be opened: nothing is applied, unless a later change still is."""
        if self._waiting is None or self._waiting.done():
            self._change(phase=ApplyPhase.NOTHING)

    async def _apply(self) -> None:
        await asyncio.sleep(self._pause_s)
        self._reopen()
