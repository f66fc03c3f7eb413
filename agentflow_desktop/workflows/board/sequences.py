"""What is proved by a sequence of its own: faults of closing and opening, and of the front end
acting before the host."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentflow_desktop.hardware.telemetry.names_table import (
    Command,
    Diagnosis,
    EventKind,
    SimFault,
    SimQuantity,
    State,
)
from agentflow_desktop.workflows.board.bench import MS, NotReady, PackBench, name_of
from agentflow_desktop.workflows.board.design_limits import down_to_current_step
from agentflow_desktop.workflows.board.model import ProtectedBy, SelftestRow, Verdict
from agentflow_desktop.workflows.board.rig import Rig
from agentflow_desktop.workflows.board.stimuli import Stimulus, apply_level
from agentflow_desktop.workflows.board.wording import quantity

Measurement = Callable[[Rig, SelftestRow], Awaitable[SelftestRow]]
_SLICE_US = 10 * MS
_LOAD_MA = 20_000


async def precharge_fails(rig: Rig, row: SelftestRow) -> SelftestRow:
    """A load that does not charge up: every try ends, the pack stays open for the operator."""
    values = rig.design
    tries = values["precharge_attempts"][0]
    longest_ms = tries * values["precharge_timeout_ms"][0]
    longest_ms += (tries - 1) * values["precharge_pause_ms"][0]
    at_most_us = longest_ms * MS + tries * 4 * values["afe_period_ms"][0] * MS
    row = replace(row, field="precharge_timeout_ms", delay_at_most_us=at_most_us)
    async with rig.idle() as bench:
        await bench.inject(SimFault.PRECHARGE_OPEN)
        await bench.request(Command.CLOSE)
        took_us, was_closed = await _until_told(bench, Diagnosis.PRECHARGE_FAILED, at_most_us)
        is_latched = bench.is_latched(Diagnosis.PRECHARGE_FAILED)
    if was_closed:
        return replace(row, measured_delay_us=took_us, reason="the pack closed onto the load")
    if took_us is None or not is_latched:
        return replace(row, reason=f"not given up after {quantity(at_most_us, 'µs')}")
    return _passed(row, took_us, f"{tries} tries, then open until the operator has looked")


async def switch_welds(rig: Rig, row: SelftestRow) -> SelftestRow:
    """A switch that stays closed can't be opened by anyone: it must be told, and stay told."""
    values = rig.design
    ask_ms = values["open_request_ms"][0] + values["breaking_wait_ms"][0]
    at_most_ms = values["weld_delay_ms"][0] + ask_ms + 4 * values["afe_period_ms"][0]
    row = replace(row, field="weld_delay_ms", delay_at_most_us=at_most_ms * MS)
    async with rig.closed(ProtectedBy.BOTH) as bench:
        await bench.set(SimQuantity.LOAD_CURRENT_MA, _LOAD_MA)
        await bench.inject(SimFault.CONTACTOR_WELD)
        await bench.advance(100 * MS)
        await bench.request(Command.OPEN)
        took_us, _ = await _until_told(bench, Diagnosis.SWITCH_WELDED, at_most_ms * MS)
        is_latched = bench.is_latched(Diagnosis.SWITCH_WELDED)
    if took_us is None or not is_latched:
        return replace(row, reason=f"not told within {quantity(at_most_ms, 'ms')}")
    return _passed(row, took_us, "told until the operator has looked")


async def front_end_acts_first(rig: Rig, row: SelftestRow) -> SelftestRow:
    """A current above the front end's step and below the host's limit: the host must follow."""
    values = rig.design
    step_ma = down_to_current_step(values, "afe_oc_ma", None)
    host_ma = values["oc_fast_trip_ma"][0]
    level_ma = min((step_ma + host_ma + 1) // 2, host_ma)
    at_most_us = (values["afe_oc_delay_ms"][0] + 4 * values["afe_period_ms"][0]) * MS
    row = replace(row, field="afe_oc_ma", delay_at_most_us=at_most_us)
    async with rig.closed(ProtectedBy.BOTH) as bench:
        await apply_level(bench, Stimulus.DISCHARGE_CURRENT, level_ma)
        took_us, _ = await _until_told(bench, Diagnosis.FRONT_END_TRIP, at_most_us)
        reached = await bench.advance(500 * MS)
    if took_us is None:
        return replace(row, reason=f"the host did not notice at {quantity(level_ma, 'mA')}")
    if reached.is_charge_closed or reached.is_discharge_closed:
        return replace(row, measured_delay_us=took_us, reason="the host left a path closed")
    return _passed(row, took_us, f"at {quantity(level_ma, 'mA')}; the host opened as well")


async def outputs_before_configuration(rig: Rig, row: SelftestRow) -> SelftestRow:
    """From power-up until the front end's settings are read back, nothing closes, whoever asks."""
    async with rig.just_switched_on() as bench:
        hash_before = (await bench.identity()).afe_hash
        answer = await bench.request(Command.CLOSE)
        while bench.telemetry is None or bench.telemetry.state in (State.UNINITIALISED, State.INIT):
            reached = await bench.advance(_SLICE_US)
            if reached.is_charge_closed or reached.is_discharge_closed:
                return replace(row, reason="a path was closed before the front end was configured")
            if bench.time_us > 10_000 * MS:
                raise NotReady("the pack did not become idle")
        hash_after = (await bench.identity()).afe_hash
        took_us = bench.time_us
    if hash_before != 0 or hash_after == 0:
        return replace(row, reason="the front end's settings were not read back")
    return _passed(row, took_us, f"closing was {name_of(answer.result).replace('_', ' ')}")


SEQUENCES: tuple[tuple[str, ProtectedBy, Measurement], ...] = (
    ("outputs before configuration", ProtectedBy.BOTH, outputs_before_configuration),
    ("precharge failed", ProtectedBy.HOST, precharge_fails),
    ("switch welded", ProtectedBy.HOST, switch_welds),
    ("front end acts first", ProtectedBy.HOST, front_end_acts_first),
)


async def sequence_row(
    rig: Rig, title: str, path: ProtectedBy, measure: Measurement
) -> SelftestRow:
    """The row of one sequence, whatever becomes of it."""
    row = SelftestRow(protection=title, path=path, verdict=Verdict.FAILED, reason="")
    try:
        return await measure(rig, row)
    except NotReady as error:
        return replace(row, reason=f"not measured: {error}")


def _passed(row: SelftestRow, took_us: int, reason: str) -> SelftestRow:
    return replace(row, verdict=Verdict.PASSED, measured_delay_us=took_us, reason=reason)


async def _until_told(
    bench: PackBench, diagnosis: Diagnosis, within_us: int
) -> tuple[int | None, bool]:
    """How long it took until a diagnosis tripped, None if it did not; and whether both paths were
    ever closed meanwhile."""
    began_us, was_closed = bench.time_us, False
    while bench.time_us - began_us < within_us:
        reached = await bench.advance(_SLICE_US)
        was_closed |= reached.is_charge_closed or reached.is_discharge_closed
        if bench.has(EventKind.TRIPPED, diagnosis):
            took_us = bench.time_us - began_us
            await bench.advance(200 * MS)  # telemetry shows it, too
            return took_us, was_closed
    return None, was_closed
