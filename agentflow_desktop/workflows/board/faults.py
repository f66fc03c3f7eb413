"""Single faults that must open a closed pack: each injected once, timed, and named by the board."""

from dataclasses import dataclass, replace

from agentflow_desktop.hardware.telemetry.names_table import (
    Diagnosis,
    EventKind,
    SimFault,
    SimQuantity,
)
from agentflow_desktop.workflows.board.bench import CHARGE, DISCHARGE, MS, NotReady, name_of
from agentflow_desktop.workflows.board.design_limits import (
    SHORT_RISES_WITHIN_US,
    switch_opens_within_us,
)
from agentflow_desktop.workflows.board.model import ProtectedBy, SelftestRow, Verdict
from agentflow_desktop.workflows.board.pack_link import PackValues
from agentflow_desktop.workflows.board.rig import Rig
from agentflow_desktop.workflows.board.wording import quantity

_D = Diagnosis
_F = SimFault
_HOST_WATCHDOG_MS = 2000  # of the simulated board
_OPEN_WIRE_CHECK_MS = 1000  # how often the front end pulls at its sense wires
_FROZEN_MS = 300  # after which the driver no longer takes old values for a reading
_TOLD_WITHIN_US = 4_000 * MS  # after the pack is open: a restarted host needs a moment
_LONGEST_US = 10_000 * MS


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCheck:
    """``parts`` are fields whose times add up to the longest that opening may take, besides two
    readings and ``extra_ms``. An ``is_asking`` opening asks for zero current first. The board must
    name ``diagnosis``, unless nobody is left to."""

    fault: SimFault
    diagnosis: Diagnosis | None
    index: int = 0
    path: ProtectedBy = ProtectedBy.HOST
    besides: SimFault | None = None
    field: str = ""
    extra_ms: int = 0
    extra_us: int = 0
    is_asking: bool = False
    load_ma: int = 0

    @property
    def title(self) -> str:
        word = name_of(self.fault).replace("_", " ")
        return f"{word} without host watchdog" if self.besides is _F.WATCHDOG_OFF else word


FAULT_CHECKS: tuple[FaultCheck, ...] = (
    FaultCheck(
        fault=_F.TAP_OPEN, index=3, diagnosis=_D.SENSE_WIRE_OPEN,
        extra_ms=2 * _OPEN_WIRE_CHECK_MS, is_asking=True,
    ),
    FaultCheck(
        fault=_F.NTC_OPEN, diagnosis=_D.SENSOR_OPEN, field="temp_delay_ms", is_asking=True
    ),
    FaultCheck(
        fault=_F.NTC_SHORT, diagnosis=_D.SENSOR_SHORT, field="temp_delay_ms", is_asking=True
    ),
    FaultCheck(
        fault=_F.AFE_HANG, diagnosis=_D.FRONT_END_STALE, field="stale_ms", extra_ms=_FROZEN_MS
    ),
    FaultCheck(fault=_F.CELLS_UNMEASURED, diagnosis=_D.FRONT_END_STALE, field="stale_ms"),
    FaultCheck(fault=_F.I2C_STUCK, diagnosis=_D.FRONT_END_STALE, field="stale_ms"),
    FaultCheck(fault=_F.AFE_RESET, diagnosis=_D.FRONT_END_SETTINGS),
    FaultCheck(
        fault=_F.INA_DEAD, diagnosis=_D.CURRENT_SENSOR_STALE, field="stale_ms", is_asking=True
    ),
    FaultCheck(
        fault=_F.HOST_HANG, diagnosis=_D.RESTARTED_BY_WATCHDOG, extra_ms=_HOST_WATCHDOG_MS
    ),
    FaultCheck(
        fault=_F.HOST_HANG, besides=_F.WATCHDOG_OFF, diagnosis=None, path=ProtectedBy.FRONT_END,
        field="afe_watchdog_ms",
    ),
    FaultCheck(fault=_F.BROWN_OUT, diagnosis=_D.RESTARTED_BY_BROWN_OUT),
    FaultCheck(fault=_F.SETTINGS_CORRUPT, diagnosis=_D.SETTINGS_CORRUPT),
    FaultCheck(
        fault=_F.SHORT_CIRCUIT, diagnosis=_D.SHORT_CIRCUIT, path=ProtectedBy.FRONT_END,
        field="scd_delay_us", extra_us=SHORT_RISES_WITHIN_US,
    ),
)  # fmt: skip

NOT_PROVOKED = (Diagnosis.STACK_MISMATCH, Diagnosis.SWITCH_NOT_CLOSED)
"""What no simulated fault makes."""


async def fault_row(rig: Rig, check: FaultCheck) -> SelftestRow:
    """The row of one fault, whatever becomes of it."""
    at_most_us = _at_most_us(check, rig.design)
    row = SelftestRow(
        protection=check.title, path=check.path, verdict=Verdict.FAILED, reason="",
        field=check.field, delay_at_most_us=at_most_us,
    )  # fmt: skip
    try:
        opened_us, is_named = await _injected(rig, check)
    except NotReady as error:
        return replace(row, reason=f"not measured: {error}")
    if opened_us is None:
        return replace(row, reason=f"still closed after {quantity(_LONGEST_US, 'µs')}")
    row = replace(row, measured_delay_us=opened_us)
    if opened_us > at_most_us:
        return replace(row, reason=f"open later than {quantity(at_most_us, 'µs')}")
    if not is_named:
        assert check.diagnosis is not None
        return replace(row, reason=f"open, but not told as {name_of(check.diagnosis)}")
    told = f"told as {name_of(check.diagnosis)}" if check.diagnosis is not None else ""
    return replace(row, verdict=Verdict.PASSED, reason=told)


async def _injected(rig: Rig, check: FaultCheck) -> tuple[int | None, bool]:
    """How long both paths took to open, None if they did not; and whether the board said why."""
    async with rig.closed(ProtectedBy.BOTH) as bench:
        if check.load_ma:
            await bench.set(SimQuantity.LOAD_CURRENT_MA, check.load_ma)
            await bench.advance(100 * MS)
        if check.besides is not None:
            await bench.inject(check.besides)
        began_us = bench.time_us
        await bench.inject(check.fault, check.index)
        reached = await bench.advance(_LONGEST_US, CHARGE)
        if reached.is_discharge_closed:
            reached = await bench.advance(_LONGEST_US, DISCHARGE)
        if reached.is_charge_closed or reached.is_discharge_closed:
            return None, False
        opened_us = max(reached.charge_opened_us, reached.discharge_opened_us) - began_us
        await bench.advance(_TOLD_WITHIN_US)
        named = check.diagnosis is None or bench.has(EventKind.TRIPPED, check.diagnosis)
    return opened_us, named


def _at_most_us(check: FaultCheck, values: PackValues) -> int:
    found = check.extra_ms * MS + check.extra_us + switch_opens_within_us(values)
    if check.field:
        found += values[check.field][0] * (1 if check.field.endswith("_us") else MS)
    if not check.field.endswith("_us"):
        found += 2 * values["afe_period_ms"][0] * MS
    if check.is_asking:
        found += values["open_request_ms"][0] * MS
    return found
