"""The self-test on the simulated pack: the reference passes, and whatever the firmware is built
with instead is found, in its own row and in no other."""

import pytest

from agentflow_desktop.adapters.simulated_pack import SimulatedPackPrograms
from agentflow_desktop.hardware.pack_config import PackConfig, values_of
from agentflow_desktop.hardware.telemetry.names_table import Diagnosis
from agentflow_desktop.workflows.board.faults import FAULT_CHECKS, NOT_PROVOKED
from agentflow_desktop.workflows.board.job import Group, groups
from agentflow_desktop.workflows.board.level_checks import LEVEL_CHECKS
from agentflow_desktop.workflows.board.model import SelftestRow, Verdict
from agentflow_desktop.workflows.board.pack_link import PackValues
from agentflow_desktop.workflows.board.rig import Rig
from support.host_program import needs_simulated_pack

pytestmark = [pytest.mark.anyio, needs_simulated_pack]
REFERENCE = values_of(PackConfig())
GROUPS = groups()
BY_SEQUENCE = {
    Diagnosis.PRECHARGE_FAILED,
    Diagnosis.SWITCH_WELDED,
    Diagnosis.FRONT_END_TRIP,
}


async def rows_of(group: Group, **built: int) -> list[SelftestRow]:
    return await rows_for(group, {**REFERENCE, **{name: (v,) for name, v in built.items()}})


async def rows_for(group: Group, built: PackValues) -> list[SelftestRow]:
    rig = Rig(SimulatedPackPrograms(), REFERENCE, built)
    return [await measure(rig) for measure in group.measures]


def failed(rows: list[SelftestRow]) -> dict[str, str]:
    return {row.protection: row.reason for row in rows if row.verdict is Verdict.FAILED}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
async def test_every_row_of_the_reference_pack_passes(group: Group) -> None:
    rows = await rows_of(group)
    assert len(rows) == len(group.measures) > 4
    assert failed(rows) == {}


async def test_every_limit_leaves_its_margin_to_the_datasheet() -> None:
    rows = [row for group in GROUPS[1:3] for row in await rows_of(group)]
    margins = {f"{row.protection} {row.path.value}": row.margin for row in rows if row.bound_field}
    assert len(margins) == 14
    assert min(margin for margin in margins.values() if margin is not None) >= 0
    assert None not in margins.values()


def test_every_diagnosis_that_can_be_provoked_is() -> None:
    provoked = {check.diagnosis for check in LEVEL_CHECKS}
    provoked |= {check.diagnosis for check in FAULT_CHECKS if check.diagnosis is not None}
    assert set(Diagnosis) - provoked - BY_SEQUENCE == set(NOT_PROVOKED)


@pytest.mark.parametrize(
    ("name", "value", "row", "says"),
    [
        ("cell_ov_trip_mv", 3800, "cell_over_voltage", "tripped at 3,801 mV, where"),
        ("cell_ov_delay_ms", 2500, "cell_over_voltage", "opened after 2.56 s, later than"),
        ("cell_ov_release_mv", 3450, "cell_over_voltage", "released at 3,450 mV, not 3,400 mV"),
        ("cell_uv_trip_mv", 2700, "cell_under_voltage", "tripped at 2,699 mV, where"),
        ("imbalance_trip_mv", 1200, "cell_imbalance", "tripped at 1,201 mV, where"),
        (
            "oc_slow_trip_ma",
            180_000,
            "charge_over_current",
            "tripped at 180.1 A, where the design's limit is 168.0 A",
        ),
        ("charge_ot_trip_ddegc", 530, "charge_over_temperature", "beyond the datasheet's bound"),
        (
            "discharge_ut_trip_ddegc",
            -190,
            "discharge_under_temperature",
            "tripped at -19.1 °C, where the design's limit is -15.0 °C",
        ),
        ("current_mismatch_ma", 9000, "current_mismatch", "where the design's limit is 5.1 A"),
    ],
)
async def test_a_limit_of_the_host_that_differs_is_found(
    name: str, value: int, row: str, says: str
) -> None:
    found = failed(await rows_of(GROUPS[1], **{name: value}))
    assert says in found[row]
    same_field = {
        check.diagnosis.name.lower()
        for check in LEVEL_CHECKS
        if name in (check.field, check.delay, check.release)
    }
    assert set(found) <= same_field


@pytest.mark.parametrize(
    ("name", "value", "rows"),
    [
        ("afe_cov_mv", 3700, {"cell_over_voltage"}),
        ("afe_cuv_mv", 2400, {"cell_under_voltage"}),
        ("afe_oc_ma", 300_000, {"charge_over_current_fast", "discharge_over_current_fast"}),
        ("scd_trip_ma", 600_000, {"short_circuit"}),
        ("afe_cov_delay_ms", 4000, {"cell_over_voltage"}),
    ],
)
async def test_a_limit_of_the_front_end_that_differs_is_found(
    name: str, value: int, rows: set[str]
) -> None:
    assert set(failed(await rows_of(GROUPS[2], **{name: value}))) == rows


async def test_old_readings_that_are_trusted_too_long_are_found() -> None:
    found = failed(await rows_of(GROUPS[3], stale_ms=950))
    assert {"cells unmeasured", "i2c stuck"} <= set(found)
    assert "open later than" in found["i2c stuck"]


async def test_settings_that_are_not_the_designs_are_told() -> None:
    found = failed(await rows_of(GROUPS[0], soc_full_mv=3449))
    assert set(found) == {"identity is the design's"}
    assert "these are other settings" in found["identity is the design's"]


async def test_a_firmware_that_can_not_even_close_fails_row_by_row() -> None:
    rows = await rows_of(GROUPS[2], cell_ov_damage_mv=3000)
    assert all(row.reason.startswith("not measured: ") for row in rows)


async def test_a_pack_of_eight_cells_with_mosfets_passes_as_well() -> None:
    changed = {"cell_count": (8,), "ntc_count": (2,), "switch_kind": (0,)}
    design = {**REFERENCE, **changed}
    rig = Rig(SimulatedPackPrograms(), design, design)
    rows = [await measure(rig) for group in GROUPS for measure in group.measures]
    assert failed(rows) == {}
