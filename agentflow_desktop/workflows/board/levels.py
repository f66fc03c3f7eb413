"""Measures a protection that judges a level: where it trips, when, and what releases it."""

from dataclasses import dataclass, replace

from agentflow_desktop.hardware.pack_config import FIELD_BY_NAME
from agentflow_desktop.hardware.telemetry.names_table import (
    Command,
    EventKind,
    SimQuantity,
)
from agentflow_desktop.workflows.board.bench import (
    CHARGE,
    MS,
    NotReady,
    PackBench,
    name_of,
)
from agentflow_desktop.workflows.board.design_limits import (
    SHORT_RISES_WITHIN_US,
    switch_opens_within_us,
)
from agentflow_desktop.workflows.board.level_checks import LevelCheck
from agentflow_desktop.workflows.board.model import ProtectedBy, Release, SelftestRow, Verdict
from agentflow_desktop.workflows.board.rig import Rig
from agentflow_desktop.workflows.board.search import first_level
from agentflow_desktop.workflows.board.stimuli import SPANS, Span, apply_level
from agentflow_desktop.workflows.board.wording import quantity

_PPM = 1_000_000
_SETTLED_US = 1_000 * MS  # a level that releases does so at the next readings
_STEP_OF_FRONT_END_US = 3_300  # of its delays; it rounds them down
_STEP_OF_SHORT_US = 15
_WINDOW_OF_SHORT_US = 20 * MS  # less than any other protection takes
_TIME_AFTER_RELEASE_US = 2_000 * MS


@dataclass(slots=True)
class _Expected:
    """What the design says of a check, in the check's own units."""

    limit: int
    bound: int | None
    error: int
    delay_us: int
    delay_at_least_us: int
    delay_at_most_us: int
    release: int | None


class LevelMeasuring:
    """One check on one rig."""

    def __init__(self, rig: Rig, check: LevelCheck) -> None:
        self._rig = rig
        self._check = check
        self._span: Span = SPANS[check.stimulus]
        self._step = self._span.step if check.is_above else -self._span.step
        self._want = _expected(rig, check)

    async def row(self) -> SelftestRow:
        """The row, whatever becomes of it."""
        check, want = self._check, self._want
        row = SelftestRow(
            protection=name_of(check.diagnosis), path=check.path, verdict=Verdict.FAILED, reason="",
            field=check.field, unit=FIELD_BY_NAME[check.field].unit, limit=want.limit,
            bound=want.bound, bound_field=check.bound, error=want.error,
            delay_us=want.delay_us, delay_at_most_us=want.delay_at_most_us,
            release_by=check.release_by, release_limit=want.release,
        )  # fmt: skip
        try:
            return await self._measured(row)
        except NotReady as error:
            return replace(row, reason=f"not measured: {error}")

    async def _measured(self, row: SelftestRow) -> SelftestRow:
        span, step = self._span, self._step
        extreme = span.highest if self._check.is_above else span.lowest
        trip = await first_level(
            self._trips, self._want.limit, step, extreme=extreme, quiet=span.quiet
        )
        if trip is None:
            window = quantity(self._window_us // MS, "ms")
            at = quantity(extreme, row.unit)
            return replace(row, reason=f"the path did not open within {window} at {at}")
        row = replace(row, trip=trip, margin=self._margin(trip))
        row = replace(row, measured_delay_us=await self._delay_us(trip + self._beyond))
        faults = [*self._faults_of_level(trip), *self._faults_of_delay(row.measured_delay_us)]
        release, fault = await self._release(trip)
        faults += [fault] if fault else []
        verdict = Verdict.FAILED if faults else Verdict.PASSED
        return replace(row, release=release, verdict=verdict, reason="; ".join(faults))

    @property
    def _window_us(self) -> int:
        """How long a level is held to see whether it trips: twice the delay and what opening may
        take."""
        if self._check.delay.endswith("_us"):
            return _WINDOW_OF_SHORT_US
        return 2 * self._want.delay_us + self._want.delay_at_most_us

    @property
    def _beyond(self) -> int:
        """How far beyond the trip the delay is measured."""
        return self._check.far_beyond or self._step

    async def _arm(self, bench: PackBench) -> None:
        check = self._check
        if check.fault is not None:
            await bench.inject(check.fault)
        if check.temp_ddegc is not None:
            for index in range(bench.sensors):
                await bench.set(SimQuantity.SENSOR_DDEGC, check.temp_ddegc, index)
            await bench.advance(200 * MS)

    async def _trips(self, level: int) -> bool:
        """Whether the protection acts on a level that lasts."""
        async with self._rig.closed(self._check.path) as bench:
            await self._arm(bench)
            return await self._has_tripped(bench, level)

    async def _has_tripped(self, bench: PackBench, level: int) -> bool:
        check = self._check
        await apply_level(bench, check.stimulus, level)
        end_us = bench.time_us + self._window_us
        reached = await bench.advance(self._window_us, check.watched)
        if check.path is ProtectedBy.FRONT_END:  # its host hangs, so there is nobody to tell why
            return not _is_closed(bench, check)
        if not bench.has(EventKind.TRIPPED, check.diagnosis) and reached.time_us < end_us:
            await bench.advance(end_us - reached.time_us)
        return bench.has(EventKind.TRIPPED, check.diagnosis)

    async def _delay_us(self, level: int) -> int | None:
        """From the step to a level just beyond the trip until the path is open."""
        check = self._check
        async with self._rig.closed(check.path) as bench:
            await self._arm(bench)
            await apply_level(bench, check.stimulus, level)
            began_us = bench.time_us
            reached = await bench.advance(self._window_us, check.watched)
            if _is_closed(bench, check):
                return None
            is_charge = check.watched is CHARGE
            opened_us = reached.charge_opened_us if is_charge else reached.discharge_opened_us
            return opened_us - began_us

    async def _release(self, trip: int) -> tuple[int | None, str]:
        """What released it, and what is wrong with that."""
        match self._check.release_by:
            case Release.LEVEL:
                return await self._release_level(trip)
            case Release.TIME:
                return await self._release_time(trip)
            case Release.OPERATOR:
                return None, await self._operator_fault(trip)
            case Release.NOT_MEASURED:
                return None, ""

    async def _release_level(self, trip: int) -> tuple[int | None, str]:
        want = self._want.release
        assert want is not None
        beyond = trip + 5 * self._step

        async def is_released(level: int) -> bool:
            async with self._rig.closed(self._check.path) as bench:
                if not await self._has_tripped(bench, beyond):
                    raise NotReady("it did not trip a second time")
                await apply_level(bench, self._check.stimulus, level)
                await bench.advance(_SETTLED_US)
                return bench.has(EventKind.RELEASED, self._check.diagnosis)

        found = await first_level(
            is_released, want + self._step, -self._step, extreme=self._span.quiet, quiet=trip
        )
        unit = FIELD_BY_NAME[self._check.field].unit
        if found is None:
            return None, f"it is not released at {quantity(self._span.quiet, unit)}"
        if abs(found - want) > self._span.tolerance:
            return found, f"released at {quantity(found, unit)}, not {quantity(want, unit)}"
        return found, ""

    async def _release_time(self, trip: int) -> tuple[int | None, str]:
        """The time from the trip to the release, in milliseconds. Opening ends the current."""
        want_ms = self._want.release
        assert want_ms is not None
        at_most_ms = want_ms + self._want.delay_at_most_us // MS + _TIME_AFTER_RELEASE_US // MS
        diagnosis = self._check.diagnosis
        async with self._rig.closed(self._check.path) as bench:
            await self._arm(bench)
            if not await self._has_tripped(bench, trip + self._step):
                raise NotReady("it did not trip a second time")
            await apply_level(bench, self._check.stimulus, 0)
            await bench.advance(at_most_ms * MS)
            tripped = bench.event(EventKind.TRIPPED, diagnosis)
            released = bench.event(EventKind.RELEASED, diagnosis)
        if tripped is None or released is None:
            return None, f"it is not released within {quantity(at_most_ms, 'ms')}"
        took_ms = released.at_ms - tripped.at_ms
        if took_ms < want_ms:
            return took_ms, f"released after {quantity(took_ms, 'ms')} already"
        return took_ms, ""

    async def _operator_fault(self, trip: int) -> str:
        """What is wrong with a protection that only the operator may let go of."""
        check = self._check
        async with self._rig.closed(check.path) as bench:
            await self._arm(bench)
            if not await self._has_tripped(bench, trip + self._step):
                raise NotReady("it did not trip a second time")
            was_let_go = check.is_seen_when_open and await _is_let_go(bench, check)
            await apply_level(bench, check.stimulus, self._span.quiet)
            if check.fault is not None:
                await bench.repair(check.fault)
            await bench.advance(_SETTLED_US)
            if was_let_go:
                return "the operator could let go of it while its cause lasted"
            if _is_closed(bench, check) or not bench.is_latched(check.diagnosis):
                return "it was released without the operator"
            await bench.request(Command.ACKNOWLEDGE)
            await bench.advance(_SETTLED_US)
            if bench.is_latched(check.diagnosis):
                return "the operator could not let go of it once its cause was gone"
        return ""

    def _margin(self, trip: int) -> int | None:
        """What is left to the datasheet's bound once the path's error is taken off."""
        bound = self._want.bound
        if bound is None:
            return None
        room = bound - trip if self._check.is_above else trip - bound
        return room - self._want.error

    def _faults_of_level(self, trip: int) -> list[str]:
        want, unit = self._want, FIELD_BY_NAME[self._check.field].unit
        found: list[str] = []
        if abs(trip - want.limit - self._step) > self._span.tolerance:
            at, limit = quantity(trip, unit), quantity(want.limit, unit)
            found.append(f"tripped at {at}, where the design's limit is {limit}")
        margin = self._margin(trip)
        if margin is not None and margin < 0:
            over = quantity(-margin, unit)
            found.append(f"with the error of the path {over} beyond the datasheet's bound")
        return found

    def _faults_of_delay(self, measured_us: int | None) -> list[str]:
        want = self._want
        if measured_us is None:
            return ["the path did not open"]
        if measured_us < want.delay_at_least_us:
            return [f"opened after {quantity(measured_us, 'µs')}, before its delay"]
        if measured_us > want.delay_at_most_us:
            most = quantity(want.delay_at_most_us, "µs")
            return [f"opened after {quantity(measured_us, 'µs')}, later than {most}"]
        return []


def _is_closed(bench: PackBench, check: LevelCheck) -> bool:
    reached = bench.reached
    assert reached is not None
    return reached.is_charge_closed if check.watched is CHARGE else reached.is_discharge_closed


async def _is_let_go(bench: PackBench, check: LevelCheck) -> bool:
    await bench.request(Command.ACKNOWLEDGE)
    await bench.advance(200 * MS)
    return bench.has(EventKind.ACKNOWLEDGED, check.diagnosis)


def _expected(rig: Rig, check: LevelCheck) -> _Expected:
    values = rig.design
    limit = check.limit(values, check.field, check.temp_ddegc)
    delay = values[check.delay][0]
    delay_us = delay if check.delay.endswith("_us") else delay * MS
    period_us = values["afe_period_ms"][0] * MS
    at_least_us, at_most_us = delay_us - period_us, delay_us + 2 * period_us
    if check.delay.endswith("_us"):
        at_least_us, at_most_us = delay_us - _STEP_OF_SHORT_US, delay_us + SHORT_RISES_WITHIN_US
    elif check.path is ProtectedBy.FRONT_END:
        at_least_us = delay_us - 2 * _STEP_OF_FRONT_END_US
    elif not check.is_urgent:
        at_most_us += values["open_request_ms"][0] * MS
    at_most_us += switch_opens_within_us(values)
    return _Expected(
        limit=limit,
        bound=values[check.bound][0] if check.bound else None,
        error=_error_of(rig, check, limit),
        delay_us=delay_us,
        delay_at_least_us=max(at_least_us, 0),
        delay_at_most_us=at_most_us,
        release=values[check.release][0] if check.release else None,
    )


def _error_of(rig: Rig, check: LevelCheck, limit: int) -> int:
    """The error of the path at its limit, in the check's unit."""
    found = 0
    for name in check.errors:
        value = rig.design[name][0]
        found += -(-abs(limit) * value // _PPM) if name.endswith("_ppm") else value
    return found
