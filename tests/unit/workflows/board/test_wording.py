"""Whole numbers of the firmware as a person reads them."""

import pytest

from agentflow_desktop.workflows.board.wording import quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3600, "mV", "3,600 mV"),
        (-151, "0.1 °C", "-15.1 °C"),
        (168_100, "mA", "168.1 A"),
        (999, "0.1 %", "99.9 %"),
        (200, "µs", "200 µs"),
        (160_684, "µs", "161 ms"),
        (1_062_000, "µs", "1.06 s"),
        (60_050, "ms", "60.0 s"),
        (12, "", "12"),
    ],
)
def test_a_quantity_is_shown_in_the_unit_that_people_use(value: int, unit: str, text: str) -> None:
    assert quantity(value, unit) == text
