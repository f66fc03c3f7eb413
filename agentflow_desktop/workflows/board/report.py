"""What is told of a self-test: one structure, from which table, page and file are written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from agentflow_desktop.core.clock import to_iso_z
from agentflow_desktop.core.events import RunEvent, RunStarted, RunSucceeded
from agentflow_desktop.workflows.board.faults import NOT_PROVOKED
from agentflow_desktop.workflows.board.model import (
    CampaignLine,
    Release,
    SelftestResult,
    SelftestRow,
)
from agentflow_desktop.workflows.board.wording import VERDICTS, quantity

TITLE = "Self-test of a simulated board"
SCOPE = (
    "SIMULATED, a design-stage self-check: the firmware's own sources ran on models of its chips "
    "and of the cells. What only a real board can prove (wiring, contactor, shunt, sensors, timing "
    "of the real chips) is not proved by it."
)
METHOD = (
    "Every measurement begins with a new pack that is half charged, at 25 °C and measured without "
    "noise. For rows of the host the front end's own protections are blind; for rows of the front "
    "end the host hangs without its watchdog, and the front end's watchdog is set to 65 s so that "
    "its limits are seen first. A trip is the first level that opens the pack, found in steps of "
    "1 mV, 0.1 °C and 0.1 A. One step before, nothing opens for more than twice the delay. The "
    "margin is what is left to the datasheet's bound once the error of the path is taken off."
)
CAMPAIGN_METHOD = (
    "What makes the pack safe against each fault, and how long after the fault it came. Where a "
    "fault alone is no danger the pack carries on, and the time is what a cell that is then driven "
    "over its limit, or under it, takes to be cut off."
)
LEFT_OUT = (
    f"{' and '.join(diagnosis.name.lower() for diagnosis in NOT_PROVOKED)} are not provoked here, "
    "since no simulated fault makes them. The firmware's own tests prove them."
)
LIMIT_HEADS = (
    "protection", "by", "field", "limit", "trip", "bound", "margin", "delay", "at most", "took",
    "release", "released", "verdict",
)  # fmt: skip
OTHER_HEADS = ("check", "by", "within", "took", "verdict", "seen")


@dataclass(frozen=True, slots=True)
class SelftestReport:
    """A run and its result. Times are in UTC."""

    run_id: str
    started_at: datetime
    duration_s: float
    result: SelftestResult


def report_of(events: Sequence[RunEvent]) -> SelftestReport | None:
    """The report of a run from its events; None if it has no result of this workflow."""
    started_at: datetime | None = None
    for event in events:
        match event:
            case RunStarted():
                started_at = event.at
            case RunSucceeded(result=SelftestResult() as result):
                return SelftestReport(
                    event.run_id, started_at or event.at, event.duration_s, result
                )
            case _:
                pass
    return None


def to_json(report: SelftestReport) -> str:
    """The whole result as indented JSON, in the units of the configuration."""
    fields = _RESULT.dump_python(report.result, mode="json")
    fields["is_passed"] = report.result.is_passed
    fields["scope"] = SCOPE
    fields["run"] = {
        "run_id": report.run_id,
        "started_at": to_iso_z(report.started_at),
        "duration_s": report.duration_s,
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def limit_rows(result: SelftestResult) -> list[SelftestRow]:
    """Rows with a limit that was searched for."""
    return [row for row in result.rows if row.limit is not None]


def other_rows(result: SelftestResult) -> list[SelftestRow]:
    """Faults, sequences and claims."""
    return [row for row in result.rows if row.limit is None]


def limit_cells(row: SelftestRow) -> tuple[str, ...]:
    """A row under LIMIT_HEADS."""
    unit = row.unit
    return (
        row.protection.replace("_", " "),
        row.path.value,
        row.field,
        _cell(row.limit, unit),
        _cell(row.trip, unit),
        _cell(row.bound, unit),
        _cell(row.margin, unit),
        _cell(row.delay_us, "µs"),
        _cell(row.delay_at_most_us, "µs"),
        _cell(row.measured_delay_us, "µs"),
        *_release_cells(row),
        VERDICTS[row.verdict],
    )


def other_cells(row: SelftestRow) -> tuple[str, ...]:
    """A row under OTHER_HEADS."""
    return (
        row.protection,
        row.path.value,
        _cell(row.delay_at_most_us, "µs"),
        _cell(row.measured_delay_us, "µs"),
        VERDICTS[row.verdict],
        row.reason,
    )


def campaign_table(
    lines: Sequence[CampaignLine],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Heads and rows of the matrix of fault and state: the time until the pack is safe."""
    states = tuple(dict.fromkeys(line.state for line in lines))
    found = {(line.fault, line.state): line for line in lines}
    rows: list[tuple[str, ...]] = []
    for fault in dict.fromkeys(line.fault for line in lines):
        cells = [_campaign_cell(found.get((fault, state))) for state in states]
        most_ms = max(line.limit_ms for line in lines if line.fault == fault)
        rows.append((fault.replace("_", " "), *cells, _cell(round(most_ms * 1000), "µs")))
    return ("fault", *states, "within"), rows


def facts_of(report: SelftestReport) -> list[tuple[str, str]]:
    """Name and value of what the test was of."""
    result = report.result
    facts = [
        ("Board", f"{result.board}, firmware {result.firmware}"),
        ("Design", f"config_hash {result.design_hash}"),
        ("Tested", f"config_hash {result.board_hash}"),
    ]
    facts += [("Overridden", f"{o.name}={','.join(map(str, o.values))}") for o in result.overrides]
    facts += [
        ("Simulated", f"{result.packs:,} packs, {result.simulated_s:,.0f} s of their time"),
        ("Time", f"{report.duration_s:.1f} s"),
        ("Run", f"{report.run_id}, {to_iso_z(report.started_at)}"),
    ]
    return facts


def _cell(value: int | None, unit: str) -> str:
    return "" if value is None else quantity(value, unit)


def _release_cells(row: SelftestRow) -> tuple[str, str]:
    match row.release_by:
        case Release.LEVEL:
            return _cell(row.release_limit, row.unit), _cell(row.release, row.unit)
        case Release.TIME:
            return _cell(row.release_limit, "ms"), _cell(row.release, "ms")
        case Release.OPERATOR:
            return "operator", "operator" if row.trip is not None and not row.reason else ""
        case Release.NOT_MEASURED:
            return "", ""


def _campaign_cell(line: CampaignLine | None) -> str:
    if line is None:
        return ""
    time = "never" if line.time_ms is None else _cell(round(line.time_ms * 1000), "µs")
    text = line.safe_state if line.time_ms == 0 else f"{line.safe_state}, {time}"
    return text if line.passed else f"FAIL: {text}"


_RESULT: TypeAdapter[SelftestResult] = TypeAdapter(SelftestResult)
