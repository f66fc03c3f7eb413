"""The door for settings: what each is for, what it is and where from, and changing it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from agentflow_desktop.core.setting_descriptions import SettingDescription
from agentflow_desktop.core.settings import LoadedSettings, SettingLine


class SettingsFile(Protocol):
    """The person's settings file among the layers. Every method may block."""

    @property
    def file(self) -> Path: ...
    def describe(self) -> Sequence[SettingDescription]: ...
    def load(self) -> LoadedSettings: ...
    def problem_of(self, changes: Mapping[str, str | None]) -> str: ...
    def change(self, changes: Mapping[str, str | None]) -> None: ...


class SettingsQueries:
    """Reads and changes settings as the files hold them now.

    A program that is open goes on with those it was opened with; opening it anew applies a change.
    """

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings

    @property
    def file(self) -> Path:
        """The file that changes go into; it need not be there yet."""
        return self._settings.file

    async def describe(self) -> Sequence[SettingDescription]:
        """Every setting with its documentation, in the order of the sections."""
        return await asyncio.to_thread(self._settings.describe)

    async def lines(self) -> Sequence[SettingLine]:
        """Every setting with its value and origin. Raises ConfigurationError for a bad file."""
        loaded = await asyncio.to_thread(self._settings.load)
        return loaded.lines

    async def problem_of(self, changes: Mapping[str, str]) -> str:
        """Why these values can't stand together, in one sentence; empty if they can."""
        return await asyncio.to_thread(self._settings.problem_of, changes)

    async def change(self, changes: Mapping[str, str | None]) -> None:
        """Write values into the person's file; None takes one away. Comments and order stay.

        Raises InputRefused for what the environment or a flag gives, ConfigurationError for what
        can't stand, StorageError; then nothing is changed.
        """
        await asyncio.to_thread(self._settings.change, changes)

    async def reset(self, keys: Sequence[str]) -> None:
        """Take own values away, so that the shipped ones hold. Raises as ``change``."""
        await asyncio.to_thread(self._settings.change, dict.fromkeys(keys))
