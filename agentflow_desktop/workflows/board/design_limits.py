"""Where a design puts each trip: the field itself, or the step of the front end that it becomes.

The firmware computes the same; that both agree is what the self-test shows.
"""

from collections.abc import Callable

from agentflow_desktop.workflows.board.pack_link import PackValues

LimitOf = Callable[[PackValues, str, int | None], int]
"""The limit from all values, the field that holds it, and a temperature if one is held."""

# Source: BQ76952 technical reference manual (SLUUBY2B), sections on CUV, COV, OCC, OCD and SCD.
_VOLTAGE_STEP_TENTH_MV = 506
_CURRENT_STEP_UV = 2000
_SHORT_STEPS_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
_PPM = 1_000_000
_CONTACTOR = 1  # of switch_kind
_CONTACTOR_OPENS_WITHIN_US = 15_000  # the simulated one takes 12 ms
SHORT_RISES_WITHIN_US = 500
"""What a current takes to pass the threshold, and the front end to step its count."""


def switch_opens_within_us(values: PackValues) -> int:
    """What the switch itself adds to every opening: contacts have to move, MOSFETs don't."""
    return _CONTACTOR_OPENS_WITHIN_US if values["switch_kind"][0] == _CONTACTOR else 0


def value_of(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    return values[field][0]


def down_to_voltage_step(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    """Over-voltage, in whole millivolts below the step that it is rounded down to."""
    steps = values[field][0] * 10 // _VOLTAGE_STEP_TENTH_MV
    return steps * _VOLTAGE_STEP_TENTH_MV // 10


def up_to_voltage_step(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    """Under-voltage, in whole millivolts above the step that it is rounded up to."""
    steps = -(-values[field][0] * 10 // _VOLTAGE_STEP_TENTH_MV)
    return -(-steps * _VOLTAGE_STEP_TENTH_MV // 10)


def down_to_current_step(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    shunt_uohm = values["afe_shunt_uohm"][0]
    steps = values[field][0] * shunt_uohm // 1000 // _CURRENT_STEP_UV
    return steps * _CURRENT_STEP_UV * 1000 // shunt_uohm


def down_to_short_step(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    """The highest threshold of the front end's list that is not above the field."""
    shunt_uohm = values["afe_shunt_uohm"][0]
    limit_uv = values[field][0] * shunt_uohm // 1000
    held_mv = max((mv for mv in _SHORT_STEPS_MV if mv * 1000 <= limit_uv), default=0)
    return held_mv * 1_000_000 // shunt_uohm


def derated_current(values: PackValues, _field: str, temp_ddegc: int | None) -> int:
    """Between two temperatures of the table the lower current of both; none outside of it."""
    at = temp_ddegc if temp_ddegc is not None else 250
    temps, currents = values["derating_temp_ddegc"], values["derating_current_ma"]
    for place in range(len(temps) - 1):
        if temps[place] <= at <= temps[place + 1]:
            return min(currents[place], currents[place + 1])
    return 0


def mismatch_of_currents(values: PackValues, field: str, _temp_ddegc: int | None) -> int:
    """With one sensor reading nothing: its limit and the gain error of both."""
    gains_ppm = 2 * values["current_error_ppm"][0]
    return values[field][0] * _PPM // (_PPM - gains_ppm)
