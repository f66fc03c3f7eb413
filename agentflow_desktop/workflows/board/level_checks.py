"""Every protection that judges a level: on which path, by which fields, and what is watched."""

from dataclasses import dataclass

from agentflow_desktop.hardware.telemetry.messages_table import SimAdvanceStopWhenOpened
from agentflow_desktop.hardware.telemetry.names_table import Diagnosis, SimFault
from agentflow_desktop.workflows.board.bench import CHARGE, DISCHARGE
from agentflow_desktop.workflows.board.design_limits import (
    LimitOf,
    derated_current,
    down_to_current_step,
    down_to_short_step,
    down_to_voltage_step,
    mismatch_of_currents,
    up_to_voltage_step,
    value_of,
)
from agentflow_desktop.workflows.board.model import ProtectedBy, Release
from agentflow_desktop.workflows.board.stimuli import Stimulus

HOST, FRONT_END = ProtectedBy.HOST, ProtectedBy.FRONT_END
_D = Diagnosis
_S = Stimulus


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCheck:
    """``is_above``: it trips above its limit. ``errors`` are fields whose sum is the error of the
    path against ``bound``; a current's comes from its own two fields. ``is_urgent``: a contactor
    opens without asking for zero current first. ``fault`` begins before the level does."""

    diagnosis: Diagnosis
    path: ProtectedBy
    stimulus: Stimulus
    field: str
    limit: LimitOf = value_of
    is_above: bool = True
    delay: str
    watched: SimAdvanceStopWhenOpened
    release_by: Release = Release.NOT_MEASURED
    release: str = ""
    bound: str = ""
    errors: tuple[str, ...] = ()
    is_urgent: bool = False
    fault: SimFault | None = None
    is_seen_when_open: bool = True  # else its cause is out of sight once nothing flows
    far_beyond: int = 0  # the delay is measured this far beyond the trip, at least one step
    temp_ddegc: int | None = None  # what a sensor shows meanwhile; None leaves it to physics


_CELL_ERROR = ("cell_error_mv",)
_TEMP_ERROR = ("temp_error_ddegc", "temp_gradient_ddegc")
_CURRENT_ERROR = ("current_error_ppm", "current_offset_ma")


def _temperature(
    diagnosis: Diagnosis, name: str, watched: SimAdvanceStopWhenOpened, *, is_above: bool
) -> LevelCheck:
    side, end = name.split("_")
    return LevelCheck(
        diagnosis=diagnosis, path=HOST, stimulus=_S.TEMPERATURE, is_above=is_above,
        field=f"{name}_trip_ddegc", delay="temp_delay_ms", watched=watched,
        release_by=Release.LEVEL, release=f"{name}_release_ddegc",
        bound=f"{side}_temp_{'max' if end == 'ot' else 'min'}_ddegc", errors=_TEMP_ERROR,
    )  # fmt: skip


def _current(
    diagnosis: Diagnosis, speed: str, stimulus: Stimulus, watched: SimAdvanceStopWhenOpened
) -> LevelCheck:
    return LevelCheck(
        diagnosis=diagnosis, path=HOST, stimulus=stimulus, is_urgent=speed == "fast",
        field=f"oc_{speed}_trip_ma", delay=f"oc_{speed}_delay_ms", watched=watched,
        release_by=Release.TIME, release="oc_release_ms",
        bound="current_max_ma", errors=_CURRENT_ERROR,
    )  # fmt: skip


LEVEL_CHECKS: tuple[LevelCheck, ...] = (
    LevelCheck(
        diagnosis=_D.CELL_OVER_VOLTAGE, path=HOST, stimulus=_S.ONE_CELL,
        field="cell_ov_trip_mv", delay="cell_ov_delay_ms", watched=CHARGE,
        release_by=Release.LEVEL, release="cell_ov_release_mv",
        bound="cell_max_mv", errors=_CELL_ERROR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_OVER_VOLTAGE, path=FRONT_END, stimulus=_S.ONE_CELL,
        field="afe_cov_mv", limit=down_to_voltage_step, delay="afe_cov_delay_ms", watched=CHARGE,
        bound="cell_max_mv", errors=_CELL_ERROR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_OVER_VOLTAGE_DAMAGE, path=HOST, stimulus=_S.ONE_CELL,
        field="cell_ov_damage_mv", delay="cell_ov_delay_ms", watched=DISCHARGE,
        release_by=Release.OPERATOR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_UNDER_VOLTAGE, path=HOST, stimulus=_S.ONE_CELL, is_above=False,
        field="cell_uv_trip_mv", delay="cell_uv_delay_ms", watched=DISCHARGE,
        release_by=Release.LEVEL, release="cell_uv_release_mv",
        bound="cell_min_mv", errors=_CELL_ERROR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_UNDER_VOLTAGE, path=FRONT_END, stimulus=_S.ONE_CELL, is_above=False,
        field="afe_cuv_mv", limit=up_to_voltage_step, delay="afe_cuv_delay_ms", watched=DISCHARGE,
        bound="cell_min_mv", errors=_CELL_ERROR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_DEEP_DISCHARGE, path=HOST, stimulus=_S.ALL_CELLS, is_above=False,
        field="cell_uv_damage_mv", delay="cell_uv_delay_ms", watched=CHARGE,
        release_by=Release.OPERATOR,
    ),
    LevelCheck(
        diagnosis=_D.CELL_IMBALANCE, path=HOST, stimulus=_S.SPREAD,
        field="imbalance_trip_mv", delay="imbalance_delay_ms", watched=CHARGE,
        release_by=Release.OPERATOR,
    ),
    _current(_D.CHARGE_OVER_CURRENT, "slow", _S.CHARGE_CURRENT, CHARGE),
    _current(_D.CHARGE_OVER_CURRENT_FAST, "fast", _S.CHARGE_CURRENT, CHARGE),
    LevelCheck(
        diagnosis=_D.CHARGE_OVER_CURRENT_FAST, path=FRONT_END, stimulus=_S.CHARGE_CURRENT,
        field="afe_oc_ma", limit=down_to_current_step, delay="afe_oc_delay_ms", watched=CHARGE,
        bound="current_max_ma", errors=_CURRENT_ERROR, is_urgent=True,
    ),
    LevelCheck(
        diagnosis=_D.CHARGE_CURRENT_DERATED, path=HOST, stimulus=_S.CHARGE_CURRENT,
        field="derating_current_ma", limit=derated_current, delay="derating_delay_ms",
        watched=CHARGE, release_by=Release.TIME, release="oc_release_ms", temp_ddegc=120,
    ),
    _current(_D.DISCHARGE_OVER_CURRENT, "slow", _S.DISCHARGE_CURRENT, DISCHARGE),
    _current(_D.DISCHARGE_OVER_CURRENT_FAST, "fast", _S.DISCHARGE_CURRENT, DISCHARGE),
    LevelCheck(
        diagnosis=_D.DISCHARGE_OVER_CURRENT_FAST, path=FRONT_END, stimulus=_S.DISCHARGE_CURRENT,
        field="afe_oc_ma", limit=down_to_current_step, delay="afe_oc_delay_ms", watched=DISCHARGE,
        bound="current_max_ma", errors=_CURRENT_ERROR, is_urgent=True,
    ),
    LevelCheck(
        diagnosis=_D.SHORT_CIRCUIT, path=FRONT_END, stimulus=_S.DISCHARGE_CURRENT,
        field="scd_trip_ma", limit=down_to_short_step, delay="scd_delay_us", watched=DISCHARGE,
        is_urgent=True, far_beyond=20_000,  # a current takes its time for the last step
    ),
    _temperature(_D.CHARGE_OVER_TEMPERATURE, "charge_ot", CHARGE, is_above=True),
    _temperature(_D.CHARGE_UNDER_TEMPERATURE, "charge_ut", CHARGE, is_above=False),
    _temperature(_D.DISCHARGE_OVER_TEMPERATURE, "discharge_ot", DISCHARGE, is_above=True),
    _temperature(_D.DISCHARGE_UNDER_TEMPERATURE, "discharge_ut", DISCHARGE, is_above=False),
    LevelCheck(
        diagnosis=_D.CURRENT_MISMATCH, path=HOST, stimulus=_S.DISCHARGE_CURRENT,
        field="current_mismatch_ma", limit=mismatch_of_currents, delay="current_mismatch_delay_ms",
        watched=DISCHARGE, release_by=Release.OPERATOR, fault=SimFault.SHUNT_OPEN,
        is_seen_when_open=False,
    ),
)  # fmt: skip
