"""Events survive their JSON form, to the last digit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from agentflow_desktop.core.events import (
    CostRecorded,
    EventCodec,
    RouteChosen,
    RunCancelled,
    RunEvent,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepOutput,
    StepProgress,
    StepStarted,
    TextDelta,
)
from agentflow_desktop.core.routing import Badge, PlannedCall, Role, Route, Tier


@dataclass(frozen=True)
class Body:
    words: tuple[str, ...]
    amount_usd: Decimal
    made_at: datetime


AT = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
BODY = Body(("ä", "\n", "\u2028"), Decimal("0.000000001"), AT)
ROUTE = Route(
    Tier.SMALL,
    "because",
    12,
    True,
    (PlannedCall(Role.PLANNER, "proposes", "m", 12, 100, Decimal("0.1"), Decimal("0.3"), True),),
    (Badge.SELF_VERIFIED,),
)
CODEC = EventCodec({"body": Body, "run": Body})
EVENTS: list[RunEvent] = [
    RunStarted(run_id="run_1", at=AT, kind="run", title="t"),
    RouteChosen(run_id="run_1", at=AT, route=ROUTE),
    StepStarted(run_id="run_1", at=AT, step_id="s", title="t", role=Role.HEAVY, model="m"),
    StepProgress(run_id="run_1", at=AT, step_id="s", done=1, total=None, unit="files"),
    TextDelta(run_id="run_1", at=AT, step_id="s", text="a\nb"),
    StepOutput(run_id="run_1", at=AT, step_id="s", kind="body", body=BODY),
    CostRecorded(
        run_id="run_1",
        at=AT,
        step_id="s",
        attempt_id="a",
        model="m",
        served_model="m-2",
        input_tokens=1,
        output_tokens=2,
        cost_usd=Decimal("123456789.123456789"),
        is_estimated=True,
    ),
    RunSucceeded(
        run_id="run_1", at=AT, kind="run", result=BODY, cost_usd=Decimal("0.1"), duration_s=1.5
    ),
    RunFailed(
        run_id="run_1",
        at=AT,
        error="InputRefused",
        message="m",
        hint="h",
        cost_usd=Decimal(0),
        duration_s=0.0,
    ),
    RunCancelled(run_id="run_1", at=AT, cost_usd=Decimal(0), duration_s=0.0),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_is_one_line_of_json_and_comes_back_equal(event: RunEvent) -> None:
    line = CODEC.encode(event)
    assert "\n" not in line
    assert CODEC.decode(line) == event


def test_times_are_written_in_utc_ending_in_z() -> None:
    local = AT.astimezone(timezone(timedelta(hours=-5)))
    line = CODEC.encode(RunStarted(run_id="run_1", at=local, kind="run", title="t"))
    assert '"at":"2026-11-23T01:02:03.456789Z"' in line


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"step_output","run_id":"r","at":"2026-11-23T01:02:03Z","step_id":"s",'
        '"kind":"unknown","body":{}}',
        '{"type":"no_such_event"}',
        "[]",
        "not json",
    ],
)
def test_what_is_no_event_of_ours_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"validation error|no body type"):
        CODEC.decode(line)
