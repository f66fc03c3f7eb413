"""What a process has before and after the application: configuration, log, keys, crash reports."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from agentflow_desktop.adapters.configuration import Configuration, load_configuration
from agentflow_desktop.adapters.crash_report import write_crash_report
from agentflow_desktop.adapters.folders import find_folders
from agentflow_desktop.adapters.keyring_store import KeyringStore
from agentflow_desktop.adapters.logging_setup import (
    LogSession,
    silence_logging,
    start_logging,
)
from agentflow_desktop.core.clock import SystemClock
from agentflow_desktop.core.redaction import Redactor
from agentflow_desktop.core.settings import Overrides

_KEY_VARIABLE_ENDS = ("_API_KEY", "_API_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_TOKEN")


class ProgramSession:
    """One process of the program from its start to its end.

    Logging is on from ``start`` to ``close``. The redactor knows the keys of the environment
    from the first moment, so that even a failing start can't show one.
    """

    def __init__(self, overrides: Overrides, environ: Mapping[str, str], console: TextIO) -> None:
        self._overrides = overrides
        self._environ = environ
        self._console = console
        self._log: LogSession | None = None
        self.redactor = Redactor(_key_values(environ))
        self.keys = KeyringStore(environ, self.redactor.add)

    def start(self) -> Configuration:
        """Read the configuration and begin to log. Raises ConfigurationError."""
        configuration = load_configuration(self._environ, self._overrides)
        for profile in configuration.profiles:
            self.redactor.add(self._environ.get(profile.key_env, ""))
        self._log = start_logging(
            configuration.settings.logging,
            configuration.log_directory,
            self.redactor,
            console=self._console,
            debug=self._overrides.debug,
        )
        return configuration

    def report_crash(self, error: BaseException, run_id: str = "") -> Path:
        """Write a crash report beside the logs and give its path. Raises OSError."""
        log_path = self._log.path() if self._log is not None else None
        usual = find_folders(self._environ).logs
        return write_crash_report(
            error,
            directory=log_path.parent if log_path is not None else usual,
            redactor=self.redactor,
            at=SystemClock().now(),
            run_id=run_id,
            log_path=log_path,
        )

    def close(self) -> None:
        """Write what is left of the log."""
        if self._log is not None:
            self._log.stop()


def open_session(
    overrides: Overrides, console: TextIO, environ: Mapping[str, str] | None = None
) -> ProgramSession:
    """The session of this process; reads and writes nothing yet."""
    silence_logging()
    return ProgramSession(overrides, os.environ if environ is None else environ, console)


def _key_values(environ: Mapping[str, str]) -> list[str]:
    return [
        value
        for name, value in environ.items()
        if name.startswith("AGENTFLOW_KEY_") or name.endswith(_KEY_VARIABLE_ENDS)
    ]
