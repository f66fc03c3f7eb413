"""The real doors for setting up, over files of a home of their own, for view-models."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow_desktop.adapters.keyring_store import KeyringStore
from agentflow_desktop.app.model_editing import ModelEditing
from agentflow_desktop.app.settings_queries import SettingsQueries
from agentflow_desktop.app.wiring import model_door, settings_door
from agentflow_desktop.core.settings import Overrides
from agentflow_desktop.llm.probe_report import ProbeReport
from support.loopback_server import LoopbackServer


class UnwantedProbes:
    """The door for probes of a program that is not open: nobody may be asked through it."""

    async def probe_price(self, name: str) -> Decimal:
        raise AssertionError(f"{name} was to be probed")

    async def probe(self, name: str) -> ProbeReport:
        raise AssertionError(f"{name} was to be probed")

    async def keep_probe(self, report: ProbeReport) -> Path | None:
        raise AssertionError(f"{report.name} was to be changed")


class SetupDoors:
    """``environ`` is what the program sees; ``changes`` counts what was written."""

    def __init__(self, home: Path, *servers: LoopbackServer, **environ: str) -> None:
        self.home = home
        self.environ = {"AGENTFLOW_HOME": str(home), **environ}
        self.changes = 0
        self.seen_keys: list[str] = []
        self.keys = KeyringStore(self.environ, self.seen_keys.append)
        self.tasks: set[asyncio.Task[Any]] = set()
        ports = [int(server.base_url.split(":")[2].split("/")[0]) for server in servers]
        self.settings: SettingsQueries = settings_door(self.environ, Overrides())
        self.models: ModelEditing = model_door(
            self.environ, Overrides(), self.keys, usual_ports=ports
        )

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        return task

    def note_change(self) -> None:
        self.changes += 1

    async def settle(self) -> None:
        """Until nothing goes on any more; what a task raised is raised here."""
        while waiting := [task for task in self.tasks if not task.done()]:
            await asyncio.wait(waiting)
        for task in self.tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def text_of(self, name: str) -> str:
        """A file of the home's ``config``, empty if it is not there."""
        path = self.home / "config" / name
        return path.read_text("utf-8") if path.exists() else ""

    def files_with(self, text: str) -> list[str]:
        """The files below the home in which the text stands."""
        paths = [path for path in self.home.rglob("*") if path.is_file()]
        return [str(path) for path in paths if text.encode() in path.read_bytes()]
