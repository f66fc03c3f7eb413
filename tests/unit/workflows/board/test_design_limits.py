"""Where a design puts a trip of the front end: on the step at the safe side of its field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.hardware.pack_config import PackConfig, values_of
from agentflow_desktop.workflows.board.design_limits import (
    LimitOf,
    derated_current,
    down_to_current_step,
    down_to_short_step,
    down_to_voltage_step,
    mismatch_of_currents,
    up_to_voltage_step,
)

REFERENCE = values_of(PackConfig())


def limit(of: LimitOf, field: str, value: int, temp_ddegc: int | None = None) -> int:
    return of({**REFERENCE, field: (value,)}, field, temp_ddegc)


@pytest.mark.parametrize(
    ("of", "field", "value", "held"),
    [
        (down_to_voltage_step, "afe_cov_mv", 3600, 3592),  # 71 x 50.6 = 3592.6
        (down_to_voltage_step, "afe_cov_mv", 3650, 3643),  # 72 x 50.6 = 3643.2
        (up_to_voltage_step, "afe_cuv_mv", 2500, 2530),  # 50 x 50.6
        (up_to_voltage_step, "afe_cuv_mv", 2530, 2530),
        (up_to_voltage_step, "afe_cuv_mv", 2531, 2581),  # 51 x 50.6 = 2580.6
        (down_to_current_step, "afe_oc_ma", 270_000, 266_666),  # 80 mV on 0.3 mOhm
        (down_to_short_step, "scd_trip_ma", 400_000, 333_333),  # 100 mV, 125 mV is above
        (down_to_short_step, "scd_trip_ma", 420_000, 416_666),
        (down_to_short_step, "scd_trip_ma", 20_000, 0),  # less than the lowest threshold
    ],
)
def test_a_step_of_the_front_end_is_on_the_safe_side(
    of: LimitOf, field: str, value: int, held: int
) -> None:
    assert limit(of, field, value) == held


@given(st.integers(1012, 4500))
def test_no_step_is_ever_on_the_other_side_nor_further_than_one_away(value: int) -> None:
    assert 0 <= value - limit(down_to_voltage_step, "afe_cov_mv", value) <= 51
    assert 0 <= limit(up_to_voltage_step, "afe_cuv_mv", value) - value <= 51


@pytest.mark.parametrize(
    ("temp_ddegc", "current_ma"),
    [(-1, 0), (0, 8400), (120, 84_000), (400, 224_000), (520, 70_000), (601, 0), (None, 224_000)],
)
def test_between_two_temperatures_the_lower_current_counts(
    temp_ddegc: int | None, current_ma: int
) -> None:
    assert derated_current(REFERENCE, "derating_current_ma", temp_ddegc) == current_ma


def test_two_sensors_may_differ_by_the_gain_of_both_besides() -> None:
    found = mismatch_of_currents(REFERENCE, "current_mismatch_ma", None)
    assert found - found * 2 // 100 == pytest.approx(5000, abs=1)
