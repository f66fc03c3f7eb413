"""One command as it was called: its terminal and overrides, and the way into the application."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import typer

from agentflow_desktop.app.wiring import (
    Application,
    Configuration,
    ProgramSession,
    open_application,
    open_session,
)
from agentflow_desktop.cli.terminal import Terminal
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.core.timing import TimingProfile


class Invocation:
    """What every command is given as its context's object."""

    def __init__(
        self, overrides: Overrides, terminal: Terminal, timing: TimingProfile | None
    ) -> None:
        self.overrides = overrides
        self.terminal = terminal
        self.session: ProgramSession = open_session(overrides, terminal.err)
        self._timing = timing

    def change(self, key: str, value: str | None) -> None:
        """Override one setting for this command, before ``start``; None leaves it as it is."""
        if value is not None:
            values = {**self.overrides.values, key: value}
            self.overrides = Overrides(values, self.overrides.config_file, self.overrides.debug)
            self.session = open_session(self.overrides, self.terminal.err)

    def mark(self, step: str) -> None:
        """Name the step that ended now in the timing profile, if one was asked for."""
        if self._timing is not None:
            self._timing.mark(step)

    def start(self) -> Configuration:
        """Read the configuration and begin to log. Raises ConfigurationError."""
        configuration = self.session.start()
        self.mark("read the configuration")
        return configuration

    def run(
        self,
        work: Callable[[Application], Awaitable[int]],
        configuration: Configuration | None = None,
    ) -> int:
        """Open the application, do the work in it, close it, and give the exit code.

        ``configuration`` is what ``start`` gave, if something of it was changed.
        """
        configuration = configuration or self.start()

        async def main() -> int:
            async with open_application(
                self.overrides, redactor=self.session.redactor, configuration=configuration
            ) as application:
                self.mark("open the application")
                code = await work(application)
                self.mark("do the work")
            self.mark("close the application")
            return code

        with asyncio.Runner() as runner:
            return runner.run(main())

    def close(self) -> None:
        """Write what is left of the log."""
        self.session.close()


def invocation_of(context: typer.Context) -> Invocation:
    """The invocation that a command was called with."""
    return cast(Invocation, context.obj)


def given_path(path: Path) -> Path:
    """The path as it was given; ``~`` is the home folder even where no shell replaced it."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  (Path.expanduser raises for ~nobody)
