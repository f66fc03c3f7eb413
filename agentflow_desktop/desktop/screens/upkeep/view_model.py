"""What the pages Logging, Data, Prompts and About know. Plain Python; read when they are shown."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agentflow_desktop.app.upkeep_queries import BackupLine, Place
from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.licences import Licence
from agentflow_desktop.core.log_lines import LogLevel, LogLine, LogTail
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.view_model import Spawn, ViewModel
from agentflow_desktop.llm.prompts import PromptText

MOST_LOG_LINES = 500


class UpkeepDoor(Protocol):
    """What the pages use of the door for upkeep."""

    @property
    def prompts_file(self) -> Path: ...
    async def places(self) -> Sequence[Place]: ...
    async def backups(self) -> Sequence[BackupLine]: ...
    async def back_up(self) -> Path: ...
    async def check_database(self) -> str: ...
    async def log_tail(
        self, *, most: int, least: LogLevel = LogLevel.DEBUG, run_id: str = ""
    ) -> LogTail: ...
    async def prompts(self) -> Sequence[PromptText]: ...
    async def licences(self) -> Sequence[Licence]: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the last backup or check found, as a sentence."""

    words: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class UpkeepState:
    """``busy`` says what goes on now, empty if nothing does."""

    is_open: bool = False
    places: tuple[Place, ...] = ()
    backups: tuple[BackupLine, ...] = ()
    busy: str = ""
    outcome: Outcome | None = None
    log: tuple[LogLine, ...] = ()
    log_file: Path | None = None
    log_level: LogLevel = LogLevel.INFO
    log_run: str = ""
    prompts: tuple[PromptText, ...] = ()
    prompts_file: Path | None = None
    licences: tuple[Licence, ...] = ()
    problem: Problem | None = None


class UpkeepViewModel(ViewModel[UpkeepState]):
    """Reads what a page shows when it is shown, and makes backups and checks when asked."""

    def __init__(self, *, spawn: Spawn) -> None:
        super().__init__(UpkeepState())
        self._spawn = spawn
        self._door: UpkeepDoor | None = None
        self._reading_log: asyncio.Task[Any] | None = None

    def connect(self, door: UpkeepDoor) -> None:
        self._door = door
        self._change(is_open=True, prompts_file=door.prompts_file)

    def disconnect(self) -> None:
        self._door = None
        self._change(is_open=False, busy="")

    def show_data(self) -> None:
        """Measure the folders and list the backups."""
        if self._door is not None:
            self._spawn(self._guarded(self._read_data(self._door)))

    def show_log(self) -> None:
        """Read the end of the log."""
        if self._door is None:
            return
        if self._reading_log is not None:
            self._reading_log.cancel()
        self._reading_log = self._spawn(self._guarded(self._read_log(self._door)))

    def filter_log(self, level: LogLevel, run_id: str) -> None:
        """Show only lines that matter so much, and of a run if one is named."""
        self._change(log_level=level, log_run=run_id.strip())
        self.show_log()

    def show_prompts(self) -> None:
        """Read the prompts."""
        if self._door is not None:
            self._spawn(self._guarded(self._read_prompts(self._door)))

    def show_licences(self) -> None:
        """Read what is installed, once."""
        if self._door is not None and not self.state.licences:
            self._spawn(self._guarded(self._read_licences(self._door)))

    def back_up(self) -> None:
        """Copy the database now."""
        if self._door is not None and not self.state.busy:
            self._change(busy="Copying the database", outcome=None)
            self._spawn(self._guarded(self._back_up(self._door)))

    def check(self) -> None:
        """Have SQLite check the database now."""
        if self._door is not None and not self.state.busy:
            self._change(busy="Checking the database", outcome=None)
            self._spawn(self._guarded(self._check(self._door)))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AgentFlowError as error:
            self._change(problem=problem_of(error), busy="")
        else:
            self._change(problem=None)

    async def _read_data(self, door: UpkeepDoor) -> None:
        self._change(places=tuple(await door.places()), backups=tuple(await door.backups()))

    async def _read_log(self, door: UpkeepDoor) -> None:
        shown = self.state
        tail = await door.log_tail(most=MOST_LOG_LINES, least=shown.log_level, run_id=shown.log_run)
        self._change(log=tail.lines, log_file=tail.path)

    async def _read_prompts(self, door: UpkeepDoor) -> None:
        self._change(prompts=tuple(await door.prompts()))

    async def _read_licences(self, door: UpkeepDoor) -> None:
        self._change(licences=tuple(await door.licences()))

    async def _back_up(self, door: UpkeepDoor) -> None:
        path = await door.back_up()
        self._change(busy="", outcome=Outcome(f"Copied to {path.name}.", is_good=True))
        await self._read_data(door)

    async def _check(self, door: UpkeepDoor) -> None:
        found = await door.check_database()
        outcome = Outcome("The database is sound.", is_good=True)
        if found:
            outcome = Outcome(f"The database is damaged: {found}", is_good=False)
        self._change(busy="", outcome=outcome)
