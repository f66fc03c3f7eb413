"""How a quantity is put at a level on a simulated pack, and the levels it can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from agentflow_desktop.hardware.telemetry.names_table import SimQuantity
from agentflow_desktop.workflows.board.bench import PackBench

_CELL, _SENSOR = 4, 2  # one among its like, neither first nor last
_SPREAD_FROM_MV = 3300


class Stimulus(Enum):
    ONE_CELL = auto()
    ALL_CELLS = auto()
    SPREAD = auto()  # one cell below all others by the level
    CHARGE_CURRENT = auto()
    DISCHARGE_CURRENT = auto()
    TEMPERATURE = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """``step`` is the finest that is measured, ``tolerance`` what quantisation of the path makes of
    a level, ``quiet`` a level at which nothing is wrong."""

    step: int
    tolerance: int
    quiet: int
    lowest: int
    highest: int


SPANS: Mapping[Stimulus, Span] = MappingProxyType(
    {
        Stimulus.ONE_CELL: Span(1, 2, 3300, 300, 5000),
        Stimulus.ALL_CELLS: Span(1, 2, 3300, 300, 5000),
        Stimulus.SPREAD: Span(1, 3, 0, 0, 2500),
        Stimulus.CHARGE_CURRENT: Span(100, 200, 0, 0, 1_000_000),
        Stimulus.DISCHARGE_CURRENT: Span(100, 200, 0, 0, 1_000_000),
        Stimulus.TEMPERATURE: Span(1, 3, 250, -450, 1000),
    }
)


async def apply_level(bench: PackBench, stimulus: Stimulus, level: int) -> None:
    """Put it there, at once."""
    cells = bench.cells
    cell = min(_CELL, cells - 1)
    match stimulus:
        case Stimulus.ONE_CELL:
            await bench.set(SimQuantity.CELL_MV, level, cell)
        case Stimulus.ALL_CELLS:
            for index in range(cells):
                await bench.set(SimQuantity.CELL_MV, level, index)
        case Stimulus.SPREAD:
            for index in range(cells):
                lower = level if index == cell else 0
                await bench.set(SimQuantity.CELL_MV, _SPREAD_FROM_MV - lower, index)
        case Stimulus.CHARGE_CURRENT:
            await bench.set(SimQuantity.CHARGER_CURRENT_MA, level)
        case Stimulus.DISCHARGE_CURRENT:
            await bench.set(SimQuantity.LOAD_CURRENT_MA, level)
        case Stimulus.TEMPERATURE:
            await bench.set(SimQuantity.SENSOR_DDEGC, level, min(_SENSOR, bench.sensors - 1))
