"""Quantities and outcomes as a person reads them, out of the whole numbers that firmware holds."""

from collections.abc import Mapping
from types import MappingProxyType

from agentflow_desktop.workflows.board.model import SelftestResult, Verdict

_SCALES: Mapping[str, tuple[int, str, int]] = MappingProxyType(
    {"0.1 °C": (10, "°C", 1), "mA": (1000, "A", 1), "0.1 %": (10, "%", 1)}
)
VERDICTS: Mapping[Verdict, str] = MappingProxyType({Verdict.PASSED: "PASS", Verdict.FAILED: "FAIL"})


def quantity(value: int, unit: str) -> str:
    """``3,600 mV``, ``50.0 °C``, ``168.1 A``, ``1.06 s``."""
    if unit in _SCALES:
        divisor, shown, digits = _SCALES[unit]
        return f"{value / divisor:,.{digits}f} {shown}"
    if unit == "ms":
        return _duration(value * 1_000)
    if unit == "µs":
        return _duration(value)
    return f"{value:,} {unit}".rstrip()


def summary_text(result: SelftestResult) -> str:
    """``SIMULATED: 43 of 44 rows pass, 1 FAILS; 133 of 133 faults end safe.``"""
    failed, unsafe = len(result.failed), len(result.unsafe)
    passed = len(result.rows) - failed
    text = f"SIMULATED: {passed} of {len(result.rows)} rows pass"
    text += f", {failed} FAIL" if failed else ""
    if result.campaign:
        safe = len(result.campaign) - unsafe
        text += f"; {safe} of {len(result.campaign)} faults end safe"
    return f"{text}."


def _duration(us: int) -> str:
    if us >= 10_000_000:
        return f"{us / 1_000_000:.1f} s"
    if us >= 1_000_000:
        return f"{us / 1_000_000:.2f} s"
    if us >= 1_000:
        return f"{us / 1_000:.0f} ms"
    return f"{us} µs"
