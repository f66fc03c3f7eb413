"""The job: measure every row on simulated packs that are built as the design says, but for what the
person overrides."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from agentflow_desktop.core.errors import InputRefused
from agentflow_desktop.core.events import StepOutput, StepProgress, StepStarted
from agentflow_desktop.core.ids import new_id
from agentflow_desktop.core.runs import RunContext
from agentflow_desktop.hardware.pack_config import (
    PackConfig,
    config_hash,
    hash_text,
    known_field,
    values_of,
)
from agentflow_desktop.hardware.telemetry.messages_table import Identity
from agentflow_desktop.workflows.board.claims import CLAIMS, Claim, claim_row
from agentflow_desktop.workflows.board.faults import FAULT_CHECKS, FaultCheck, fault_row
from agentflow_desktop.workflows.board.level_checks import LEVEL_CHECKS, LevelCheck
from agentflow_desktop.workflows.board.levels import LevelMeasuring
from agentflow_desktop.workflows.board.model import (
    CAMPAIGN_KIND,
    KIND,
    REQUEST_KIND,
    ROW_KIND,
    CampaignLine,
    Override,
    ProtectedBy,
    SelftestCampaign,
    SelftestRequest,
    SelftestResult,
    SelftestRow,
)
from agentflow_desktop.workflows.board.pack_link import PackValues, SimulatedPacks
from agentflow_desktop.workflows.board.rig import Rig
from agentflow_desktop.workflows.board.sequences import SEQUENCES, Measurement, sequence_row

Measure = Callable[[Rig], Awaitable[SelftestRow]]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; a step of the run."""

    title: str
    measures: tuple[Measure, ...]


def groups() -> tuple[Group, ...]:
    """Every row there is, in the order of the report."""
    return (
        Group("Identity and settings", tuple(partial(_claim, t, c) for t, c in CLAIMS)),
        Group("Limits that the host guards, the front end blind", _levels(ProtectedBy.HOST)),
        Group(
            "Limits that the front end guards alone, the host hung", _levels(ProtectedBy.FRONT_END)
        ),
        Group(
            "Single faults",
            (
                *(partial(_sequence, t, p, m) for t, p, m in SEQUENCES),
                *(partial(_fault, check) for check in FAULT_CHECKS),
            ),
        ),
    )


class SelftestJob:
    """Proves a design's limits."""

    kind = KIND

    def __init__(self, packs: SimulatedPacks) -> None:
        self._packs = packs

    def title(self, request: SelftestRequest) -> str:
        """One line for lists: what is tested, and that it is a simulation."""
        changed = ", ".join(f"{o.name}={','.join(map(str, o.values))}" for o in request.overrides)
        return "Self-test of a simulated board" + (f" with {changed}" if changed else "")

    async def run(self, request: SelftestRequest, context: RunContext) -> SelftestResult:
        """Every row and the campaign. Raises InputRefused, ToolMissing or DeviceSilent."""
        refuse_what_can_not_be(request)
        design = values_of(PackConfig.made_of({o.name: o.values for o in request.design}))
        rig = Rig(self._packs, design, _overridden(design, request.overrides))
        await _emit(context, "", REQUEST_KIND, request)
        identity = await _identity(rig)
        rows: list[SelftestRow] = []
        for group in groups():
            rows += await _measured(group, rig, context)
        campaign = await self._campaign(rig, context)
        return SelftestResult(
            is_simulated=identity.is_simulated,
            firmware=identity.firmware,
            board=identity.board,
            design_hash=hash_text(config_hash(design)),
            board_hash=hash_text(identity.config_hash),
            overrides=request.overrides,
            rows=tuple(rows),
            campaign=campaign,
            simulated_s=rig.simulated_us / 1_000_000,
            packs=rig.packs,
        )

    async def _campaign(self, rig: Rig, context: RunContext) -> tuple[CampaignLine, ...]:
        step_id = await _begin(context, "Every single fault in every state")
        lines = tuple(await self._packs.campaign(rig.built))
        await _emit(context, step_id, CAMPAIGN_KIND, SelftestCampaign(lines))
        return lines


def refuse_what_can_not_be(request: SelftestRequest) -> None:
    """Raises InputRefused for a request that no run can carry out."""
    if not request.is_simulated:
        raise InputRefused(
            "The self-test of a real board is not supported yet.",
            hint="agentflow board selftest --simulated runs it on a simulated one.",
        )
    for override in request.overrides:
        field = known_field(override.name)
        if refusal := field.refusal(override.values):
            raise InputRefused(refusal, hint="The firmware accepts nothing else for this field.")


async def _measured(group: Group, rig: Rig, context: RunContext) -> Sequence[SelftestRow]:
    step_id = await _begin(context, group.title)
    rows: list[SelftestRow] = []
    for done, measure in enumerate(group.measures):
        _publish(context, step_id, done, len(group.measures))
        rows.append(await measure(rig))
        await _emit(context, step_id, ROW_KIND, rows[-1])
    return rows


async def _identity(rig: Rig) -> Identity:
    async with rig.just_switched_on() as bench:
        return await bench.identity()


def _overridden(design: PackValues, overrides: tuple[Override, ...]) -> PackValues:
    return {**design, **{override.name: override.values for override in overrides}}


def _levels(path: ProtectedBy) -> tuple[Measure, ...]:
    return tuple(partial(_level, check) for check in LEVEL_CHECKS if check.path is path)


async def _level(check: LevelCheck, rig: Rig) -> SelftestRow:
    return await LevelMeasuring(rig, check).row()


async def _claim(title: str, claim: Claim, rig: Rig) -> SelftestRow:
    return await claim_row(rig, title, claim)


async def _sequence(title: str, path: ProtectedBy, measure: Measurement, rig: Rig) -> SelftestRow:
    return await sequence_row(rig, title, path, measure)


async def _fault(check: FaultCheck, rig: Rig) -> SelftestRow:
    return await fault_row(rig, check)


async def _begin(context: RunContext, title: str) -> str:
    step_id = new_id("step")
    await context.emit(
        StepStarted(run_id=context.run_id, at=context.clock.now(), step_id=step_id, title=title)
    )
    return step_id


async def _emit(context: RunContext, step_id: str, kind: str, body: object) -> None:
    await context.emit(
        StepOutput(
            run_id=context.run_id, at=context.clock.now(), step_id=step_id, kind=kind, body=body
        )
    )


def _publish(context: RunContext, step_id: str, done: int, total: int) -> None:
    context.publish(
        StepProgress(
            run_id=context.run_id, at=context.clock.now(), step_id=step_id,
            done=done, total=total, unit="rows",
        )
    )  # fmt: skip
