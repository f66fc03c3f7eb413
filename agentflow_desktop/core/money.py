"""US dollars: ``Decimal`` in the program, integer nano-dollars in storage. Never a float."""

from decimal import ROUND_CEILING, Decimal

NANO_PER_USD = 1_000_000_000
ZERO_USD = Decimal(0)


def to_nano_usd(amount_usd: Decimal) -> int:
    """Nano-dollars of an amount, rounded up, so that a cost is never understated.

    Raises ValueError for NaN and infinities.
    """
    if not amount_usd.is_finite():
        raise ValueError(f"not an amount of money: {amount_usd}")
    return int((amount_usd * NANO_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def from_nano_usd(amount_nusd: int) -> Decimal:
    """Dollars of an integer count of nano-dollars, exact. Nothing is a plain 0, not ``0E-9``."""
    return Decimal(amount_nusd).scaleb(-9) if amount_nusd else ZERO_USD


def format_usd(amount_usd: Decimal) -> str:
    """An amount for people: ``$0``, cents from a dollar up, else four digits that matter.

    Rounds for reading only; exports write the exact value.
    """
    if amount_usd == 0:
        return "$0"
    sign = "-" if amount_usd < 0 else ""
    size = abs(amount_usd)
    if size >= 1:
        return f"{sign}${size:,.2f}"
    if size >= Decimal("0.0001"):
        return f"{sign}${size:.4f}"
    return f"{sign}${size.normalize():f}"


def exact_usd(amount_usd: Decimal) -> str:
    """Dollars to the last digit, without zeros that say nothing: ``$0.0000315``."""
    return f"${amount_usd.normalize():f}" if amount_usd else "$0"
