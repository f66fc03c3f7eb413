"""Dollars and nano-dollars: exact, rounded up, readable."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow_desktop.core.money import format_usd, from_nano_usd, to_nano_usd


@given(st.integers(-(10**15), 10**15))
def test_nano_dollars_come_back_exactly(amount_nusd: int) -> None:
    assert to_nano_usd(from_nano_usd(amount_nusd)) == amount_nusd


@given(st.decimals(0, 10**6, places=15))
def test_a_cost_is_rounded_up_by_less_than_one_nano_dollar(amount_usd: Decimal) -> None:
    kept_usd = from_nano_usd(to_nano_usd(amount_usd))
    assert 0 <= kept_usd - amount_usd < Decimal("0.000000001")


@pytest.mark.parametrize("amount_usd", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_no_amount_is_refused(amount_usd: Decimal) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        to_nano_usd(amount_usd)


def test_nothing_is_written_as_a_plain_zero() -> None:
    assert str(from_nano_usd(0)) == "0"
    assert str(from_nano_usd(1_500_000_000)) == "1.500000000"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("1234.5", "$1,234.50"),
        ("-2", "-$2.00"),
        ("0.5", "$0.5000"),
        ("0.0001", "$0.0001"),
        ("0.000000125", "$0.000000125"),
    ],
)
def test_an_amount_is_written_for_people(amount: str, text: str) -> None:
    assert format_usd(Decimal(amount)) == text
