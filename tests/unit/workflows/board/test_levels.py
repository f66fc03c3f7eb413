"""Rows for a pack that does other than its design: each difference fails, in words of its own."""

from dataclasses import replace

import pytest

from agentflow_desktop.hardware.pack_config import PackConfig, values_of
from agentflow_desktop.hardware.telemetry.names_table import Diagnosis, SimFault
from agentflow_desktop.workflows.board.faults import FAULT_CHECKS, fault_row
from agentflow_desktop.workflows.board.level_checks import LEVEL_CHECKS, LevelCheck
from agentflow_desktop.workflows.board.levels import LevelMeasuring
from agentflow_desktop.workflows.board.model import Release, SelftestRow, Verdict
from agentflow_desktop.workflows.board.rig import Rig
from support.scripted_pack import Behaviour, ScriptedPacks

pytestmark = pytest.mark.anyio

DESIGN = values_of(PackConfig())
OVER_VOLTAGE = LEVEL_CHECKS[0]
LATCHED = replace(OVER_VOLTAGE, release_by=Release.OPERATOR, release="")
NTC_OPEN = next(check for check in FAULT_CHECKS if check.fault is SimFault.NTC_OPEN)


async def row_of(behaviour: Behaviour, check: LevelCheck = OVER_VOLTAGE) -> SelftestRow:
    rig = Rig(ScriptedPacks(behaviour), DESIGN, DESIGN)
    return await LevelMeasuring(rig, check).row()


async def fault_of(behaviour: Behaviour) -> SelftestRow:
    check = replace(NTC_OPEN, diagnosis=Diagnosis.CELL_OVER_VOLTAGE)
    return await fault_row(Rig(ScriptedPacks(behaviour), DESIGN, DESIGN), check)


async def test_a_pack_that_does_as_designed_passes_with_its_margin() -> None:
    row = await row_of(Behaviour())
    assert (row.verdict, row.reason) == (Verdict.PASSED, "")
    assert (row.limit, row.trip, row.bound, row.error, row.margin) == (3580, 3581, 3650, 10, 59)
    assert (row.delay_us, row.measured_delay_us) == (1_000_000, 1_000_000)
    assert (row.release_limit, row.release) == (3400, 3400)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (
            Behaviour(trips_above_mv=3590),
            "tripped at 3,591 mV, where the design's limit is 3,580 mV",
        ),
        (
            Behaviour(trips_above_mv=3570),
            "tripped at 3,571 mV, where the design's limit is 3,580 mV",
        ),
        (
            Behaviour(trips_above_mv=3800),
            "tripped at 3,801 mV, where the design's limit is 3,580 mV; with the error of the path "
            "161 mV beyond the datasheet's bound",
        ),
        (Behaviour(trips_above_mv=9999), "the path did not open within 3.62 s at 5,000 mV"),
        (Behaviour(delay_ms=1700), "opened after 1.70 s, later than 1.61 s"),
        (Behaviour(delay_ms=900), "opened after 900 ms, before its delay"),
        (Behaviour(releases_at_mv=3450), "released at 3,450 mV, not 3,400 mV"),
        (Behaviour(releases_at_mv=3200), "it is not released at 3,300 mV"),
        (Behaviour(becomes_idle=False), "not measured: the pack was init, not idle, after 10 s"),
        (
            Behaviour(may_close=False),
            "not measured: the pack refused to close (refused_by_diagnosis)",
        ),
    ],
)
async def test_what_differs_from_the_design_fails_with_its_reason(
    behaviour: Behaviour, reason: str
) -> None:
    row = await row_of(behaviour)
    assert (row.verdict, row.reason) == (Verdict.FAILED, reason)


async def test_two_millivolts_of_quantisation_are_no_difference() -> None:
    assert (await row_of(Behaviour(trips_above_mv=3582))).verdict is Verdict.PASSED
    assert (await row_of(Behaviour(trips_above_mv=3583))).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(latches=True), ""),
        (
            Behaviour(latches=True, can_be_let_go_at_any_time=True),
            "the operator could let go of it while its cause lasted",
        ),
        (
            Behaviour(latches=True, releases_by_itself=True),
            "it was released without the operator",
        ),
        (
            Behaviour(latches=True, releases_at_mv=1000),
            "the operator could not let go of it once its cause was gone",
        ),
    ],
)
async def test_what_is_latched_is_the_operators_once_its_cause_is_gone(
    behaviour: Behaviour, reason: str
) -> None:
    row = await row_of(behaviour, LATCHED)
    assert row.reason == reason
    assert (row.verdict is Verdict.PASSED) is (reason == "")


async def test_a_fault_that_opens_in_time_and_is_told_passes() -> None:
    row = await fault_of(Behaviour(opens_after_ms={SimFault.NTC_OPEN: 2400}))
    assert (row.verdict, row.measured_delay_us) == (Verdict.PASSED, 2_400_000)
    assert row.reason == "told as cell_over_voltage"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour(), "still closed after 10.0 s"),
        (Behaviour(opens_after_ms={SimFault.NTC_OPEN: 3000}), "open later than 2.62 s"),
        (
            Behaviour(opens_after_ms={SimFault.NTC_OPEN: 100}, tells=False),
            "open, but not told as cell_over_voltage",
        ),
        (Behaviour(may_close=False), "not measured: the pack refused to close"),
    ],
)
async def test_a_fault_that_is_not_handled_fails_with_its_reason(
    behaviour: Behaviour, reason: str
) -> None:
    row = await fault_of(behaviour)
    assert row.verdict is Verdict.FAILED
    assert row.reason.startswith(reason)
