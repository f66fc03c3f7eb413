"""What the Settings screen knows of settings. Plain Python: no widget, no file.

A typed value is checked as it stands and written when it is meant; what is refused stays in its
row with the reason. Refused values of one page that only fit together are written together.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from agentflow_desktop.core.errors import AgentFlowError
from agentflow_desktop.core.setting_descriptions import SettingDescription
from agentflow_desktop.core.settings import Origin, SettingLine
from agentflow_desktop.desktop.problem import Problem, problem_of
from agentflow_desktop.desktop.screens.settings.pages import (
    SettingsPage,
    group_of,
    page_of,
    title_of,
)
from agentflow_desktop.desktop.view_model import Spawn, ViewModel

CHECK_PAUSE_S = 0.2


class SettingsDoor(Protocol):
    """What the screen uses of the door for settings."""

    @property
    def file(self) -> Path: ...
    async def describe(self) -> Sequence[SettingDescription]: ...
    async def lines(self) -> Sequence[SettingLine]: ...
    async def problem_of(self, changes: Mapping[str, str]) -> str: ...
    async def change(self, changes: Mapping[str, str | None]) -> None: ...
    async def reset(self, keys: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting with its value. ``draft`` is what is typed and not written; None if nothing is."""

    description: SettingDescription
    line: SettingLine
    draft: str | None = None
    problem: str = ""

    @property
    def key(self) -> str:
        return self.description.key

    @property
    def title(self) -> str:
        return title_of(self.key)

    @property
    def shown(self) -> str:
        """What stands in the editor."""
        return self.line.value if self.draft is None else self.draft

    @property
    def is_own(self) -> bool:
        return self.line.origin is Origin.USER

    @property
    def is_given(self) -> bool:
        """Whether the environment or a flag gives it, so that no file can change it."""
        return self.line.origin in (Origin.ENVIRONMENT, Origin.FLAG)

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether every word stands in its name, its key, its group or its documentation."""
        group = f"{page_of(self.key)} {group_of(self.key)}"
        text = f"{self.title} {self.key} {group} {self.description.documentation}".lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class SettingsState:
    """``searched`` empty: one page is shown. ``revealed`` is a setting to bring into view."""

    page: SettingsPage = SettingsPage.MODELS
    searched: str = ""
    rows: tuple[SettingRow, ...] = ()
    revealed: str = ""
    is_open: bool = False
    problem: Problem | None = None
    file: Path | None = None

    @property
    def found(self) -> tuple[SettingRow, ...]:
        """The rows that the search finds, or those of the page."""
        words = self.searched.lower().split()
        if words:
            return tuple(row for row in self.rows if row.has_words(words))
        return tuple(row for row in self.rows if page_of(row.key) is self.page)

    def row(self, key: str) -> SettingRow | None:
        """The row of that setting."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(slots=True)
class _Checks:
    """The check that waits or goes on, by setting."""

    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict[str, asyncio.Task[Any]])

    def stop(self, key: str) -> None:
        task = self.tasks.pop(key, None)
        if task is not None:
            task.cancel()


class SettingsViewModel(ViewModel[SettingsState]):
    """``on_changed`` is told after every change that was written."""

    def __init__(
        self,
        *,
        spawn: Spawn,
        on_changed: Callable[[], None],
        check_pause_s: float = CHECK_PAUSE_S,
    ) -> None:
        super().__init__(SettingsState())
        self._spawn = spawn
        self._on_changed = on_changed
        self._check_pause_s = check_pause_s
        self._door: SettingsDoor | None = None
        self._checks = _Checks()

    def connect(self, door: SettingsDoor) -> None:
        """The settings can be read and changed from now on."""
        self._door = door
        self._change(is_open=True, file=door.file)
        self.refresh()

    def disconnect(self) -> None:
        self._door = None
        self._change(is_open=False)

    def refresh(self) -> None:
        """Read the settings again: a file or another program may have changed them."""
        if self._door is not None:
            self._spawn(self._load(self._door))

    def show_page(self, page: SettingsPage) -> None:
        self._change(page=page, searched="", revealed="")

    def search(self, text: str) -> None:
        """Show the settings that have these words, of every page."""
        self._change(searched=text, revealed="")

    def reveal(self, key: str) -> None:
        """Show the page of a setting and bring it into view."""
        self._change(page=page_of(key), searched="", revealed=key)

    def type(self, key: str, text: str) -> None:
        """Something is typed: it is checked in a moment, and not written."""
        row = self.state.row(key)
        if row is None or row.is_given or text == row.shown:
            return
        self._checks.stop(key)
        is_back = text == row.line.value
        self._put(replace(row, draft=None if is_back else text, problem=""))
        if not is_back and self._door is not None:
            self._checks.tasks[key] = self._spawn(self._check(self._door, key, text))

    def commit(self, key: str, text: str) -> None:
        """The value is meant: write it, or say in its row why it can't be."""
        row = self.state.row(key)
        if row is None or row.is_given or self._door is None:
            return
        self._checks.stop(key)
        if text == row.line.value:
            self._put(replace(row, draft=None, problem=""))
            return
        self._put(replace(row, draft=text))
        self._spawn(self._write(self._door, key, text))

    def reset(self, key: str) -> None:
        """Back to the value that the program ships."""
        if self._door is not None:
            self._checks.stop(key)
            self._spawn(self._reset(self._door, key))

    async def _load(self, door: SettingsDoor) -> None:
        try:
            descriptions = await door.describe()
            lines = {line.key: line for line in await door.lines()}
        except AgentFlowError as error:
            self._change(problem=problem_of(error))
            return
        rows: list[SettingRow] = []
        for description in descriptions:
            line, before = lines.get(description.key), self.state.row(description.key)
            if line is None:
                continue  # a weight of one kind of task that nobody has set
            row = SettingRow(description, line)
            if before is not None and before.draft not in (None, line.value):
                row = replace(row, draft=before.draft, problem=before.problem)
            rows.append(row)
        self._change(rows=tuple(rows), problem=None)

    async def _check(self, door: SettingsDoor, key: str, text: str) -> None:
        await asyncio.sleep(self._check_pause_s)
        _, problem = await self._fitting(door, key, text)
        row = self.state.row(key)
        if row is not None and row.draft == text:
            self._put(replace(row, problem=problem))

    async def _write(self, door: SettingsDoor, key: str, text: str) -> None:
        changes, problem = await self._fitting(door, key, text)
        if not problem:
            try:
                await door.change(changes)
            except AgentFlowError as error:
                problem = problem_of(error).words
        row = self.state.row(key)
        if problem:
            if row is not None and row.draft == text:
                self._put(replace(row, problem=problem))
            return
        for written in changes:
            row = self.state.row(written)
            if row is not None and row.draft == changes[written]:
                self._put(replace(row, draft=None, problem=""))
        await self._load(door)
        self._on_changed()

    async def _fitting(self, door: SettingsDoor, key: str, text: str) -> tuple[dict[str, str], str]:
        """The change, with other refused values of the page if only all of them fit, and what
        is wrong with it."""
        alone = {key: text}
        problem = await door.problem_of(alone)
        page = page_of(key)
        others = {
            row.key: row.draft
            for row in self.state.rows
            if row.draft is not None and row.key != key and page_of(row.key) is page
        }
        if problem and others:
            together = {**others, **alone}
            if not await door.problem_of(together):
                return together, ""
        return alone, problem

    async def _reset(self, door: SettingsDoor, key: str) -> None:
        row = self.state.row(key)
        try:
            await door.reset([key])
        except AgentFlowError as error:
            if row is not None:
                self._put(replace(row, problem=problem_of(error).words))
            return
        if row is not None:
            self._put(replace(row, draft=None, problem=""))
        await self._load(door)
        self._on_changed()

    def _put(self, row: SettingRow) -> None:
        rows = tuple(row if old.key == row.key else old for old in self.state.rows)
        self._change(rows=rows)
