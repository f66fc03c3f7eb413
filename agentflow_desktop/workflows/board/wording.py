"""Quantities as a person reads them, out of the whole numbers that the firmware holds."""

_SCALES = {
    "0.1 °C": (10, "°C", 1),
    "mA": (1000, "A", 1),
    "0.1 %": (10, "%", 1),
}


def quantity(value: int, unit: str) -> str:
    """``3,600 mV``, ``50.0 °C``, ``168.1 A``, ``1.05 s``."""
    if unit in _SCALES:
        divisor, shown, digits = _SCALES[unit]
        return f"{value / divisor:,.{digits}f} {shown}"
    if unit == "ms":
        return quantity(value * 1000, "µs")
    if unit == "µs":
        return _duration(value)
    return f"{value:,} {unit}".rstrip()


def _duration(us: int) -> str:
    if us >= 10_000_000:
        return f"{us / 1_000_000:.1f} s"
    if us >= 1_000_000:
        return f"{us / 1_000_000:.2f} s"
    if us >= 1_000:
        return f"{us / 1_000:.0f} ms"
    return f"{us} µs"
