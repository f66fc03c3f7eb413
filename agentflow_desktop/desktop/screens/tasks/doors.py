"""What the Tasks screen needs of the rest of the program, as protocols."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from agentflow_desktop.core.events import RunEvent
from agentflow_desktop.core.runs import RunSummary
from agentflow_desktop.documents.document import FileReading, Selection
from agentflow_desktop.documents.page_image import PageImage
from agentflow_desktop.workflows.ask.drafts import TaskDraft
from agentflow_desktop.workflows.ask.model import AskPlan, AskRequest


class StartedRun(Protocol):
    """What the screen uses of a run's handle."""

    @property
    def run_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def bug(self) -> Exception | None: ...
    def events(self) -> AsyncIterator[RunEvent]: ...
    def cancel(self) -> None: ...


class RunDoor(Protocol):
    def start(self, request: object) -> StartedRun: ...

    @property
    def running(self) -> Sequence[StartedRun]: ...


class DraftDoor(Protocol):
    async def load(self) -> Sequence[TaskDraft]: ...
    async def keep(self, kept: Sequence[TaskDraft], dropped: Sequence[str] = ()) -> None: ...


class SourceDoor(Protocol):
    async def source_text(self, selection: Selection, name: str) -> FileReading: ...

    async def page_image(
        self,
        selection: Selection,
        name: str,
        page: int,
        quote_span: tuple[int, int] | None,
        width_px: int,
    ) -> PageImage: ...


class HistoryDoor(Protocol):
    async def run_events(self, run: str) -> tuple[RunSummary, Sequence[RunEvent]]: ...
    async def rate(self, run: str, is_useful: bool | None) -> RunSummary: ...


class ReportDoor(Protocol):
    async def write(self, run_id_prefix: str, path: Path, *, may_replace: bool) -> bool: ...


class QueryDoor(Protocol):
    async def plan_ask(self, request: AskRequest) -> AskPlan: ...

    @property
    def history(self) -> HistoryDoor: ...

    @property
    def reports(self) -> ReportDoor: ...

    @property
    def sources(self) -> SourceDoor: ...

    @property
    def drafts(self) -> DraftDoor: ...
