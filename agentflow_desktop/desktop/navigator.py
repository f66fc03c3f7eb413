"""Ways from one screen to another, without the screens knowing each other."""

from collections.abc import Callable
from dataclasses import dataclass

from agentflow_desktop.workflows.ask.model import AskRequest


@dataclass(frozen=True, slots=True)
class OpenRun:
    """Show a run of the history where it can be read whole."""

    run_id: str


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Put this request before the person, ready to be run."""

    request: AskRequest


@dataclass(frozen=True, slots=True)
class ShowSetting:
    """Bring the setting of this key into view."""

    key: str


Subject = OpenRun | AskAgain | ShowSetting


class Navigator:
    """``go`` brings a screen to the front. The window says how by ``on_go``."""

    def __init__(self) -> None:
        self._open: Callable[[str, Subject | None], None] | None = None

    def on_go(self, open_screen: Callable[[str, Subject | None], None]) -> None:
        self._open = open_screen

    def go(self, screen: str, subject: Subject | None = None) -> None:
        """Show the screen of that key and, if a subject is given, the subject in it."""
        if self._open is not None:
            self._open(screen, subject)
