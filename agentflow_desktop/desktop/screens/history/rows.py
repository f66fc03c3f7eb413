"""Runs of the history as rows of a table. Knows no widget of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agentflow_desktop.core.money import format_usd
from agentflow_desktop.core.runs import RunState, RunSummary
from agentflow_desktop.desktop.formatting import format_moment
from agentflow_desktop.desktop.widgets.table_model import Cell, Column

COLUMNS = (
    Column("Task"),
    Column("", 40),
    Column("State", 118),
    Column("Cost", 84, is_number=True),
)
STATES: Mapping[RunState, tuple[str, str, str]] = {
    RunState.RUNNING: ("Running", "accent", "circle-half"),
    RunState.SUCCEEDED: ("Succeeded", "success", "check-circle-fill"),
    RunState.FAILED: ("Failed", "danger", "warning-circle-fill"),
    RunState.CANCELLED: ("Cancelled", "neutral", "minus-circle"),
    RunState.INTERRUPTED: ("Interrupted", "warning", "lightning-slash"),
}
"""Word, tone and icon of each state."""

_MARKS = {
    True: Cell(icon="thumbs-up-fill", icon_tone="success", tip="Marked useful"),
    False: Cell(icon="thumbs-down-fill", icon_tone="danger", tip="Marked not useful"),
    None: Cell(),
}


@dataclass(frozen=True, slots=True)
class HistoryRows:
    """The whole list: what is not read yet is drawn as waiting."""

    numbers: tuple[int, ...]
    runs: Mapping[int, RunSummary]
    now: datetime

    @property
    def count(self) -> int:
        return len(self.numbers)

    def cells(self, row: int) -> Sequence[Cell] | None:
        run = self.runs.get(self.numbers[row])
        return None if run is None else run_cells(run, self.now)


def run_cells(run: RunSummary, now: datetime) -> Sequence[Cell]:
    """Title over when, kind and models; mark; state; cost."""
    word, tone, icon = STATES[run.state]
    facts = [format_moment(run.started_at, now), run.task_kind, ", ".join(run.models)]
    mark = _MARKS[run.is_useful]
    tip = "\n".join(part for part in (run.title, run.note) if part)
    return (
        Cell(run.title, " \u00b7 ".join(filter(None, facts)), weight=500, tip=tip),
        mark,
        Cell(badge=word, badge_tone=tone, badge_icon=icon),
        Cell(format_usd(run.cost_usd)),
    )
