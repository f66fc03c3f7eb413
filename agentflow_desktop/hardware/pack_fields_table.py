"""Generated from schema/pack_config.yaml by schema/generate.py: change it there."""
# fmt: off
# ruff: noqa: E501

from pydantic import BaseModel, ConfigDict

from agentflow_desktop.hardware.config_fields import ConfigField, OrderRule

VERSION = 1


class PackFields(BaseModel):
    """Every limit and property of a pack. The defaults are the reference pack."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    cell_count: int = 16
    capacity_mah: int = 280000
    switch_kind: int = 1
    ntc_count: int = 8
    is_shunt_shared: int = 0
    cell_max_mv: int = 3650
    cell_min_mv: int = 2500
    charge_temp_max_ddegc: int = 550
    charge_temp_min_ddegc: int = 0
    discharge_temp_max_ddegc: int = 550
    discharge_temp_min_ddegc: int = -200
    current_max_ma: int = 280000
    cell_error_mv: int = 10
    temp_error_ddegc: int = 15
    temp_gradient_ddegc: int = 30
    current_error_ppm: int = 10000
    current_offset_ma: int = 50
    cell_ov_warn_mv: int = 3500
    cell_ov_stop_mv: int = 3550
    cell_ov_trip_mv: int = 3580
    cell_ov_delay_ms: int = 1000
    cell_ov_release_mv: int = 3400
    cell_ov_damage_mv: int = 3750
    cell_uv_warn_mv: int = 3000
    cell_uv_stop_mv: int = 2800
    cell_uv_trip_mv: int = 2600
    cell_uv_delay_ms: int = 2000
    cell_uv_release_mv: int = 3100
    cell_uv_damage_mv: int = 2000
    imbalance_warn_mv: int = 30
    imbalance_trip_mv: int = 1000
    imbalance_delay_ms: int = 2000
    stack_mismatch_mv: int = 400
    stack_mismatch_delay_ms: int = 1000
    current_warn_ma: int = 140000
    oc_slow_trip_ma: int = 168000
    oc_slow_delay_ms: int = 10000
    oc_fast_trip_ma: int = 270000
    oc_fast_delay_ms: int = 100
    oc_release_ms: int = 60000
    oc_attempts: int = 3
    scd_trip_ma: int = 400000
    scd_delay_us: int = 200
    derating_temp_ddegc: tuple[int, ...] = (0, 50, 100, 150, 200, 250, 450, 500, 550, 600)
    derating_current_ma: tuple[int, ...] = (8400, 33600, 84000, 140000, 224000, 280000, 224000, 140000, 70000, 0)
    derating_delay_ms: int = 10000
    current_mismatch_ma: int = 5000
    current_mismatch_delay_ms: int = 2000
    idle_current_ma: int = 1000
    charge_ot_trip_ddegc: int = 500
    charge_ot_release_ddegc: int = 450
    charge_ut_trip_ddegc: int = 50
    charge_ut_release_ddegc: int = 80
    discharge_ot_trip_ddegc: int = 500
    discharge_ot_release_ddegc: int = 450
    discharge_ut_trip_ddegc: int = -150
    discharge_ut_release_ddegc: int = -100
    temp_delay_ms: int = 2000
    afe_cov_mv: int = 3600
    afe_cov_delay_ms: int = 2000
    afe_cuv_mv: int = 2510
    afe_cuv_delay_ms: int = 3000
    afe_oc_ma: int = 270000
    afe_oc_delay_ms: int = 200
    afe_watchdog_ms: int = 2000
    afe_period_ms: int = 50
    stale_ms: int = 500
    afe_shunt_uohm: int = 300
    ina_shunt_uohm: int = 300
    ntc_r25_ohm: int = 10000
    ntc_beta_k: int = 3435
    ntc_pullup_ohm: int = 18000
    ntc_open_ohm: int = 400000
    ntc_short_ohm: int = 400
    precharge_done_mv: int = 1000
    precharge_timeout_ms: int = 2000
    precharge_pause_ms: int = 10000
    precharge_attempts: int = 3
    open_request_ms: int = 500
    breaking_current_ma: int = 1000000
    breaking_wait_ms: int = 200
    weld_delay_ms: int = 300
    balance_min_mv: int = 3400
    balance_start_mv: int = 10
    balance_stop_mv: int = 5
    balance_temp_max_ddegc: int = 450
    balance_temp_min_ddegc: int = 0
    soc_full_mv: int = 3450
    soc_full_tail_ma: int = 14000
    soc_rest_ms: int = 3600000
    soc_ocv_low_permille: int = 150
    soc_ocv_high_permille: int = 970
    ocv_permille: tuple[int, ...] = (0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000)
    ocv_mv: tuple[int, ...] = (2833, 3132, 3177, 3213, 3240, 3262, 3265, 3271, 3283, 3304, 3309, 3314, 3392)
    soc_save_ms: int = 300000


FIELDS: tuple[ConfigField, ...] = (
    ConfigField("cell_count", "cells", 0, 1, 3, 16, "Pack", "Cells in series. The front end measures 3 to 16."),
    ConfigField("capacity_mah", "mAh", 1, 1, 1000, 1000000, "Pack", "Rated capacity, from the datasheet."),
    ConfigField("switch_kind", "choice", 2, 1, 0, 1, "Pack", "What opens the pack. A contactor must not break more than its rated current; MOSFETs switch a short.", choices=("mosfet", "contactor")),
    ConfigField("ntc_count", "sensors", 3, 1, 1, 8, "Pack", "Temperature sensors on cells; the first ntc_count inputs are used."),
    ConfigField("is_shunt_shared", "choice", 4, 1, 0, 1, "Pack", "Whether both current sensors measure one shunt, which is then a common cause of failure: their agreement can't show an open shunt.", choices=("no", "yes")),
    ConfigField("cell_max_mv", "mV", 5, 1, 2000, 4500, "Bounds of the cell's datasheet", "Highest cell voltage the datasheet allows. No over-voltage trip may lie above it."),
    ConfigField("cell_min_mv", "mV", 6, 1, 1000, 4000, "Bounds of the cell's datasheet", "Lowest cell voltage the datasheet allows. No under-voltage trip may lie below it."),
    ConfigField("charge_temp_max_ddegc", "0.1 °C", 7, 1, 0, 900, "Bounds of the cell's datasheet", "Highest temperature for charging: 55 °C in revision B, 60 °C in the revision of 2023; the stricter one is taken."),
    ConfigField("charge_temp_min_ddegc", "0.1 °C", 8, 1, -400, 300, "Bounds of the cell's datasheet", "Lowest temperature for charging."),
    ConfigField("discharge_temp_max_ddegc", "0.1 °C", 9, 1, 0, 900, "Bounds of the cell's datasheet", "Highest temperature for discharging: 55 °C in revision B, 60 °C in the revision of 2023."),
    ConfigField("discharge_temp_min_ddegc", "0.1 °C", 10, 1, -500, 300, "Bounds of the cell's datasheet", "Lowest temperature for discharging: -20 °C in revision B, -30 °C in the revision of 2023."),
    ConfigField("current_max_ma", "mA", 11, 1, 1000, 1000000, "Bounds of the cell's datasheet", "Highest continuous current, 1C. What the cell stands for shorter times is not specified, so no pulse above it is planned."),
    ConfigField("cell_error_mv", "mV", 12, 1, 0, 100, "Errors of the measuring paths", "Worst-case error of one cell reading of the front end. Unsure: from memory of the BQ76952's datasheet, to be checked against it."),
    ConfigField("temp_error_ddegc", "0.1 °C", 13, 1, 0, 100, "Errors of the measuring paths", "Worst-case error of a thermistor reading with the right B value. Assumption."),
    ConfigField("temp_gradient_ddegc", "0.1 °C", 14, 1, 0, 200, "Errors of the measuring paths", "How much hotter or colder a cell may be inside than at its sensor. Assumption."),
    ConfigField("current_error_ppm", "ppm", 15, 1, 0, 100000, "Errors of the measuring paths", "Gain error of the current path: 1 % shunt. Assumption."),
    ConfigField("current_offset_ma", "mA", 16, 1, 0, 10000, "Errors of the measuring paths", "Offset of the current path, which the charge counter adds up. Assumption; 3.3 mA is what 1 µV makes on 0.3 mOhm."),
    ConfigField("cell_ov_warn_mv", "mV", 17, 1, 2000, 4500, "Cell voltage", "Operating tier: above it a warning is shown."),
    ConfigField("cell_ov_stop_mv", "mV", 18, 1, 2000, 4500, "Cell voltage", "Recommended tier: above it the charger is asked to stop."),
    ConfigField("cell_ov_trip_mv", "mV", 19, 1, 2000, 4500, "Cell voltage", "Safety tier: above it the charge path opens. Below the front end's step of 3593 mV: at the 3600 mV first proposed the front end acted first in a slow charge, and opened the whole pack."),
    ConfigField("cell_ov_delay_ms", "ms", 20, 1, 0, 10000, "Cell voltage", "How long it must last."),
    ConfigField("cell_ov_release_mv", "mV", 21, 1, 2000, 4500, "Cell voltage", "The charge path may close again once every cell is at or below it."),
    ConfigField("cell_ov_damage_mv", "mV", 22, 1, 2000, 5000, "Cell voltage", "Damage threshold: above it the pack opens and stays open until the operator has looked. Not a protection limit, so it may lie outside the datasheet."),
    ConfigField("cell_uv_warn_mv", "mV", 23, 1, 1000, 4000, "Cell voltage", "Operating tier."),
    ConfigField("cell_uv_stop_mv", "mV", 24, 1, 1000, 4000, "Cell voltage", "Recommended tier: below it the load is asked to stop."),
    ConfigField("cell_uv_trip_mv", "mV", 25, 1, 1000, 4000, "Cell voltage", "Safety tier: below it the discharge path opens; charging stays possible."),
    ConfigField("cell_uv_delay_ms", "ms", 26, 1, 0, 10000, "Cell voltage", "How long it must last: a load step sags the cells for a moment."),
    ConfigField("cell_uv_release_mv", "mV", 27, 1, 1000, 4000, "Cell voltage", "The discharge path may close again once every cell is at or above it."),
    ConfigField("cell_uv_damage_mv", "mV", 28, 1, 500, 3000, "Cell voltage", "Deep discharge: below it the pack is locked, also for charging, until the operator has looked."),
    ConfigField("imbalance_warn_mv", "mV", 29, 1, 1, 1000, "Cell voltage", "Difference of the highest and the lowest cell that is worth a warning."),
    ConfigField("imbalance_trip_mv", "mV", 30, 1, 10, 2000, "Cell voltage", "Difference that no healthy pack has: the pack opens."),
    ConfigField("imbalance_delay_ms", "ms", 31, 1, 0, 60000, "Cell voltage", "How long it must last."),
    ConfigField("stack_mismatch_mv", "mV", 32, 1, 10, 5000, "Cell voltage", "Plausibility: how far the sum of the cells may be from the stack that the front end measures by another path."),
    ConfigField("stack_mismatch_delay_ms", "ms", 33, 1, 0, 10000, "Cell voltage", "How long it must last."),
    ConfigField("current_warn_ma", "mA", 34, 1, 100, 1000000, "Current (charging is positive)", "Operating tier in both directions: 0.5C."),
    ConfigField("oc_slow_trip_ma", "mA", 35, 1, 100, 1000000, "Current (charging is positive)", "Safety tier in both directions, 0.6C: above it the path in that direction opens."),
    ConfigField("oc_slow_delay_ms", "ms", 36, 1, 0, 60000, "Current (charging is positive)", "How long it must last. The host counts it: the front end's own delays end at 426 ms."),
    ConfigField("oc_fast_trip_ma", "mA", 37, 1, 100, 1000000, "Current (charging is positive)", "Safety tier in both directions, fast. With 1 % and the offset it stays below 1C; the 280 A first proposed did not."),
    ConfigField("oc_fast_delay_ms", "ms", 38, 1, 0, 1000, "Current (charging is positive)", "How long it must last. One reading above it is enough if the readings are further apart."),
    ConfigField("oc_release_ms", "ms", 39, 1, 1000, 3600000, "Current (charging is positive)", "An over-current releases after this time without current."),
    ConfigField("oc_attempts", "times", 40, 1, 0, 20, "Current (charging is positive)", "Releases by time within an hour; after them it is the operator's."),
    ConfigField("scd_trip_ma", "mA", 41, 1, 1000, 2000000, "Current (charging is positive)", "Short circuit in discharge, seen by the front end; it takes the next threshold of its list below this. Latched."),
    ConfigField("scd_delay_us", "µs", 42, 1, 15, 450, "Current (charging is positive)", "How long it must last, in the front end's steps of 15 µs."),
    ConfigField("derating_temp_ddegc", "0.1 °C", 43, 10, -400, 900, "Current (charging is positive)", "Temperatures of the charge derating table; between two the lower current of both counts."),
    ConfigField("derating_current_ma", "mA", 53, 10, 0, 1000000, "Current (charging is positive)", "Charge current allowed at these temperatures (revision C gives them in P; here of 280 A). Above 0 °C alone is not safe: at 0 °C it is 8.4 A."),
    ConfigField("derating_delay_ms", "ms", 63, 1, 0, 60000, "Current (charging is positive)", "How long the charge current may be above the derating table."),
    ConfigField("current_mismatch_ma", "mA", 64, 1, 100, 100000, "Current (charging is positive)", "Plausibility: how far the two current sensors may disagree, besides the gain error of both."),
    ConfigField("current_mismatch_delay_ms", "ms", 65, 1, 0, 10000, "Current (charging is positive)", "How long it must last."),
    ConfigField("idle_current_ma", "mA", 66, 1, 10, 10000, "Current (charging is positive)", "Below it the pack counts as carrying no current."),
    ConfigField("charge_ot_trip_ddegc", "0.1 °C", 67, 1, 0, 900, "Temperature", "Charging stops above it. 55 °C less the errors of sensor and gradient."),
    ConfigField("charge_ot_release_ddegc", "0.1 °C", 68, 1, 0, 900, "Temperature", "Charging may go on at or below it."),
    ConfigField("charge_ut_trip_ddegc", "0.1 °C", 69, 1, -400, 300, "Temperature", "Charging stops below it. 0 °C and the errors of sensor and gradient."),
    ConfigField("charge_ut_release_ddegc", "0.1 °C", 70, 1, -400, 300, "Temperature", "Charging may go on at or above it."),
    ConfigField("discharge_ot_trip_ddegc", "0.1 °C", 71, 1, 0, 900, "Temperature", "Discharging stops above it. 52 °C, first proposed, leaves nothing of revision B's 55 °C."),
    ConfigField("discharge_ot_release_ddegc", "0.1 °C", 72, 1, 0, 900, "Temperature", "Discharging may go on at or below it."),
    ConfigField("discharge_ut_trip_ddegc", "0.1 °C", 73, 1, -500, 300, "Temperature", "Discharging stops below it."),
    ConfigField("discharge_ut_release_ddegc", "0.1 °C", 74, 1, -500, 300, "Temperature", "Discharging may go on at or above it."),
    ConfigField("temp_delay_ms", "ms", 75, 1, 0, 60000, "Temperature", "How long a temperature must be beyond its limit. Heat moves slowly in 5 kg; a reading may be noise."),
    ConfigField("afe_cov_mv", "mV", 76, 1, 2000, 4500, "Front end (acts alone when the host does not)", "Over-voltage of the front end, rounded down to a step of 50.6 mV: 3593 mV. Keep the host's trip below that step."),
    ConfigField("afe_cov_delay_ms", "ms", 77, 1, 10, 6000, "Front end (acts alone when the host does not)", "Its delay, after the host's."),
    ConfigField("afe_cuv_mv", "mV", 78, 1, 1000, 4000, "Front end (acts alone when the host does not)", "Under-voltage of the front end, rounded up to a step: 2530 mV."),
    ConfigField("afe_cuv_delay_ms", "ms", 79, 1, 10, 6000, "Front end (acts alone when the host does not)", "Its delay, after the host's."),
    ConfigField("afe_oc_ma", "mA", 80, 1, 1000, 1000000, "Front end (acts alone when the host does not)", "Over-current of the front end in both directions, rounded down to a step of 2 mV on the shunt."),
    ConfigField("afe_oc_delay_ms", "ms", 81, 1, 10, 426, "Front end (acts alone when the host does not)", "Its delay."),
    ConfigField("afe_watchdog_ms", "ms", 82, 1, 1000, 65000, "Front end (acts alone when the host does not)", "The front end opens when the host has not spoken for this long (whole seconds)."),
    ConfigField("afe_period_ms", "ms", 83, 1, 10, 1000, "Front end (acts alone when the host does not)", "Time between two readings; two of them fit the fast over-current's delay."),
    ConfigField("stale_ms", "ms", 84, 1, 100, 1000, "Front end (acts alone when the host does not)", "Readings older than this are no ground to stay closed."),
    ConfigField("afe_shunt_uohm", "µOhm", 85, 1, 50, 10000, "Front end (acts alone when the host does not)", "Shunt of the front end's coulomb counter."),
    ConfigField("ina_shunt_uohm", "µOhm", 86, 1, 50, 10000, "Front end (acts alone when the host does not)", "Shunt of the second current sensor."),
    ConfigField("ntc_r25_ohm", "Ohm", 87, 1, 1000, 200000, "Thermistors", "Resistance at 25 °C."),
    ConfigField("ntc_beta_k", "K", 88, 1, 2000, 6000, "Thermistors", "B value, 25/85 °C, of 103AT-2. It needs evidence: B3950 read as B3435 is 3.4 °C off at 0 °C."),
    ConfigField("ntc_pullup_ohm", "Ohm", 89, 1, 1000, 200000, "Thermistors", "The front end's internal pull-up."),
    ConfigField("ntc_open_ohm", "Ohm", 90, 1, 10000, 10000000, "Thermistors", "Above it the sensor counts as open: 10 kOhm is 200 kOhm only at -40 °C."),
    ConfigField("ntc_short_ohm", "Ohm", 91, 1, 1, 5000, "Thermistors", "Below it the sensor counts as shorted: 10 kOhm is 970 Ohm at 100 °C."),
    ConfigField("precharge_done_mv", "mV", 92, 1, 100, 10000, "Closing and opening", "Precharge is done when pack and load differ by less."),
    ConfigField("precharge_timeout_ms", "ms", 93, 1, 100, 30000, "Closing and opening", "Five time constants of 40 Ohm on 10 mF."),
    ConfigField("precharge_pause_ms", "ms", 94, 1, 1000, 600000, "Closing and opening", "Pause between two tries, for the resistor to cool."),
    ConfigField("precharge_attempts", "times", 95, 1, 1, 10, "Closing and opening", "Tries; after them it is the operator's."),
    ConfigField("open_request_ms", "ms", 96, 1, 0, 10000, "Closing and opening", "Before a contactor opens under load, charger and load are asked for zero current; after this time it opens all the same."),
    ConfigField("breaking_current_ma", "mA", 97, 1, 1000, 2000000, "Closing and opening", "What the contactor breaks. Above it the fuse must act first: it opens once the current is lower, or after breaking_wait_ms. Unsure: depends on the part that is bought."),
    ConfigField("breaking_wait_ms", "ms", 98, 1, 0, 10000, "Closing and opening", "How long opening waits for the fuse."),
    ConfigField("weld_delay_ms", "ms", 99, 1, 20, 5000, "Closing and opening", "A switch that still shows closed this long after it was opened is welded."),
    ConfigField("balance_min_mv", "mV", 100, 1, 2000, 4500, "Balancing", "Only cells at or above it are balanced: below, a voltage says little about charge."),
    ConfigField("balance_start_mv", "mV", 101, 1, 1, 500, "Balancing", "A cell starts when it is this much above the lowest."),
    ConfigField("balance_stop_mv", "mV", 102, 1, 0, 500, "Balancing", "It stops when it is no more than this above the lowest."),
    ConfigField("balance_temp_max_ddegc", "0.1 °C", 103, 1, 0, 900, "Balancing", "No balancing above it: the resistors heat the board."),
    ConfigField("balance_temp_min_ddegc", "0.1 °C", 104, 1, -400, 300, "Balancing", "No balancing below it."),
    ConfigField("soc_full_mv", "mV", 105, 1, 2000, 4500, "State of charge", "Full: highest cell at or above it and the charge current down to soc_full_tail_ma."),
    ConfigField("soc_full_tail_ma", "mA", 106, 1, 10, 1000000, "State of charge", "Tail current at full, 0.05C. Unsure: from memory."),
    ConfigField("soc_rest_ms", "ms", 107, 1, 60000, 86400000, "State of charge", "Rest after which the open-circuit voltage may anchor the count, outside the plateau only."),
    ConfigField("soc_ocv_low_permille", "0.1 %", 108, 1, 0, 500, "State of charge", "The open-circuit voltage anchors below it."),
    ConfigField("soc_ocv_high_permille", "0.1 %", 109, 1, 500, 1000, "State of charge", "The open-circuit voltage anchors above it."),
    ConfigField("ocv_permille", "0.1 %", 110, 13, 0, 1000, "State of charge", "State of charge of the open-circuit voltages below, ascending."),
    ConfigField("ocv_mv", "mV", 123, 13, 1000, 4500, "State of charge", "Open-circuit voltage of a cell. Assumption for any cell but the reference."),
    ConfigField("soc_save_ms", "ms", 136, 1, 10000, 3600000, "State of charge", "How often the count is kept, in two copies in turn."),
)

RULES: tuple[OrderRule, ...] = (
    OrderRule(("cell_min_mv", ), ("cell_max_mv", ), is_equal_allowed=False),
    OrderRule(("cell_uv_damage_mv", ), ("cell_uv_trip_mv", ), is_equal_allowed=False),
    OrderRule(("cell_min_mv", "cell_error_mv", ), ("cell_uv_trip_mv", ), is_equal_allowed=True),
    OrderRule(("cell_min_mv", "cell_error_mv", ), ("afe_cuv_mv", ), is_equal_allowed=True),
    OrderRule(("cell_uv_trip_mv", ), ("cell_uv_stop_mv", ), is_equal_allowed=False),
    OrderRule(("cell_uv_stop_mv", ), ("cell_uv_warn_mv", ), is_equal_allowed=False),
    OrderRule(("cell_uv_trip_mv", ), ("cell_uv_release_mv", ), is_equal_allowed=False),
    OrderRule(("cell_uv_release_mv", ), ("cell_ov_release_mv", ), is_equal_allowed=False),
    OrderRule(("cell_ov_release_mv", ), ("cell_ov_trip_mv", ), is_equal_allowed=False),
    OrderRule(("cell_uv_warn_mv", ), ("cell_ov_warn_mv", ), is_equal_allowed=False),
    OrderRule(("cell_ov_warn_mv", ), ("cell_ov_stop_mv", ), is_equal_allowed=False),
    OrderRule(("cell_ov_stop_mv", ), ("cell_ov_trip_mv", ), is_equal_allowed=False),
    OrderRule(("cell_ov_trip_mv", "cell_error_mv", ), ("cell_max_mv", ), is_equal_allowed=True),
    OrderRule(("afe_cov_mv", "cell_error_mv", ), ("cell_max_mv", ), is_equal_allowed=True),
    OrderRule(("cell_ov_trip_mv", ), ("cell_ov_damage_mv", ), is_equal_allowed=False),
    OrderRule(("imbalance_warn_mv", ), ("imbalance_trip_mv", ), is_equal_allowed=False),
    OrderRule(("current_warn_ma", ), ("oc_slow_trip_ma", ), is_equal_allowed=False),
    OrderRule(("oc_slow_trip_ma", ), ("oc_fast_trip_ma", ), is_equal_allowed=False),
    OrderRule(("oc_fast_trip_ma", "current_offset_ma", ), ("current_max_ma", ), is_equal_allowed=True),
    OrderRule(("afe_oc_ma", "current_offset_ma", ), ("current_max_ma", ), is_equal_allowed=True),
    OrderRule(("afe_oc_ma", ), ("scd_trip_ma", ), is_equal_allowed=False),
    OrderRule(("idle_current_ma", ), ("oc_slow_trip_ma", ), is_equal_allowed=False),
    OrderRule(("charge_ut_trip_ddegc", ), ("charge_ut_release_ddegc", ), is_equal_allowed=False),
    OrderRule(("charge_ut_release_ddegc", ), ("charge_ot_release_ddegc", ), is_equal_allowed=False),
    OrderRule(("charge_ot_release_ddegc", ), ("charge_ot_trip_ddegc", ), is_equal_allowed=False),
    OrderRule(("charge_ot_trip_ddegc", "temp_error_ddegc", "temp_gradient_ddegc", ), ("charge_temp_max_ddegc", ), is_equal_allowed=True),
    OrderRule(("charge_temp_min_ddegc", "temp_error_ddegc", "temp_gradient_ddegc", ), ("charge_ut_trip_ddegc", ), is_equal_allowed=True),
    OrderRule(("discharge_ut_trip_ddegc", ), ("discharge_ut_release_ddegc", ), is_equal_allowed=False),
    OrderRule(("discharge_ut_release_ddegc", ), ("discharge_ot_release_ddegc", ), is_equal_allowed=False),
    OrderRule(("discharge_ot_release_ddegc", ), ("discharge_ot_trip_ddegc", ), is_equal_allowed=False),
    OrderRule(("discharge_ot_trip_ddegc", "temp_error_ddegc", "temp_gradient_ddegc", ), ("discharge_temp_max_ddegc", ), is_equal_allowed=True),
    OrderRule(("discharge_temp_min_ddegc", "temp_error_ddegc", "temp_gradient_ddegc", ), ("discharge_ut_trip_ddegc", ), is_equal_allowed=True),
    OrderRule(("ntc_short_ohm", ), ("ntc_r25_ohm", ), is_equal_allowed=False),
    OrderRule(("ntc_r25_ohm", ), ("ntc_open_ohm", ), is_equal_allowed=False),
    OrderRule(("balance_stop_mv", ), ("balance_start_mv", ), is_equal_allowed=False),
    OrderRule(("balance_temp_min_ddegc", ), ("balance_temp_max_ddegc", ), is_equal_allowed=False),
    OrderRule(("soc_full_mv", ), ("cell_ov_stop_mv", ), is_equal_allowed=True),
    OrderRule(("soc_ocv_low_permille", ), ("soc_ocv_high_permille", ), is_equal_allowed=False),
    OrderRule(("afe_period_ms", "afe_period_ms", ), ("stale_ms", ), is_equal_allowed=False),
)

ASCENDING: tuple[str, ...] = ("derating_temp_ddegc", "ocv_permille", "ocv_mv", )
