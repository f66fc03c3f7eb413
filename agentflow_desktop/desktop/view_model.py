"""What every view-model shares: one frozen state, and who is told when it changes. No Qt."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

StateT = TypeVar("StateT")
Spawn = Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]]
"""Begins work that the window owns; see ``desktop.tasks.TaskScope.spawn``."""


class ViewModel(Generic[StateT]):
    """Holds the state that a view renders. ``StateT`` is a frozen dataclass."""

    def __init__(self, state: StateT) -> None:
        self._state = state
        self._listeners: list[Callable[[StateT], None]] = []

    @property
    def state(self) -> StateT:
        return self._state

    def listen(self, listener: Callable[[StateT], None]) -> Callable[[], None]:
        """Call the listener after every change; gives what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _change(self, **changes: Any) -> None:
        """Replace fields of the state and tell everyone who listens."""
        self._state = cast(StateT, replace(cast(Any, self._state), **changes))
        for listener in tuple(self._listeners):
            listener(self._state)
